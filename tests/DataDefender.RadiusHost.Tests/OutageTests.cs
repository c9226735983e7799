using System.Net;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>The database is away: nobody is rejected, nothing is lost.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Logins_and_accounting_go_on_and_what_was_acknowledged_arrives_afterwards()
    {
        await using var services = await TestServices.CreateAsync();
        var company = await PrepareAsync(services);
        await using var host = await RunningHost.StartAsync(services.Database);
        using var outage = new Outage(services.Database);
        await Eventually.Is(() => !host.Service<LineDirectory>().DatabaseReachable);

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(RadiusCode.AccessAccept, (await host.Client().PapAsync("wanjiku", HostFixture.Password)).Code);
            await host.Client().AskAsync(host.Client().AccountingRequest(AcctStatusType.Start, "wanjiku", $"outage-{i}"));
        }

        using var http = host.Http();
        Assert.True((await http.GetAsync("/health/ready")).IsSuccessStatusCode);
        Assert.Equal(50, host.Service<Status.Pulse>().Depth);

        outage.End();
        await host.AppliedAsync();
        await using var db = company.Open();
        Assert.Equal(50, await db.LiveSessions.CountAsync() + await db.SessionRecords.CountAsync());
    }

    [Fact]
    public async Task A_start_without_the_database_answers_from_the_copy_on_disk()
    {
        await using var services = await TestServices.CreateAsync();
        await PrepareAsync(services);
        await using (var first = await RunningHost.StartAsync(services.Database))
        {
            Assert.Equal(RadiusCode.AccessAccept, (await first.Client().MsChapV2Async("wanjiku", HostFixture.Password)).Code);
        }

        using var outage = new Outage(services.Database);
        await using var cold = await RunningHost.StartAsync(services.Database);

        Assert.Equal(DirectorySource.File, cold.Service<LineDirectory>().Source);
        var reply = await cold.Client().MsChapV2Async("wanjiku", HostFixture.Password);
        Assert.Equal((RadiusCode.AccessAccept, "10M/10M", "100.64.0.1"), (reply.Code, reply["Mikrotik-Rate-Limit"], reply["Framed-IP-Address"]));
        Assert.Equal("suspended", (await cold.Client().PapAsync("kamau", HostFixture.Password))["Mikrotik-Address-List"]);
        Assert.Equal(RadiusCode.AccessReject, (await cold.Client().PapAsync("wanjiku", "wrong")).Code);
        await cold.Client().AskAsync(cold.Client().AccountingRequest(AcctStatusType.Start, "wanjiku", "cold-1"));

        outage.End();
        await Eventually.Is(() => cold.Service<LineDirectory>().Source is DirectorySource.Database);
        await cold.AppliedAsync();
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("segment")]
    public async Task A_start_with_a_journal_directory_that_fails_answers_logins_and_takes_accounting_when_it_is_mended(string what)
    {
        await using var services = await TestServices.CreateAsync();
        var company = await PrepareAsync(services);
        await using (var first = await RunningHost.StartAsync(services.Database))
        {
            await first.Client().AskAsync(first.Client().AccountingRequest(AcctStatusType.Start, "wanjiku", "before"));
        }

        var folder = Path.Combine(services.Database.Folder.FullName, "radius");
        var file = what is "lock" ? Path.Combine(folder, "lock") : Directory.GetFiles(folder, "*" + JournalFormat.Extension).Order(StringComparer.Ordinal).First();
        using var broken = new Unreadable(file);
        await using var host = await RunningHost.StartAsync(services.Database);

        Assert.Equal(RadiusCode.AccessAccept, (await host.Client().PapAsync("wanjiku", HostFixture.Password)).Code);
        Assert.IsType<RadiusExchange.NoAnswer>(await host.Client().ExchangeAsync(host.Client().AccountingRequest(AcctStatusType.Start, "wanjiku", "refused")));
        using var http = host.Http();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/health/ready")).StatusCode);
        Assert.NotNull(host.Service<ApplierStatus>().Unreadable);

        broken.Mend();
        await Eventually.Is(() => host.Service<Journal>().IsOpen);
        await host.Client().AskAsync(host.Client().AccountingRequest(AcctStatusType.Start, "wanjiku", "after"));
        await host.AppliedAsync();
        Assert.True((await http.GetAsync("/health/ready")).IsSuccessStatusCode);
        await using var db = company.Open();
        Assert.Equal(1, await db.LiveSessions.CountAsync(s => s.AcctSessionId == "after"));
    }

    [Fact]
    public async Task A_journal_file_that_cannot_be_read_later_raises_the_alarm_and_is_carried_over_when_it_can()
    {
        await using var services = await TestServices.CreateAsync();
        var company = await PrepareAsync(services);
        await using (await RunningHost.StartAsync(services.Database))
        {
            // the copy on disk is written
        }

        using var outage = new Outage(services.Database);
        await using var host = await RunningHost.StartAsync(services.Database);
        await host.Client().AskAsync(host.Client().AccountingRequest(AcctStatusType.Start, "wanjiku", "waits"));
        var journal = host.Service<Journal>();
        using var broken = new Unreadable(JournalSegment.PathOf(Path.Combine(services.Database.Folder.FullName, "radius"), journal.End.SegmentNumber));
        outage.End();

        await Eventually.Is(() => host.Service<ApplierStatus>().Unreadable is not null);
        Assert.False(host.Service<Status.Pulse>().Take(0).Journal.Healthy);
        Assert.Contains(host.Log.Lines, line => line.Contains("cannot be read and is tried again", StringComparison.Ordinal));
        Assert.Equal(RadiusCode.AccessAccept, (await host.Client().PapAsync("wanjiku", HostFixture.Password)).Code);

        broken.Mend();
        await Eventually.Is(() => host.Service<ApplierStatus>().Unreadable is null);
        await host.AppliedAsync();
        await using var db = company.Open();
        Assert.Equal(1, await db.LiveSessions.CountAsync(s => s.AcctSessionId == "waits"));
    }

    [Fact]
    public async Task After_an_older_copy_of_the_journal_directory_was_put_back_nothing_new_is_passed_over_and_it_is_told()
    {
        await using var services = await TestServices.CreateAsync();
        var company = await PrepareAsync(services);
        var folder = Path.Combine(services.Database.Folder.FullName, "radius");
        Dictionary<string, byte[]> copies;
        await using (var host = await RunningHost.StartAsync(services.Database))
        {
            await ReportAsync(host, "early", 2);
            copies = Segments().ToDictionary(f => f, File.ReadAllBytes); // as a snapshot of the machine is taken, while it runs
            await ReportAsync(host, "later", 10);
        }

        Segments().ForEach(File.Delete);
        foreach (var (path, octets) in copies)
        {
            await File.WriteAllBytesAsync(path, octets);
        }

        string? alarm;
        await using (var host = await RunningHost.StartAsync(services.Database))
        {
            await ReportAsync(host, "after", 3);
            alarm = host.Service<Status.Pulse>().Take(0).Journal.Alarm;
        }

        Assert.Contains("an older copy of it was put back", alarm, StringComparison.Ordinal);
        await using var db = company.Open();
        Assert.Equal(3, await db.LiveSessions.CountAsync(s => s.AcctSessionId.StartsWith("after")) + await db.SessionRecords.CountAsync(s => s.AcctSessionId.StartsWith("after")));

        List<string> Segments() => [.. Directory.GetFiles(folder, "*" + JournalFormat.Extension)];
    }

    private static async Task ReportAsync(RunningHost host, string name, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await host.Client().AskAsync(host.Client().AccountingRequest(AcctStatusType.Start, "wanjiku", $"{name}-{i}"));
        }

        await host.AppliedAsync();
    }

    /// <summary>A file of which the system says that it cannot be opened: a link to itself stands in its place, which stops root too.</summary>
    private sealed class Unreadable : IDisposable
    {
        private readonly string _path;
        private bool _mended;

        public Unreadable(string path)
        {
            _path = path;
            File.Move(path, path + ".aside");
            File.CreateSymbolicLink(path, path);
        }

        public void Mend()
        {
            File.Delete(_path);
            File.Move(_path + ".aside", _path);
            _mended = true;
        }

        public void Dispose()
        {
            if (!_mended)
            {
                Mend();
            }
        }
    }

    [Fact]
    public async Task The_copy_on_disk_shows_no_secret_and_a_changed_one_is_not_believed()
    {
        await using var services = await TestServices.CreateAsync();
        await PrepareAsync(services);
        await using (await RunningHost.StartAsync(services.Database))
        {
            // it is written at the start and at the end
        }

        var path = Path.Combine(services.Database.Folder.FullName, "radius", "lines.sealed");
        var octets = await File.ReadAllBytesAsync(path);
        Assert.Equal(-1, octets.AsSpan().IndexOf("wanjiku"u8));
        Assert.Equal(-1, octets.AsSpan().IndexOf("testing123"u8));
        octets[^5] ^= 1;
        await File.WriteAllBytesAsync(path, octets);

        using var outage = new Outage(services.Database);
        await using var host = RunningHost.Prepare(services.Database);
        var starting = host.StartAsync();
        await Eventually.Is(() => host.Log.Lines.Any(l => l.Contains("cannot be used", StringComparison.Ordinal)));
        Assert.Equal(DirectorySource.None, host.Service<LineDirectory>().Source);

        outage.End();
        await starting;
        Assert.Equal(RadiusCode.AccessAccept, (await host.Client().PapAsync("wanjiku", HostFixture.Password)).Code);
    }

    private static async Task<TestCompany> PrepareAsync(TestServices services)
    {
        var company = await TestCompany.CreateAsync(services);
        await company.AddNasAsync("127.0.0.1", HostFixture.Secret);
        await company.AddSubscriptionAsync(username: "wanjiku", password: HostFixture.Password, staticAddress: "100.64.0.1");
        await company.AddSubscriptionAsync(username: "kamau", password: HostFixture.Password, state: SubscriptionState.Suspended);
        return company;
    }
}
