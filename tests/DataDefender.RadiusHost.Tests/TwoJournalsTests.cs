using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Accounting;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Two journals that flow into one database at once, as those of two RadiusHosts do.</summary>
public sealed class TwoJournalsTests
{
    private const int Sessions = 40;
    private const int Interims = 6;
    private const int Bytes = 1_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_session_reported_to_both_in_any_order_and_in_part_twice_counts_once(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, s => s.AddSingleton<SessionStore>().AddAccountingLedgers());
        var place = await PlaceAsync(services);
        var random = new Random(20261122);
        List<Said>[] journals = [[], []];
        for (var session = 0; session < Sessions; session++)
        {
            foreach (var said in History(session))
            {
                var first = random.Next(2);
                journals[first].Add(said);
                if (random.Next(3) == 0)
                {
                    journals[1 - first].Add(said); // its answer was lost, so the NAS asked the other one
                }
            }
        }

        await Task.WhenAll(journals.Select(j => PlayAsync(services, place, Guid.CreateVersion7(), Jumbled(j, random.Next()))));

        await using var db = place.Company.Open();
        Assert.Empty(await db.LiveSessions.ToListAsync(Ct));
        var records = await db.SessionRecords.ToListAsync(Ct);
        Assert.Equal(Sessions, records.Select(r => r.AcctSessionId).Distinct().Count());
        Assert.Equal(Sessions, records.Count);
        Assert.All(records, r => Assert.Equal(((Interims + 1) * Bytes, "User-Request"), (r.UploadBytes, r.TerminateCause)));
        Assert.Equal(Sessions * (Interims + 1) * Bytes, await db.UsageHours.SumAsync(u => u.UploadBytes, Ct));
        Assert.Null((await services.Provider.GetRequiredService<UsageVerifier>().VerifyAsync(Ct)).Difference);
    }

    [Theory]
    [EachDatabase]
    public async Task What_one_RadiusHost_kept_while_it_was_away_does_not_touch_the_session_that_has_the_id_now(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, s => s.AddSingleton<SessionStore>());
        var place = await PlaceAsync(services);
        Said[] before = [new("x", AcctStatusType.Start, 0, 0), new("x", AcctStatusType.InterimUpdate, 3_000, 40_000), new("x", AcctStatusType.Stop, 3_600, 50_000)];
        Said[] after = [new("x", AcctStatusType.Start, 7_200, 0, 7_200), new("x", AcctStatusType.InterimUpdate, 7_500, 10, 7_200)];
        var (here, away) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        await PlayAsync(services, place, here, [.. before, .. after]);
        await PlayAsync(services, place, away, before);

        await using var db = place.Company.Open();
        Assert.Equal(10, (await db.LiveSessions.SingleAsync(Ct)).UploadBytes);
        Assert.Equal(50_000, (await db.SessionRecords.SingleAsync(Ct)).UploadBytes);
        Assert.Equal(50_010, await db.UsageHours.SumAsync(u => u.UploadBytes, Ct));
    }

    [Theory]
    [EachDatabase]
    public async Task Who_has_the_turn_keeps_the_others_waiting_until_he_ends(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider);
        await using var first = services.OpenPlatform();
        await using var second = services.OpenPlatform();
        var turn = await first.TakeAccountingTurnAsync(Ct);

        var waiting = Task.Run(() => second.TakeAccountingTurnAsync(Ct), Ct);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(TimeSpan.FromMilliseconds(300), Ct));

        await turn.DisposeAsync();
        await (await waiting).DisposeAsync();
    }

    [Fact]
    public async Task Who_stands_still_in_his_turn_loses_it_on_PostgreSQL()
    {
        Requires.That(TestDatabase.Absence(DatabaseProvider.PostgreSql) is null, TestDatabase.Absence(DatabaseProvider.PostgreSql) ?? "");
        await using var services = await TestServices.CreateAsync(DatabaseProvider.PostgreSql);
        await using var stopped = services.OpenPlatform();
        await using var other = services.OpenPlatform();
        await using var turn = await stopped.TakeAccountingTurnAsync(Ct);

        await using (await other.TakeAccountingTurnAsync(Ct))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => turn.CommitAsync(Ct));
        }
    }

    /// <summary>All on one line, so that their sums meet in one row.</summary>
    private static IEnumerable<Said> History(int session)
    {
        var id = $"s{session}";
        yield return new Said(id, AcctStatusType.Start, 0, 0);
        for (var i = 1; i <= Interims; i++)
        {
            yield return new Said(id, AcctStatusType.InterimUpdate, 60 * i, i * Bytes);
        }

        yield return new Said(id, AcctStatusType.Stop, 60 * (Interims + 1), (Interims + 1) * Bytes);
    }

    /// <summary>Datagrams overtake each other, but not by much.</summary>
    private static Said[] Jumbled(IReadOnlyList<Said> said, int seed)
    {
        var random = new Random(seed);
        return [.. said.Select((s, i) => (s, At: i + random.Next(6))).OrderBy(p => p.At).Select(p => p.s)];
    }

    private static async Task PlayAsync(TestServices services, Place place, Guid journal, IReadOnlyList<Said> said)
    {
        var store = services.Provider.GetRequiredService<SessionStore>();
        var sequence = 0L;
        foreach (var batch in said.Chunk(7))
        {
            var reports = batch.Select(s => Report(place, s, ++sequence)).ToList();
            await store.ApplyAsync(journal, reports, sequence, Ct);
        }
    }

    private static AccountingReport Report(Place place, Said said, long sequence)
    {
        var message = new RadiusMessage(RadiusCode.AccountingRequest, 1)
            .Add("Acct-Status-Type", (uint)said.Status)
            .Add("Acct-Session-Id", said.Session)
            .Add("User-Name", "wanjiku")
            .Add("Acct-Terminate-Cause", 1u)
            .Add("Acct-Input-Octets", (uint)said.Bytes);
        if (said.Status is not AcctStatusType.Start)
        {
            message.Add("Acct-Session-Time", (uint)(said.Second - said.Begun));
        }

        var record = new JournalRecord(sequence, place.Since.AddSeconds(said.Second), place.Company.Id, place.Nas.Id, place.Line.Id, message.EncodeRequest(new RadiusSecret("s")));
        Assert.True(AccountingReport.TryRead(record, out var report, out var problem), problem);
        return report;
    }

    private static async Task<Place> PlaceAsync(TestServices services)
    {
        var company = await TestCompany.CreateAsync(services);
        return new Place(company, await company.AddNasAsync(), await company.AddSubscriptionAsync(username: "wanjiku"), services.Clock.Now);
    }

    private sealed record Place(TestCompany Company, Nas Nas, Subscription Line, DateTime Since);

    private sealed record Said(string Session, AcctStatusType Status, int Second, int Bytes, int Begun = 0);
}
