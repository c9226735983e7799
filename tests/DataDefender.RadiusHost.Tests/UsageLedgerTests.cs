using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Accounting;
using DataDefender.Testing;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.RadiusHost.Tests;

public sealed class UsageLedgerOnSqliteTests() : UsageLedgerTests(DatabaseProvider.Sqlite);

public sealed class UsageLedgerOnPostgreSqlTests() : UsageLedgerTests(DatabaseProvider.PostgreSql);

/// <summary>The ledger of usage, its sums by the hour and the sessions say the same whatever history made them.</summary>
public abstract class UsageLedgerTests(DatabaseProvider provider) : IAsyncLifetime
{
    private const int Sessions = 3;
    private const int Kinds = 8;

    private TestServices _services = null!;
    private TestCompany _company = null!;
    private Subscription _line = null!;
    private Nas _nas = null!;
    private long _sequence;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Requires.That(TestDatabase.Absence(provider) is null, TestDatabase.Absence(provider) ?? "");
        _services = await TestServices.CreateAsync(provider, s => s.AddSingleton<SessionStore>().AddAccountingLedgers());
        _company = await TestCompany.CreateAsync(_services);
        _line = await _company.AddSubscriptionAsync(username: "wanjiku");
        _nas = await _company.AddNasAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }
    }

    [Fact]
    public void Any_history_counts_each_octet_and_second_once() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(40),
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ListOf(30).ToArbitrary(), steps => Replay([.. steps]).GetAwaiter().GetResult()));

    [Fact]
    public async Task Each_report_leaves_the_entry_that_it_added()
    {
        var journal = Guid.CreateVersion7();
        await ApplyAsync(journal, Report("a", AcctStatusType.Start, 0, 0), Report("a", AcctStatusType.InterimUpdate, 300, uint.MaxValue), Report("a", AcctStatusType.InterimUpdate, 300, uint.MaxValue));
        await ApplyAsync(journal, Report("a", AcctStatusType.Stop, 400, uint.MaxValue + 10L), Report("a", AcctStatusType.InterimUpdate, 350, uint.MaxValue + 5L));

        await using var db = _company.Open();
        var entries = await db.UsageDeltas.Where(d => d.JournalId == journal).OrderBy(d => d.Sequence).ToListAsync(Ct);
        Assert.Equal([(UsageSource.Interim, uint.MaxValue, 300), (UsageSource.Stop, 10L, 100)], entries.Select(e => (e.Source, e.UploadBytes, e.Seconds)));
        Assert.All(entries, e => Assert.Equal((_line.Id, _nas.Id, "a", UsageDelta.HourOf(e.At)), (e.SubscriptionId, e.NasId, e.AcctSessionId, e.Hour)));
    }

    [Fact]
    public async Task A_batch_that_is_applied_again_adds_nothing()
    {
        var journal = Guid.CreateVersion7();
        var batch = new[] { Report("a", AcctStatusType.InterimUpdate, 300, 70), Report("a", AcctStatusType.Stop, 400, 90) };

        await ApplyAsync(journal, batch);
        await ApplyAsync(journal, batch);

        await using var db = _company.Open();
        Assert.Equal(90, await db.UsageDeltas.SumAsync(d => d.UploadBytes, Ct));
        var hour = await db.UsageHours.SingleAsync(Ct);
        Assert.Equal((90, 400), (hour.UploadBytes, hour.OnlineSeconds));
    }

    [Fact]
    public async Task What_a_reopened_session_moves_is_marked_as_healed()
    {
        var journal = Guid.CreateVersion7();
        await ApplyAsync(journal, Report("a", AcctStatusType.InterimUpdate, 300, 70));
        await Store.CloseSilentAsync(_company.Id, _services.Clock.Now.AddHours(1), Ct);
        await ApplyAsync(journal, Report("a", AcctStatusType.InterimUpdate, 3_000, 100));

        await using var db = _company.Open();
        Assert.Equal([70L, 30L], await db.UsageDeltas.OrderBy(d => d.Sequence).Select(d => d.UploadBytes).ToListAsync(Ct));
        Assert.Equal(UsageSource.Healed, (await db.UsageDeltas.OrderBy(d => d.Sequence).LastAsync(Ct)).Source);
        Assert.Empty(await db.SessionRecords.ToListAsync(Ct));
        Assert.Equal(100, (await db.LiveSessions.SingleAsync(Ct)).UploadBytes);
    }

    [Fact]
    public async Task The_check_names_the_first_hour_that_differs()
    {
        var journal = Guid.CreateVersion7();
        await ApplyAsync(journal, [.. Enumerable.Range(1, 5).Select(h => Report("a", AcctStatusType.InterimUpdate, 3_600 * h, 100 * h))]);
        Assert.Equal(new UsageVerdict(1, 4, null), await Verifier.VerifyAsync(Ct));

        var hour = UsageDelta.HourOf(_services.Clock.Now.AddHours(3));
        await using (var db = _company.Open())
        {
            await db.UsageHours.Where(u => u.Hour == hour).ExecuteUpdateAsync(set => set.SetProperty(u => u.UploadBytes, 99), Ct);
            await db.UsageHours.Where(u => u.Hour == hour.AddHours(1)).ExecuteDeleteAsync(Ct);
        }

        Assert.Equal(
            new UsageDifference(_company.Id, _line.Id, hour, new UsageSum(100, 0, 3_600), new UsageSum(99, 0, 3_600)),
            (await Verifier.VerifyAsync(Ct)).Difference);
    }

    [Fact]
    public async Task Entries_go_when_their_time_is_over_and_the_check_looks_at_the_rest()
    {
        await ApplyAsync(Guid.CreateVersion7(), [.. Enumerable.Range(1, 48).Select(h => Report("a", AcctStatusType.InterimUpdate, 3_600 * h, 100 * h))]);
        _services.Clock.Advance(TimeSpan.FromDays(new UsageLedgerOptions().RetentionDays + 1));

        var removed = await _services.Provider.GetRequiredService<LedgerUpkeep>().RemoveOldAsync(Ct);

        await using var db = _company.Open();
        var from = new UsageLedgerOptions().KeptFrom(_services.Clock.Now);
        Assert.Equal(48, removed + await db.UsageDeltas.CountAsync(d => d.Hour >= from, Ct));
        Assert.Equal((true, 0), (removed > 0, await db.UsageDeltas.CountAsync(d => d.Hour < from, Ct)));
        Assert.Equal(48, await db.UsageHours.CountAsync(Ct));
        Assert.Null((await Verifier.VerifyAsync(Ct)).Difference);
    }

    /// <summary>
    /// Plays a random history of sessions, in which reports are lost, doubled, late, out of order and lower than before, the NAS restarts
    /// and silent sessions are closed. The model: of each session counts the most that any of its reports said.
    /// </summary>
    private async Task Replay(int[] steps)
    {
        var journal = Guid.CreateVersion7();
        var counters = new (int Second, long Bytes)[Sessions];
        var said = new Dictionary<string, (long Bytes, long Seconds)>();
        var batch = new List<AccountingReport>();
        var sent = new List<AccountingReport>();
        for (var i = 0; i < steps.Length; i++)
        {
            var session = steps[i] / Kinds % Sessions;
            var counter = (Second: counters[session].Second + (steps[i] % 3_000), Bytes: counters[session].Bytes + ((long)steps[i] * 5 % (3L << 31)));
            counters[session] = counter;
            var id = $"{journal:N}{session}";
            switch (steps[i] % Kinds)
            {
                case 0 when sent.Count > 0:
                    batch.Add(Again(sent[steps[i] / 64 % sent.Count])); // the same once more, as it was long ago
                    break;
                case 1:
                    batch.Reverse(); // datagrams overtake each other
                    break;
                case 2:
                    await ApplyAsync(journal, [.. batch.OrderBy(r => r.Sequence)]);
                    batch.Clear();
                    await Store.CloseSilentAsync(_company.Id, _services.Clock.Now.AddSeconds(counter.Second), Ct);
                    break;
                case 3:
                    await ApplyAsync(journal, [.. batch]);
                    batch.Clear();
                    await Store.RestartAsync(journal, Report("", AcctStatusType.AccountingOff, counter.Second, 0), Ct);
                    break;
                case 4 when steps[i] % 5 == 0:
                    Send(Report(id, AcctStatusType.Stop, counter.Second, counter.Bytes));
                    break;
                case 5:
                    Send(Report(id, AcctStatusType.InterimUpdate, counter.Second, counter.Bytes / 2)); // counters that went back
                    break;
                default:
                    Send(Report(id, AcctStatusType.InterimUpdate, counter.Second, counter.Bytes));
                    break;
            }
        }

        await ApplyAsync(journal, [.. batch]);
        await AssertAsync(journal, said);

        void Send(AccountingReport report)
        {
            batch.Add(report);
            sent.Add(report);
            var before = said.GetValueOrDefault(report.AcctSessionId);
            said[report.AcctSessionId] = (Math.Max(before.Bytes, report.Upload.Value), Math.Max(before.Seconds, report.SessionSeconds));
        }
    }

    private async Task AssertAsync(Guid journal, Dictionary<string, (long Bytes, long Seconds)> said)
    {
        await using var db = _company.Open();
        var prefix = journal.ToString("N");
        var entries = await db.UsageDeltas.Where(d => d.JournalId == journal).ToListAsync(Ct);
        var open = await db.LiveSessions.Where(s => s.AcctSessionId.StartsWith(prefix)).Select(s => new { s.AcctSessionId, s.UploadBytes, s.SessionSeconds }).ToListAsync(Ct);
        var closed = await db.SessionRecords.Where(s => s.AcctSessionId.StartsWith(prefix)).Select(s => new { s.AcctSessionId, s.UploadBytes, s.SessionSeconds }).ToListAsync(Ct);
        var kept = open.Concat(closed).ToLookup(s => s.AcctSessionId);
        foreach (var (id, most) in said)
        {
            var own = entries.Where(e => e.AcctSessionId == id).ToList();
            Assert.Equal(most, (own.Sum(e => e.UploadBytes), own.Sum(e => (long)e.Seconds)));
            Assert.Equal(most, (kept[id].Sum(s => s.UploadBytes), kept[id].Sum(s => s.SessionSeconds)));
            Assert.Single(kept[id]);
        }

        Assert.Null((await Verifier.VerifyAsync(Ct)).Difference);
    }

    private SessionStore Store => _services.Provider.GetRequiredService<SessionStore>();

    private UsageVerifier Verifier => _services.Provider.GetRequiredService<UsageVerifier>();

    private Task ApplyAsync(Guid journal, params AccountingReport[] reports) => reports.Length == 0
        ? Task.CompletedTask
        : Store.ApplyAsync(journal, reports, reports.Max(r => r.Sequence), Ct);

    private AccountingReport Again(AccountingReport report) =>
        Report(report.AcctSessionId, report.Status, (int)report.SessionSeconds, report.Upload.Value);

    private AccountingReport Report(string session, AcctStatusType type, int second, long upload)
    {
        var message = new RadiusMessage(RadiusCode.AccountingRequest, 1)
            .Add("Acct-Status-Type", (uint)type)
            .Add("Acct-Session-Id", session)
            .Add("User-Name", "wanjiku")
            .Add("Acct-Session-Time", (uint)second)
            .Add("Acct-Input-Octets", (uint)upload).Add("Acct-Input-Gigawords", (uint)(upload >> 32));
        var record = new JournalRecord(++_sequence, _services.Clock.Now.AddSeconds(second), _company.Id, _nas.Id, _line.Id, message.EncodeRequest(new RadiusSecret("s")));
        Assert.True(AccountingReport.TryRead(record, out var report, out var problem), problem);
        return report;
    }
}
