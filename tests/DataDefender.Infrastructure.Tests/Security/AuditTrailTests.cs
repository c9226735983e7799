using System.Text.Json;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Security;

public sealed class AuditTrailTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task A_change_is_recorded_with_who_what_before_and_after(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var client = await company.AddClientAsync("Wanjikũ Kamau");
        var actor = new Actor(Guid.CreateVersion7(), "Otieno (support)", new HashSet<string>());

        await using (var scope = services.Scope(company.Id, actor))
        await using (var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync())
        {
            var found = await db.Clients.SingleAsync(c => c.Id == client.Id);
            found.Change(new ClientInput { Name = "Wanjikũ Njoroge", Phone = client.Phone, Email = client.Email });
            await db.SaveChangesAsync();
        }

        await using var reading = company.Open();
        var line = await reading.AuditEntries.OrderByDescending(e => e.Sequence).FirstAsync();
        Assert.Equal(("changed", nameof(Client), client.Id.ToString()), (line.Action, line.Entity, line.EntityId));
        Assert.Equal((actor.Id, actor.Name, services.Clock.Now), (line.ActorId, line.Actor, line.At));
        Assert.Equal("""{"Name":"Wanjikũ Kamau"}""", line.Before);
        Assert.Equal("""{"Name":"Wanjikũ Njoroge"}""", line.After);
        Assert.StartsWith("Wanjikũ Njoroge (", line.Label, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_removal_keeps_the_values_that_were(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var client = await company.AddClientAsync("Gone tomorrow");

        await using (var db = company.Open())
        {
            db.Clients.Remove(await db.Clients.SingleAsync(c => c.Id == client.Id));
            await db.SaveChangesAsync();
        }

        await using var reading = company.Open();
        var line = await reading.AuditEntries.OrderByDescending(e => e.Sequence).FirstAsync();
        Assert.Equal("removed", line.Action);
        Assert.Null(line.After);
        Assert.Equal("Gone tomorrow", JsonDocument.Parse(line.Before!).RootElement.GetProperty("Name").GetString());
    }

    [Fact]
    public async Task What_is_only_observed_leaves_no_line()
    {
        var services = await databases.GetAsync(DatabaseProvider.Sqlite);
        var company = await TestCompany.CreateAsync(services);
        var router = await company.AddRouterAsync();
        await using var db = company.Open();
        var lines = await db.AuditEntries.CountAsync();

        var found = await db.Routers.SingleAsync(r => r.Id == router.Id);
        found.Observe(Domain.Network.RouterState.Up, null, services.Clock.Now, services.Clock.Now);
        await db.SaveChangesAsync();

        Assert.Equal(lines, await db.AuditEntries.CountAsync());
    }

    [Theory, EachDatabase]
    public async Task Thirty_two_writers_at_once_make_one_chain_without_a_gap(DatabaseProvider provider)
    {
        const int writers = 32;
        const int saves = 4;
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var bystander = await TestCompany.CreateAsync(services, "Bystander");
        using var start = new Barrier(writers);

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Factory.StartNew(async () =>
        {
            start.SignalAndWait();
            for (var save = 0; save < saves; save++)
            {
                await company.AddClientAsync($"Client {writer}.{save}");
            }

            await bystander.AddClientAsync();
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));

        await using var db = company.Open();
        var numbers = await db.AuditEntries.OrderBy(e => e.Sequence).Select(e => e.Sequence).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 1 + (writers * saves)).Select(n => (long)n), numbers); // 1: the company's own creation
        Assert.Equal(new AuditVerdict.Intact(numbers.Count), await VerifyAsync(services, company.Id));
        Assert.Equal(new AuditVerdict.Intact(1 + writers), await VerifyAsync(services, bystander.Id));
    }

    [Theory, EachDatabase]
    public async Task A_failed_save_leaves_no_line_and_saving_again_leaves_one(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        await company.AddStaffAsync(Role.Support, "taken@savanna.test");
        await using var db = company.Open();
        var second = new StaffMember(Guid.CreateVersion7(), company.Id, "Second", "taken@savanna.test", Role.Support, services.Clock.Now);
        db.Staff.Add(second);
        await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
        Assert.Equal(new AuditVerdict.Intact(2), await VerifyAsync(services, company.Id));

        db.Staff.Remove(second);
        db.Staff.Add(new StaffMember(Guid.CreateVersion7(), company.Id, "Second", "free@savanna.test", Role.Support, services.Clock.Now));
        await company.AddClientAsync(); // somebody else writes in between
        await db.SaveChangesAsync();

        Assert.Equal(new AuditVerdict.Intact(4), await VerifyAsync(services, company.Id));
    }

    [Theory, EachDatabase]
    public async Task The_database_refuses_to_change_or_remove_a_line(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateFullAsync(services);
        await using var db = company.Open();
        await using var platform = services.OpenPlatform();

        foreach (var context in (DataDefenderDbContext[])[db, platform])
        {
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => context.ExecuteAsync("UPDATE audit_entries SET actor = 'nobody'"));
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => context.ExecuteAsync("DELETE FROM audit_entries"));
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => context.AuditEntries.AcrossTenants().ExecuteDeleteAsync());
        }

        Assert.IsType<AuditVerdict.Intact>(await VerifyAsync(services, company.Id));
    }

    [Fact]
    public void Times_are_kept_to_the_microsecond_that_every_database_keeps()
    {
        var entry = new AuditEntry(Guid.CreateVersion7(), 1, new DateTime(639_000_000_000_000_007, DateTimeKind.Utc), null, "x", "x", "x", "x", "x", null, null, new byte[32]);

        Assert.Equal(639_000_000_000_000_000, entry.At.Ticks);
    }

    private static Task<AuditVerdict> VerifyAsync(TestServices services, Guid tenantId) =>
        services.Provider.GetRequiredService<IAuditVerifier>().VerifyAsync(tenantId);
}
