using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Accounting;

namespace DataDefender.RadiusHost.Tests;

/// <summary>The rules of accounting, without a database.</summary>
public sealed class SessionLedgerTests
{
    private static readonly DateTime Noon = new(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc);
    private static readonly Guid Tenant = Guid.CreateVersion7();
    private static readonly Guid NasId = Guid.CreateVersion7();
    private static readonly Guid Line = Guid.CreateVersion7();

    private readonly SessionLedger _ledger = new();
    private long _sequence;

    [Fact]
    public void Start_interim_and_stop_make_one_record_with_the_last_counters()
    {
        Apply(AcctStatusType.Start, 0);
        Apply(AcctStatusType.InterimUpdate, 300, 1_000, 2_000);
        Apply(AcctStatusType.Stop, 400, 1_500, 9_000, cause: 1);

        var record = Assert.Single(_ledger.Changes().NewRecords);
        Assert.Equal((1_500, 9_000, 400), (record.UploadBytes, record.DownloadBytes, record.SessionSeconds));
        Assert.Equal((Noon, Noon.AddSeconds(400), "User-Request"), (record.StartedAt, record.StoppedAt, record.TerminateCause));
        Assert.Empty(_ledger.Changes().OpenedRows);
        Assert.Equal(new Growth(1_500, 9_000, 400), Total(_ledger));
    }

    [Fact] // RFC 2869 §5.1, §5.2
    public void Gigawords_count_what_is_above_four_gigabytes()
    {
        Apply(AcctStatusType.InterimUpdate, 300, (3L << 32) + 7, (5L << 32) + 9);

        var open = Assert.Single(_ledger.Changes().OpenedRows);
        Assert.Equal(((3L << 32) + 7, (5L << 32) + 9), (open.UploadBytes, open.DownloadBytes));
    }

    [Fact] // RFC 2866 §5.3: the counters are 32 bits wide
    public void Counters_of_a_NAS_without_gigawords_run_over_and_go_on()
    {
        const long gigabyte = 1L << 30;
        ApplyNarrow(AcctStatusType.InterimUpdate, 300, 3 * gigabyte);
        ApplyNarrow(AcctStatusType.InterimUpdate, 600, (4 * gigabyte) + 500);
        ApplyNarrow(AcctStatusType.InterimUpdate, 600, (4 * gigabyte) + 500); // again
        ApplyNarrow(AcctStatusType.InterimUpdate, 450, 7 * gigabyte / 2); // late: what it says has been counted
        ApplyNarrow(AcctStatusType.InterimUpdate, 900, 11 * gigabyte / 2);
        ApplyNarrow(AcctStatusType.Stop, 1_200, 7 * gigabyte);

        var record = Assert.Single(_ledger.Changes().NewRecords);
        Assert.Equal((7 * gigabyte, 7L), (record.UploadBytes, record.DownloadBytes));
        Assert.Equal(new Growth(7 * gigabyte, 7, 1_200), Total(_ledger));
    }

    [Fact]
    public void Counters_that_began_anew_within_a_session_are_not_taken_for_counters_that_ran_over()
    {
        ApplyNarrow(AcctStatusType.InterimUpdate, 300, 100_000_000);
        ApplyNarrow(AcctStatusType.InterimUpdate, 600, 2_000_000);
        Apply(AcctStatusType.InterimUpdate, 900, (1L << 32) - 1); // this one tells its gigawords: there is nothing to guess
        Apply(AcctStatusType.InterimUpdate, 1_200, 5);
        _ledger.Apply(Read(Message(AcctStatusType.InterimUpdate, 1_500, "s1", 0), 1_500)); // and this one no octets at all

        Assert.Equal((1L << 32) - 1, Total(_ledger).Upload);
    }

    [Fact]
    public void Each_report_counts_once_however_often_and_in_whatever_order_it_comes()
    {
        var reports = new (AcctStatusType, int, long)[] { (AcctStatusType.Start, 0, 0), (AcctStatusType.InterimUpdate, 300, 10), (AcctStatusType.InterimUpdate, 600, 20), (AcctStatusType.Stop, 700, 25) };
        foreach (var order in Permutations(reports).Select(p => p.Concat(reports).ToArray()))
        {
            var ledger = new SessionLedger();
            foreach (var (type, second, bytes) in order)
            {
                ledger.Apply(Report(type, second, bytes, bytes));
            }

            var record = Assert.Single(ledger.Changes().NewRecords);
            Assert.Equal((25, 25, 700, Noon), (record.UploadBytes, record.DownloadBytes, record.SessionSeconds, record.StartedAt));
            Assert.Empty(ledger.Changes().OpenedRows);
            Assert.Equal(new Growth(25, 25, 700), Total(ledger));
        }
    }

    [Fact]
    public void Counters_never_go_down()
    {
        Apply(AcctStatusType.Start, 0);
        Apply(AcctStatusType.InterimUpdate, 600, 5_000, 5_000);
        Apply(AcctStatusType.InterimUpdate, 660, 100, 100);

        Assert.Equal(5_000, Assert.Single(_ledger.Changes().OpenedRows).UploadBytes);
        Assert.Equal(new Growth(5_000, 5_000, 660), Total(_ledger));
    }

    [Fact]
    public void An_interim_without_its_start_opens_the_session_from_when_it_says()
    {
        Apply(AcctStatusType.InterimUpdate, 600, 1, 1);

        Assert.Equal(Noon, Assert.Single(_ledger.Changes().OpenedRows).StartedAt);
    }

    [Fact]
    public void A_stop_without_its_start_is_a_whole_session()
    {
        Apply(AcctStatusType.Stop, 600, 1, 2);

        var record = Assert.Single(_ledger.Changes().NewRecords);
        Assert.Equal((Noon, Noon.AddSeconds(600)), (record.StartedAt, record.StoppedAt));
        Assert.Equal(new Growth(1, 2, 600), Total(_ledger));
    }

    [Fact]
    public void A_silent_session_is_closed_when_it_was_last_heard_of_and_opened_again_by_a_later_interim()
    {
        var row = Stored(300, 1_000);
        _ledger.Load(row);
        _ledger.CloseSilent(new SessionKey(NasId, "s1"));
        var closed = Assert.Single(_ledger.Changes().NewRecords);
        Assert.Equal((Noon.AddSeconds(300), OwnCauses.NoReports), (closed.StoppedAt, closed.TerminateCause));
        Assert.Same(row, Assert.Single(_ledger.Changes().ClosedRows));

        var later = new SessionLedger();
        later.Load(closed);
        later.Apply(Report(AcctStatusType.InterimUpdate, 3_600, 4_000, 4_000));

        Assert.Same(closed, Assert.Single(later.Changes().ReopenedRecords));
        var open = Assert.Single(later.Changes().OpenedRows);
        Assert.Equal((Noon, 4_000), (open.StartedAt, open.UploadBytes));
        Assert.Equal((3_000, UsageSource.Healed), (Assert.Single(later.Gains).Growth.Upload, later.Gains.Single().Source));
    }

    [Fact]
    public void A_session_reopened_and_stopped_keeps_its_one_record()
    {
        _ledger.Load(Stored(300, 1_000));
        _ledger.CloseSilent(new SessionKey(NasId, "s1"));
        var closed = _ledger.Changes().NewRecords[0];

        var later = new SessionLedger();
        later.Load(closed);
        later.Apply(Report(AcctStatusType.InterimUpdate, 3_600, 4_000, 4_000));
        later.Apply(Report(AcctStatusType.Stop, 3_700, 5_000, 5_000, cause: 2));

        Assert.Empty(later.Changes().NewRecords);
        Assert.Empty(later.Changes().ReopenedRecords);
        Assert.Empty(later.Changes().OpenedRows);
        Assert.Equal((5_000, "Lost-Carrier", Noon.AddSeconds(3_700)), (closed.UploadBytes, closed.TerminateCause, closed.StoppedAt));
    }

    [Fact]
    public void A_stopped_session_stays_stopped_whatever_comes_late()
    {
        Apply(AcctStatusType.Start, 0);
        Apply(AcctStatusType.Stop, 700, 25, 25);
        Apply(AcctStatusType.InterimUpdate, 600, 20, 20, receivedAfter: 50);
        Apply(AcctStatusType.Start, 0, receivedAfter: 800);

        Assert.Empty(_ledger.Changes().OpenedRows);
        Assert.Equal(25, Assert.Single(_ledger.Changes().NewRecords).UploadBytes);
    }

    [Fact] // RFC 2866 §5.1
    public void A_restart_of_the_NAS_ends_the_sessions_from_before_it_and_no_others()
    {
        _ledger.Load(Stored(300, 1_000, "old"));
        _ledger.Load(Stored(900, 1_000, "new"));
        Apply(AcctStatusType.AccountingOn, 600);

        var closed = Assert.Single(_ledger.Changes().NewRecords);
        Assert.Equal(("old", OwnCauses.NasRestart, Noon.AddSeconds(300)), (closed.AcctSessionId, closed.TerminateCause, closed.StoppedAt));
    }

    [Fact]
    public void The_same_id_given_to_a_new_session_is_another_session()
    {
        _ledger.Load(Stored(300, 1_000));
        Apply(AcctStatusType.Start, 7_200);
        _ledger.Apply(Report(AcctStatusType.InterimUpdate, 7_500, 10, 10, startedAt: 7_200));

        var closed = Assert.Single(_ledger.Changes().NewRecords);
        Assert.Equal((1_000, OwnCauses.IdReused), (closed.UploadBytes, closed.TerminateCause));
        Assert.Empty(_ledger.Changes().ClosedRows); // the row goes on as the new session's
        Assert.Empty(_ledger.Changes().OpenedRows);
        Assert.Equal(10, Total(_ledger).Upload);
    }

    [Fact]
    public void The_same_id_after_a_stop_is_another_session()
    {
        Apply(AcctStatusType.Start, 0);
        Apply(AcctStatusType.Stop, 100, 5, 5);
        Apply(AcctStatusType.Start, 200);

        Assert.Equal(5, Assert.Single(_ledger.Changes().NewRecords).UploadBytes);
        Assert.Equal(Noon.AddSeconds(200), Assert.Single(_ledger.Changes().OpenedRows).StartedAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_report_of_the_session_that_had_the_id_before_counts_for_that_one_and_only_once(bool newOneIsOver)
    {
        Apply(AcctStatusType.Stop, 3_600, 5_000, 5_000, cause: 1);
        Apply(AcctStatusType.Start, 7_200);
        _ledger.Apply(Report(newOneIsOver ? AcctStatusType.Stop : AcctStatusType.InterimUpdate, 7_500, 10, 10, startedAt: 7_200));
        Apply(AcctStatusType.Start, 0); // another RadiusHost took them too, and was away till now
        Apply(AcctStatusType.InterimUpdate, 3_000, 4_000, 4_000);
        Apply(AcctStatusType.Stop, 3_600, 5_000, 5_000, cause: 1);

        var changes = _ledger.Changes();
        var before = changes.NewRecords.Single(r => r.StartedAt == Noon);
        Assert.Equal((5_000, Noon.AddSeconds(3_600), "User-Request"), (before.UploadBytes, before.StoppedAt, before.TerminateCause));
        Assert.Equal(newOneIsOver ? 2 : 1, changes.NewRecords.Count);
        Assert.Equal(newOneIsOver ? [] : [10L], changes.OpenedRows.Select(r => r.UploadBytes));
        Assert.Equal(5_010, Total(_ledger).Upload);
    }

    [Fact]
    public void A_session_of_which_all_reports_come_after_its_id_was_given_anew_is_kept_as_one_that_ended_before()
    {
        Apply(AcctStatusType.Start, 7_200);
        Apply(AcctStatusType.InterimUpdate, 3_000, 4_000, 4_000);
        Apply(AcctStatusType.Stop, 3_600, 5_000, 5_000, cause: 1);

        var before = Assert.Single(_ledger.Changes().NewRecords);
        Assert.Equal((5_000, Noon, Noon.AddSeconds(3_600), "User-Request"), (before.UploadBytes, before.StartedAt, before.StoppedAt, before.TerminateCause));
        Assert.Equal(Noon.AddSeconds(7_200), Assert.Single(_ledger.Changes().OpenedRows).StartedAt);
        Assert.Equal(5_000, Total(_ledger).Upload);
    }

    [Fact]
    public void A_router_whose_clock_is_put_right_goes_on_with_the_same_session()
    {
        _ledger.Apply(Report(AcctStatusType.Start, 280)); // its clock was 280 seconds ahead
        Apply(AcctStatusType.InterimUpdate, 100, 70, 70);
        Apply(AcctStatusType.Stop, 400, 90, 90);

        Assert.Equal(90, Assert.Single(_ledger.Changes().NewRecords).UploadBytes);
        Assert.Equal(90, Total(_ledger).Upload);
    }

    [Fact]
    public void A_new_session_of_the_same_caller_replaces_the_one_whose_stop_was_lost()
    {
        _ledger.Load(Stored(300, 1_000, "lost"));
        _ledger.Apply(Report(AcctStatusType.Start, 900, id: "fresh"));

        var closed = Assert.Single(_ledger.Changes().NewRecords);
        Assert.Equal(("lost", OwnCauses.Replaced), (closed.AcctSessionId, closed.TerminateCause));
        Assert.Equal("fresh", Assert.Single(_ledger.Changes().OpenedRows).AcctSessionId);
    }

    [Theory]
    [InlineData(0, 30, 30)] // Event-Timestamp agrees with our clock
    [InlineData(20, 0, -20)] // only a delay
    [InlineData(0, 86_400, 0)] // a clock that is a day off is not believed
    public void The_time_of_an_event_is_the_most_trustworthy_one(uint delay, int timestampAhead, int expected)
    {
        var message = new RadiusMessage(RadiusCode.AccountingRequest, 1).Add("Acct-Status-Type", (uint)AcctStatusType.Start).Add("Acct-Session-Id", "s1").Add("Acct-Delay-Time", delay);
        if (timestampAhead != 0)
        {
            message.Add("Event-Timestamp", WireFormat.ToSeconds(Noon.AddSeconds(timestampAhead)));
        }

        Assert.True(AccountingReport.TryRead(new JournalRecord(1, Noon, Tenant, NasId, Line, message.EncodeRequest(new RadiusSecret("s"))), out var report, out _));
        Assert.Equal(Noon.AddSeconds(expected), report.EventAt);
    }

    [Fact]
    public void Usage_is_kept_by_the_hour_in_which_it_was_reported()
    {
        Apply(AcctStatusType.InterimUpdate, 3_599, 100, 0);
        Apply(AcctStatusType.InterimUpdate, 3_900, 150, 0);

        Assert.Equal([(Noon, 100L), (Noon.AddHours(1), 50L)], _ledger.Gains.Select(g => (g.Key.Hour, g.Growth.Upload)));
    }

    private static Growth Total(SessionLedger ledger) => ledger.Gains.Aggregate(default(Growth), (sum, g) => sum + g.Growth);

    private void Apply(AcctStatusType type, int second, long upload = 0, long download = 0, uint? cause = null, int receivedAfter = 0) =>
        _ledger.Apply(Report(type, second, upload, download, cause, receivedAfter: receivedAfter));

    private AccountingReport Report(
        AcctStatusType type, int second, long upload = 0, long download = 0, uint? cause = null, string id = "s1", int startedAt = 0, int receivedAfter = 0)
    {
        var message = Message(type, second, id, startedAt)
            .Add("Acct-Input-Octets", (uint)upload).Add("Acct-Input-Gigawords", (uint)(upload >> 32))
            .Add("Acct-Output-Octets", (uint)download).Add("Acct-Output-Gigawords", (uint)(download >> 32));
        if (cause is { } known)
        {
            message.Add("Acct-Terminate-Cause", known);
        }

        return Read(message, second + (receivedAfter % 100));
    }

    /// <summary>From a NAS that sends 32 bits and nothing of what is above them.</summary>
    private void ApplyNarrow(AcctStatusType type, int second, long upload) =>
        _ledger.Apply(Read(Message(type, second, "s1", 0).Add("Acct-Input-Octets", (uint)upload).Add("Acct-Output-Octets", 7u), second));

    private static RadiusMessage Message(AcctStatusType type, int second, string id, int startedAt)
    {
        var message = new RadiusMessage(RadiusCode.AccountingRequest, 1)
            .Add("Acct-Status-Type", (uint)type)
            .Add("Acct-Session-Id", id)
            .Add("User-Name", "wanjiku")
            .Add("Calling-Station-Id", "02:00:5E:00:53:01")
            .Add("Event-Timestamp", WireFormat.ToSeconds(Noon.AddSeconds(second)));
        return type is AcctStatusType.InterimUpdate or AcctStatusType.Stop ? message.Add("Acct-Session-Time", (uint)(second - startedAt)) : message;
    }

    private AccountingReport Read(RadiusMessage message, int receivedAt)
    {
        var record = new JournalRecord(++_sequence, Noon.AddSeconds(receivedAt), Tenant, NasId, Line, message.EncodeRequest(new RadiusSecret("s")));
        Assert.True(AccountingReport.TryRead(record, out var report, out var problem), problem);
        return report;
    }

    private static LiveSession Stored(int second, long bytes, string id = "s1") => new()
    {
        TenantId = Tenant,
        NasId = NasId,
        AcctSessionId = id,
        SubscriptionId = Line,
        Username = "wanjiku",
        CallingStationId = "02:00:5E:00:53:01",
        StartedAt = Noon,
        UpdatedAt = Noon.AddSeconds(second),
        SessionSeconds = second,
        UploadBytes = bytes,
        DownloadBytes = bytes,
    };

    private static IEnumerable<T[]> Permutations<T>(T[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany((item, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (T[])[item, .. rest]));
}
