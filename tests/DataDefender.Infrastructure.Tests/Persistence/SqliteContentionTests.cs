using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Persistence;

/// <summary>The embedded database is written by Web and RadiusHost at once: two processes, one file.</summary>
public sealed class SqliteContentionTests(ITestOutputHelper output)
{
    private const string CompanyVariable = "DATADEFENDER_TEST_COMPANY";
    private const string DatabaseVariable = "DATADEFENDER_TEST_DATABASE";
    private const int Batches = 60;
    private const int BatchSize = 100;
    private const int Writers = 3;

    /// <summary>Far below the 30 s after which SQLite would give up, although here nobody ever pauses.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task Two_processes_write_at_once_and_neither_finds_the_database_locked()
    {
        await using var services = await TestServices.CreateAsync();
        var company = await TestCompany.CreateFullAsync(services);
        using var other = StartOther(services, company);
        var waits = new ConcurrentBag<TimeSpan>();
        var read = 0;
        using var done = new CancellationTokenSource();
        var readers = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await using var db = company.Open();
                Assert.NotEmpty(await db.LiveSessions.Take(50).ToListAsync());
                read++;
            }
        });
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => SellAsync(company, writer, waits, done.Token))).ToList();
        var rest = await other.StandardOutput.ReadToEndAsync();
        await other.WaitForExitAsync();
        await done.CancelAsync();
        await Task.WhenAll([readers, .. writers]);

        output.WriteLine($"{waits.Count} saves here beside {Batches} batches of {BatchSize} there; longest wait {waits.Max().TotalMilliseconds:0} ms; {read} reads");
        Assert.True(other.ExitCode == 0, rest);
        Assert.InRange(waits.Max(), TimeSpan.Zero, Patience);
        Assert.True(waits.Count > 50 && read > 10);
        await using var db = company.Open();
        Assert.Equal(1 + waits.Count, await db.Clients.CountAsync());
        Assert.Equal(1 + BatchSize, await db.LiveSessions.CountAsync());
        Assert.True(await db.LiveSessions.CountAsync(s => s.SessionSeconds == Batches) == BatchSize);
        Assert.IsType<AuditVerdict.Intact>(await services.Provider.GetRequiredService<IAuditVerifier>().VerifyAsync(company.Id));
    }

    /// <summary>What RadiusHost does: folds accounting into the open sessions, a batch a transaction. Started by the test above, in a process of its own.</summary>
    [Fact(Explicit = true)]
    public async Task The_other_process()
    {
        var company = Guid.Parse(Environment.GetEnvironmentVariable(CompanyVariable)!, CultureInfo.InvariantCulture);
        var create = Providers.Create(DatabaseProvider.Sqlite, Environment.GetEnvironmentVariable(DatabaseVariable)!);
        var clock = new ManualClock();
        var keys = new List<Guid>();
        for (var batch = 0; batch <= Batches; batch++)
        {
            await using var db = create();
            db.Stamp(company, Actor.System("radius"), clock);
            if (batch == 0)
            {
                var nas = await db.NasDevices.FirstAsync();
                db.AddRange(Enumerable.Range(0, BatchSize).Select(i => new LiveSession { TenantId = company, NasId = nas.Id, AcctSessionId = $"other-{i}", StartedAt = clock.Now, UpdatedAt = clock.Now }));
                await db.SaveChangesAsync();
                keys = [.. db.LiveSessions.Local.Select(s => s.Id)];
                continue;
            }

            await using var transaction = await db.Database.BeginTransactionAsync();
            foreach (var session in await db.LiveSessions.Where(s => keys.Contains(s.Id)).ToListAsync())
            {
                (session.SessionSeconds, session.UploadBytes) = (batch, batch * 1_000_000L);
            }

            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }
    }

    private static async Task SellAsync(TestCompany company, int writer, ConcurrentBag<TimeSpan> waits, CancellationToken until)
    {
        for (var i = 0; !until.IsCancellationRequested; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await using var db = company.Open();
            db.Clients.Add(new Client(company.Id, AccountNumbers.WithCheckDigit(200_000 + (writer * 100_000) + i), new ClientInput { Name = $"Client {writer}.{i}", Phone = "0712345678" }, DateTime.UnixEpoch));
            await db.SaveChangesAsync(CancellationToken.None);
            waits.Add(Stopwatch.GetElapsedTime(start));
        }
    }

    private static Process StartOther(TestServices services, TestCompany company)
    {
        var start = new ProcessStartInfo("dotnet", [
            typeof(SqliteContentionTests).Assembly.Location, "-explicit", "only", "-noColor", "-method", $"{typeof(SqliteContentionTests).FullName}.{nameof(The_other_process)}",
        ]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment[CompanyVariable] = company.Id.ToString();
        start.Environment[DatabaseVariable] = services.Database.ConnectionString;
        return Process.Start(start)!;
    }
}
