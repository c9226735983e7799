using System.Net;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Status;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Accounting from the datagram to the database.</summary>
public sealed class AccountingTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private RadiusTestClient Client => fixture.Host.Client();

    [Fact] // RFC 2866 §4.1, §5.1
    public async Task A_session_is_seen_while_it_lasts_and_kept_when_it_ends()
    {
        var line = await fixture.AddLineAsync("surfer");

        await SendAsync(Client.AccountingRequest(AcctStatusType.Start, "surfer", "surf-1").Add("Framed-IP-Address", "100.64.9.9"));
        await SendAsync(Counted(AcctStatusType.InterimUpdate, "surfer", "surf-1", 300, upload: 5, download: (2L << 32) + 7));
        await fixture.Host.AppliedAsync();

        var live = (await LiveAsync("surf-1"))!;
        Assert.Equal((line.Id, fixture.Nas.Id, "100.64.9.9", "02:00:5E:00:53:01"), (live.SubscriptionId, live.NasId, live.FramedAddress, live.CallingStationId));
        Assert.Equal((5, (2L << 32) + 7), (live.UploadBytes, live.DownloadBytes));

        await SendAsync(Counted(AcctStatusType.Stop, "surfer", "surf-1", 400, 6, (2L << 32) + 8).Add("Acct-Terminate-Cause", "User-Request"));
        await fixture.Host.AppliedAsync();

        Assert.Null(await LiveAsync("surf-1"));
        var record = Assert.Single(await RecordsAsync("surf-1"));
        Assert.Equal((6, (2L << 32) + 8, 400, "User-Request"), (record.UploadBytes, record.DownloadBytes, record.SessionSeconds, record.TerminateCause));
        await using var db = fixture.Company.Open();
        var usage = await db.UsageHours.Where(u => u.SubscriptionId == line.Id).ToListAsync();
        Assert.Equal((6, (2L << 32) + 8), (usage.Sum(u => u.UploadBytes), usage.Sum(u => u.DownloadBytes)));
    }

    [Fact] // RFC 3162 §2.3, RFC 4818 §3, RFC 6911 §3.1
    public async Task IPv6_of_a_session_is_kept_while_it_lasts_and_when_it_has_ended()
    {
        await SendAsync(Client.AccountingRequest(AcctStatusType.Start, "six", "six-1").Add("Framed-IPv6-Prefix", "2001:db8:0:7::/64").Add("Framed-IPv6-Address", IPAddress.Parse("2001:db8:0:7::1")));
        await SendAsync(Client.AccountingRequest(AcctStatusType.InterimUpdate, "six", "six-1").Add("Delegated-IPv6-Prefix", "2001:db8:100::/56"));
        await SendAsync(Client.AccountingRequest(AcctStatusType.Start, "alone", "six-2").Add("Framed-IPv6-Address", IPAddress.Parse("2001:db8:0:8::1")));
        await fixture.Host.AppliedAsync();

        var live = (await LiveAsync("six-1"))!;
        Assert.Equal(("2001:db8:0:7::/64", "2001:db8:100::/56"), (live.Ipv6Prefix, live.DelegatedPrefix));
        Assert.Equal("2001:db8:0:8::1/128", (await LiveAsync("six-2"))!.Ipv6Prefix);

        await SendAsync(Client.AccountingRequest(AcctStatusType.Stop, "six", "six-1"));
        await fixture.Host.AppliedAsync();
        var record = Assert.Single(await RecordsAsync("six-1"));
        Assert.Equal(("2001:db8:0:7::/64", "2001:db8:100::/56"), (record.Ipv6Prefix, record.DelegatedPrefix));
    }

    [Fact] // RFC 2866 §5.1, §5.5
    public async Task A_record_without_a_type_or_a_session_id_is_not_acknowledged()
    {
        var before = fixture.Host.Counters.Dropped(DropReason.AccountingIncomplete);
        var request = Client.AccountingRequest(AcctStatusType.Start, "whoever", "x");
        request.RemoveAll("Acct-Session-Id");

        Assert.IsType<RadiusExchange.NoAnswer>(await Client.ExchangeAsync(request));
        Assert.Equal(before + 1, fixture.Host.Counters.Dropped(DropReason.AccountingIncomplete));
    }

    [Fact]
    public async Task A_user_that_nobody_knows_is_still_accounted()
    {
        await SendAsync(Client.AccountingRequest(AcctStatusType.Start, "guest\0of-honour", "guest-1"));
        await fixture.Host.AppliedAsync();

        var live = await LiveAsync("guest-1");
        Assert.Null(live!.SubscriptionId);
        Assert.Equal("guest\uFFFDof-honour", live.Username);
    }

    [Fact] // RFC 2866 §5.1: Accounting-On and -Off
    public async Task When_the_NAS_restarts_its_sessions_are_over_also_for_the_session_limit()
    {
        var nas = await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, identifier: "rebooting");
        await Eventually.Is(() => fixture.Host.Service<Lines.LineDirectory>().Content.Nas.All.Any(n => n.Id == nas.Id));
        await fixture.AddLineAsync("rebooted");
        var client = fixture.Host.Client(identifier: "rebooting");
        await client.AskAsync(client.AccountingRequest(AcctStatusType.Start, "rebooted", "boot-1"));
        Assert.Equal(RadiusCode.AccessReject, (await FromAnotherDevice(client, "rebooted")).Code);

        await client.AskAsync(client.AccountingRequest(AcctStatusType.AccountingOn, "", "boot-on"));

        Assert.Equal(RadiusCode.AccessAccept, (await FromAnotherDevice(client, "rebooted")).Code);
        await fixture.Host.AppliedAsync();
        Assert.Equal(OwnCauses.NasRestart, Assert.Single(await RecordsAsync("boot-1")).TerminateCause);
        Assert.Null(await LiveAsync("boot-1"));
    }

    [Fact]
    public async Task The_session_limit_counts_other_devices_and_lets_the_same_device_in_again()
    {
        await fixture.AddLineAsync("limited");
        await SendAsync(Client.AccountingRequest(AcctStatusType.Start, "limited", "limit-1"));

        Assert.Equal(RadiusCode.AccessAccept, (await Client.PapAsync("limited", HostFixture.Password)).Code);
        var other = await FromAnotherDevice(Client, "limited");
        Assert.Equal((RadiusCode.AccessReject, "This line is in use by another device"), (other.Code, other["Reply-Message"]));

        await SendAsync(Counted(AcctStatusType.Stop, "limited", "limit-1", 10, 0, 0));
        Assert.Equal(RadiusCode.AccessAccept, (await FromAnotherDevice(Client, "limited")).Code);
    }

    [Fact]
    public async Task A_login_on_the_port_of_an_open_session_takes_its_place_and_one_on_another_port_does_not()
    {
        await fixture.AddLineAsync("ported");
        await SendAsync(Client.AccountingRequest(AcctStatusType.Start, "ported", "port-1").Add("NAS-Port", 0x80100015u));
        Assert.Equal(RadiusCode.AccessReject, (await FromAnotherDevice(Client, "ported")).Code);

        await fixture.AddLineAsync("ported-too");
        await SendAsync(Client.AccountingRequest(AcctStatusType.Start, "ported-too", "port-2").Add("NAS-Port", 0x80100014u));
        Assert.Equal(RadiusCode.AccessAccept, (await FromAnotherDevice(Client, "ported-too")).Code);
    }

    [Fact]
    public async Task A_port_that_all_customers_of_a_BNG_share_frees_no_session()
    {
        await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, identifier: "bng", configure: n => n.Vendor = NasVendor.Huawei);
        await fixture.AddLineAsync("shared-port");
        var bng = fixture.Host.Client(identifier: "bng");
        await Eventually.Is(async () => (await bng.PapAsync("shared-port", HostFixture.Password)).Code is RadiusCode.AccessAccept);
        await SendAsync(bng.AccountingRequest(AcctStatusType.Start, "shared-port", "bng-1").Add("NAS-Port", 0x80100014u));

        Assert.Equal(RadiusCode.AccessReject, (await FromAnotherDevice(bng, "shared-port")).Code);
    }

    [Fact]
    public async Task A_record_that_the_database_refuses_is_put_aside_and_does_not_stop_the_others()
    {
        await fixture.AddLineAsync("healthy");
        var nas = await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, identifier: "vanishing");
        await Eventually.Is(() => fixture.Host.Service<Lines.LineDirectory>().Content.Nas.All.Any(n => n.Id == nas.Id));
        var before = fixture.Host.Service<DeadLetters>().Count;
        await using (var db = fixture.Company.Open())
        {
            await db.NasDevices.Where(n => n.Id == nas.Id).ExecuteDeleteAsync(); // behind the feed's back: its sessions have no NAS to hang under
        }

        var client = fixture.Host.Client(identifier: "vanishing");
        await Task.WhenAll(
            client.AskAsync(client.AccountingRequest(AcctStatusType.Start, "healthy", "orphan-1")),
            SendAsync(Client.AccountingRequest(AcctStatusType.Start, "healthy", "healthy-1")));
        await SendAsync(Client.AccountingRequest(AcctStatusType.Start, "healthy", "healthy-2"));
        await fixture.Host.AppliedAsync();

        Assert.Equal(before + 1, fixture.Host.Service<DeadLetters>().Count);
        Assert.NotNull(await LiveAsync("healthy-2"));
        Assert.Null(await LiveAsync("orphan-1"));
    }

    private static Task<RadiusMessage> FromAnotherDevice(RadiusTestClient client, string username) =>
        client.AskAsync(client.PppoeRequest(username, "02:00:5E:00:53:FF").AddPapPassword(HostFixture.Password, client.Secret));

    private RadiusMessage Counted(AcctStatusType type, string username, string session, uint seconds, long upload, long download) =>
        Client.AccountingRequest(type, username, session)
            .Add("Acct-Session-Time", seconds)
            .Add("Acct-Input-Octets", (uint)upload).Add("Acct-Input-Gigawords", (uint)(upload >> 32))
            .Add("Acct-Output-Octets", (uint)download).Add("Acct-Output-Gigawords", (uint)(download >> 32));

    private Task<RadiusMessage> SendAsync(RadiusMessage record) => Client.AskAsync(record);

    private async Task<LiveSession?> LiveAsync(string session)
    {
        await using var db = fixture.Company.Open();
        return await db.LiveSessions.SingleOrDefaultAsync(s => s.AcctSessionId == session);
    }

    private async Task<List<SessionRecord>> RecordsAsync(string session)
    {
        await using var db = fixture.Company.Open();
        return await db.SessionRecords.Where(s => s.AcctSessionId == session).ToListAsync();
    }
}

/// <summary>Accounting on each provider, a few hundred records at once.</summary>
public sealed class SessionStoreTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task Batches_are_applied_exactly_once_on_every_provider(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var nas = await company.AddNasAsync();
        var package = await company.AddPackageAsync();
        var client = await company.AddClientAsync();
        var lines = new List<Subscription>();
        for (var i = 0; i < 20; i++)
        {
            lines.Add(await company.AddSubscriptionAsync(client, package));
        }

        var store = new SessionStore(Get<IPlatformDbFactory>(services), services.Clock);
        var journal = Guid.CreateVersion7();
        var sequence = 0L;
        var starts = Reports(AcctStatusType.Start, 0);
        var interims = Reports(AcctStatusType.InterimUpdate, 300);
        await store.ApplyAsync(journal, [.. starts, .. interims], sequence, TestContext.Current.CancellationToken);
        await store.ApplyAsync(journal, [.. starts, .. interims], sequence, TestContext.Current.CancellationToken); // as after a lost answer of the commit
        await store.ApplyAsync(journal, Reports(AcctStatusType.Stop, 600)[..150], sequence, TestContext.Current.CancellationToken);
        var restart = Report(AcctStatusType.AccountingOff, 0, 700);
        await store.RestartAsync(journal, restart, TestContext.Current.CancellationToken);
        await store.ApplyAsync(journal, Reports(AcctStatusType.Stop, 600)[150..], sequence, TestContext.Current.CancellationToken);

        await using var db = company.Open();
        Assert.Equal(0, await db.LiveSessions.CountAsync());
        var records = await db.SessionRecords.ToListAsync();
        Assert.Equal(200, records.Count);
        Assert.All(records, r => Assert.Equal(("User-Request", 600L), (r.TerminateCause, r.UploadBytes)));
        Assert.Equal(200 * 600, (await db.UsageHours.ToListAsync()).Sum(u => u.UploadBytes));
        Assert.Equal(sequence, await store.PositionAsync(journal, TestContext.Current.CancellationToken));

        AccountingReport[] Reports(AcctStatusType type, int second) => [.. Enumerable.Range(0, 200).Select(n => Report(type, n, second))];

        AccountingReport Report(AcctStatusType type, int number, int second)
        {
            var message = new RadiusMessage(RadiusCode.AccountingRequest, 1)
                .Add("Acct-Status-Type", (uint)type).Add("Acct-Session-Id", $"s{number}").Add("User-Name", lines[number % 20].Username)
                .Add("Acct-Input-Octets", (uint)second).Add("Acct-Session-Time", (uint)second).Add("Acct-Terminate-Cause", 1u);
            var record = new JournalRecord(++sequence, services.Clock.Now.AddSeconds(second), company.Id, nas.Id, lines[number % 20].Id, message.EncodeRequest(new RadiusSecret("s")));
            Assert.True(AccountingReport.TryRead(record, out var report, out _));
            return report;
        }
    }

    [Theory, EachDatabase]
    public async Task Silent_sessions_of_one_company_are_closed_and_no_others(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var (company, other) = (await TestCompany.CreateAsync(services), await TestCompany.CreateAsync(services));
        var now = services.Clock.Now;
        foreach (var owner in (TestCompany[])[company, other])
        {
            var nas = await owner.AddNasAsync();
            await using var db = owner.Open();
            db.LiveSessions.Add(new LiveSession { TenantId = owner.Id, NasId = nas.Id, AcctSessionId = "silent", StartedAt = now.AddHours(-2), UpdatedAt = now.AddHours(-1) });
            db.LiveSessions.Add(new LiveSession { TenantId = owner.Id, NasId = nas.Id, AcctSessionId = "talking", StartedAt = now.AddHours(-2), UpdatedAt = now });
            await db.SaveChangesAsync();
        }

        var closed = await new SessionStore(Get<IPlatformDbFactory>(services), services.Clock).CloseSilentAsync(company.Id, now.AddMinutes(-15), TestContext.Current.CancellationToken);

        Assert.Equal(1, closed);
        await using var mine = company.Open();
        Assert.Equal(["talking"], await mine.LiveSessions.Select(s => s.AcctSessionId).ToListAsync());
        var record = await mine.SessionRecords.SingleAsync();
        Assert.Equal((now.AddHours(-1), OwnCauses.NoReports), (record.StoppedAt, record.TerminateCause));
        await using var theirs = other.Open();
        Assert.Equal(2, await theirs.LiveSessions.CountAsync());
    }

    private static T Get<T>(TestServices services) where T : notnull => (T)services.Provider.GetService(typeof(T))!;
}
