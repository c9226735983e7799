using System.Data.Common;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Persistence;
using DataDefender.RadiusHost.Access;
using DataDefender.Testing;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DataDefender.RadiusHost.Tests;

public sealed class LoginLogTests
{
    private readonly LoginLog _log = new();

    [Fact]
    public void Refusals_have_room_when_accepted_logins_have_filled_theirs()
    {
        for (var i = 0; i < LoginLog.Capacity; i++)
        {
            Add(LoginOutcome.Accepted);
        }

        Assert.Equal((LoginLog.ForAccepts, (long)(LoginLog.Capacity - LoginLog.ForAccepts)), (_log.Waiting, _log.Dropped));

        for (var i = 0; i < LoginLog.Capacity; i++)
        {
            Add(LoginOutcome.WrongPassword);
        }

        Assert.Equal(LoginLog.Capacity, _log.Waiting);
        Assert.Equal(LoginLog.Capacity - LoginLog.ForAccepts, _log.Take(LoginLog.Capacity).Count(a => a.Outcome is LoginOutcome.WrongPassword));
    }

    [Fact]
    public void Words_that_a_packet_brought_hold_nothing_that_a_database_refuses_and_are_no_longer_than_it_keeps()
    {
        Add(LoginOutcome.WrongPlace, "The line is not locked to eth\0" + "1.");
        Add(LoginOutcome.WrongPlace, new string('x', LoginAttempt.MaxDetail - 1) + "\U0001F600 and more");

        var taken = _log.Take(2);

        Assert.Equal("The line is not locked to eth\uFFFD" + "1.", taken[0].Detail);
        Assert.Equal(new string('x', LoginAttempt.MaxDetail - 1), taken[1].Detail);
    }

    [Theory]
    [EachDatabase]
    public async Task A_row_that_the_database_refuses_is_dropped_and_counted_and_those_around_it_are_stored(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        await RefuseAsync(services.Database, provider);

        await using var host = RunningHost.Prepare(services.Database);
        var log = host.Service<LoginLog>();
        for (var i = 0; i < 300; i++)
        {
            Add(log, company.Id, i is 100 or 250 ? "poison" : $"good-{i}");
        }

        await host.StartAsync();

        await Eventually.Is(async () =>
        {
            await using var db = company.Open();
            return await db.LoginAttempts.CountAsync() == 298;
        });
        Assert.Equal(2, log.Dropped);
        Assert.Equal(2, host.Log.Lines.Count(line => line.Contains("cannot be stored and was dropped", StringComparison.Ordinal)));
    }

    private static async Task RefuseAsync(TestDatabase database, DatabaseProvider provider)
    {
        await using DbConnection owner = provider switch
        {
            DatabaseProvider.Sqlite => new SqliteConnection(database.OwnerConnectionString),
            DatabaseProvider.PostgreSql => new NpgsqlConnection(database.OwnerConnectionString),
            _ => new SqlConnection(database.OwnerConnectionString),
        };
        await owner.OpenAsync();
        await using var command = owner.CreateCommand();
        command.CommandText = provider is DatabaseProvider.Sqlite
            ? "CREATE TRIGGER refusing BEFORE INSERT ON login_attempts WHEN NEW.username = 'poison' BEGIN SELECT RAISE(ABORT, 'refused'); END"
            : "ALTER TABLE login_attempts ADD CONSTRAINT refusing CHECK (username <> 'poison')";
        await command.ExecuteNonQueryAsync();
    }

    private static void Add(LoginLog log, Guid tenantId, string username)
    {
        var request = new AccessRequest { UserName = System.Text.Encoding.UTF8.GetBytes(username) };
        log.Add(tenantId, Guid.CreateVersion7(), request, new Verdict(LoginOutcome.UnknownUser, "Nobody.", null), TimeProvider.System.GetUtcNow().UtcTicks, isTest: false);
    }

    private void Add(LoginOutcome outcome, string detail = "") => _log.Add(Guid.CreateVersion7(), Guid.CreateVersion7(), default, new Verdict(outcome, detail, null), utcTicks: 1, isTest: false);
}
