using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Collections;

/// <summary>How a client stands, said in four answers. <paramref name="Until"/> is UTC; null when only an act ends it.</summary>
/// <param name="Tone">How urgent it is, for the page.</param>
public sealed record Explanation(StandingTone Tone, string What, string Why, DateTime? Until, string Ends);

public enum StandingTone
{
    Good,
    Planned,
    Warning,
    Bad,
}

/// <summary>A step that comes, with when at the earliest (UTC).</summary>
public sealed record ComingStep(DunningAct Act, string Invoice, DateTime? At, string Why);

/// <summary>A line of a client's history of collections.</summary>
public sealed record DunningRow(DateTime At, string Text, DunningOutcome Outcome, DunningAct? Act, string By, Guid? InvoiceId);

/// <summary>A client as collections see one.</summary>
public sealed record ClientCollections(
    bool IsOn, Money Owed, Money Overdue, int OpenInvoices, DateOnly? OldestDue, IReadOnlyList<Explanation> Explanations, IReadOnlyList<ComingStep> Coming,
    ExclusionKind? Exclusion, string? ExclusionReason, DateTime? PromiseUntil, string? PromiseNote, int Promises, int BrokenPromises, DateTime? GraceUntil, DateTime? EquipmentSince,
    int MostPromiseDays, int MostGraceHours, bool HasSuspended);

/// <summary>What is agreed with a client about what is owed, and why each state and step is as it is.</summary>
public sealed class CollectionsService(
    IDataDefenderDbFactory dbFactory, CurrentUser user, LineSignal lineSignal, MessageSignal messageSignal, TimeProvider clock)
{
    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<ClientCollections> GetAsync(Guid clientId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var (settings, moment) = await FrameAsync(db, ct);
        var rows = await FindAsync(db, clientId, ct);
        var debtor = rows.Debtor;
        var open = debtor.Invoices.Where(i => i.Balance > Money.Zero).OrderBy(i => i.DueOn).ToList();
        return new ClientCollections(
            settings.Policy.IsOn, rows.Owed, debtor.OverdueOn(moment.Today), open.Count, open.FirstOrDefault()?.DueOn,
            [.. await EndedAsync(db, clientId, ct), .. Explain(settings, rows, moment)], Coming(settings.Policy, debtor, moment),
            rows.Standing?.ExclusionKind, rows.Standing?.ExclusionReason, rows.Standing?.PromiseUntil, rows.Standing?.PromiseNote, rows.Standing?.Promises ?? 0, rows.Standing?.BrokenPromises ?? 0,
            rows.Standing?.GraceUntil > moment.Utc ? rows.Standing.GraceUntil : null, rows.Standing?.EquipmentSince, settings.Policy.MostPromiseDays, settings.Policy.MostGraceHours,
            rows.Lines.Any(l => l is { State: SubscriptionState.Suspended, SuspendReason: SuspendReason.Unpaid }));
    }

    public async Task<PageOf<DunningRow>> HistoryAsync(Guid clientId, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var entries = db.DunningEntries.AsNoTracking().Where(e => e.ClientId == clientId);
        var page = await entries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(e => new DunningRow(e.At, e.Text, e.Outcome, e.Act, e.By, e.InvoiceId)).ToListAsync(ct);
        return new PageOf<DunningRow>(page, await entries.CountAsync(ct));
    }

    /// <summary>The client promises to pay by the end of a day; until then nothing is done. Lines that are suspended for money come back.</summary>
    public Task PromiseAsync(Guid clientId, DateOnly day, string? note, bool restore, CancellationToken ct = default) => ActAsync(clientId, (db, settings, moment, rows, standing) =>
    {
        var last = moment.Today.AddDays(settings.Policy.MostPromiseDays);
        if (day < moment.Today || day > last)
        {
            throw new InvalidInputException([new FieldError("Day", $"A promise ends between today and {last.ToString("d MMM yyyy", CultureInfo.InvariantCulture)}.")]);
        }

        if (rows.Debtor.Invoices.All(i => i.Balance <= Money.Zero))
        {
            throw new DomainException("collections.nothing", "The client owes nothing, so there is nothing to promise.");
        }

        var until = moment.ToUtc(day.AddDays(1).ToDateTime(TimeOnly.MinValue));
        standing.Promise(until, Blank(note), Now);
        if (restore)
        {
            RestoreLines(db, rows, "promised to pay");
        }

        return ($"Promised to pay by {day.ToString("d MMM yyyy", CultureInfo.InvariantCulture)}{(Blank(note) is { } said ? $": {said}" : ".")}", MessageTopic.PromiseAgreed,
            new MessageValues { Balance = rows.Owed, Until = moment.ToUtc(day.ToDateTime(TimeOnly.MinValue)) });
    }, ct);

    /// <summary>Takes a promise back.</summary>
    public Task WithdrawPromiseAsync(Guid clientId, string reason, CancellationToken ct = default) => ActAsync(clientId, (_, _, _, _, standing) =>
    {
        DemandReason(reason);
        if (standing.PromiseUntil is null)
        {
            throw new DomainException("collections.promise", "There is no promise to take back.");
        }

        standing.EndPromise(broken: false);
        return ($"Promise taken back: {reason.Trim()}", null, null);
    }, ct);

    /// <summary>No suspension for so many hours; lines that are suspended for money come back now.</summary>
    public Task GiveGraceAsync(Guid clientId, int hours, string reason, CancellationToken ct = default) => ActAsync(clientId, (db, settings, _, rows, standing) =>
    {
        DemandReason(reason);
        if (hours < 1 || hours > settings.Policy.MostGraceHours)
        {
            throw new InvalidInputException([new FieldError("Hours", $"Grace is 1 to {settings.Policy.MostGraceHours} hours.")]);
        }

        standing.Grace(Now.AddHours(hours), reason.Trim());
        RestoreLines(db, rows, "given grace");
        return ($"Given {hours} {(hours == 1 ? "hour" : "hours")} of grace: {reason.Trim()}", null, null);
    }, ct);

    public Task ExcludeAsync(Guid clientId, ExclusionKind kind, string reason, CancellationToken ct = default) => ActAsync(clientId, (db, _, _, rows, standing) =>
    {
        DemandReason(reason);
        standing.Exclude(kind, reason.Trim(), user.Name, Now);
        RestoreLines(db, rows, $"excluded ({Name(kind)})");
        return ($"Excluded from late fees, suspension and disconnection ({Name(kind)}): {reason.Trim()}", null, null);
    }, ct);

    public Task IncludeAsync(Guid clientId, string reason, CancellationToken ct = default) => ActAsync(clientId, (_, _, _, _, standing) =>
    {
        DemandReason(reason);
        if (standing.Exclusion is null)
        {
            throw new DomainException("collections.exclusion", "The client is not excluded.");
        }

        standing.Include();
        return ($"No longer excluded: {reason.Trim()}", null, null);
    }, ct);

    public Task EquipmentRecoveredAsync(Guid clientId, string note, CancellationToken ct = default) => ActAsync(clientId, (_, _, _, _, standing) =>
    {
        DemandReason(note);
        if (standing.EquipmentSince is null)
        {
            throw new DomainException("collections.equipment", "No equipment of this client is marked to be fetched.");
        }

        standing.EquipmentRecovered();
        return ($"Equipment fetched back: {note.Trim()}", null, null);
    }, ct);

    /// <summary>The kind of exclusion as people write it.</summary>
    public static string Name(ExclusionKind kind) => kind switch
    {
        ExclusionKind.Vip => "VIP",
        ExclusionKind.EssentialService => "essential service",
        ExclusionKind.Dispute => "dispute",
        ExclusionKind.Other => "other",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Lines that were ended for money say so for as long as they are the client's last ones.</summary>
    private static async Task<IEnumerable<Explanation>> EndedAsync(IDataDefenderDb db, Guid clientId, CancellationToken ct) =>
        (await db.Subscriptions.AsNoTracking()
            .Where(s => s.ClientId == clientId && s.State == SubscriptionState.Disconnected && s.StateNote!.StartsWith("Unpaid") && !db.Subscriptions.Any(o => o.ClientId == clientId && o.State != SubscriptionState.Disconnected))
            .OrderByDescending(s => s.StateSince).Take(5).Select(s => new { s.Username, s.StateNote }).ToListAsync(ct))
        .Select(s => new Explanation(StandingTone.Bad, $"{s.Username} is disconnected for good.", $"{s.StateNote}.", null, "Nothing by itself: payment settles the debt, and a new line is sold to the client."));

    /// <summary>What, why, until when, and what ends it, for everything that holds now. Pure, so that it can be tested without a database.</summary>
    internal static IReadOnlyList<Explanation> Explain(CollectionsSettings settings, DebtorRows rows, DunningMoment moment)
    {
        List<Explanation> said = [];
        var (policy, debtor) = (settings.Policy, rows.Debtor);
        var overdue = debtor.OverdueOn(moment.Today);
        foreach (var line in rows.Lines.Where(l => l is { State: SubscriptionState.Suspended, SuspendReason: SuspendReason.Unpaid }))
        {
            said.Add(new Explanation(
                StandingTone.Bad, $"{line.Username} is suspended.", line.StateNote is { } note ? $"Unpaid: {note}." : "It was suspended as unpaid.", null,
                "Paying what is overdue restores it within seconds; a promise or grace restores it for its time."));
        }

        if (debtor.Exclusion is { } exclusion)
        {
            said.Add(new Explanation(
                StandingTone.Planned, "No late fees, no suspension, no disconnection.", $"Excluded ({Name(exclusion.Kind)}): {exclusion.Reason}", null, "Somebody takes the exclusion off. Reminders still go out."));
        }

        if (debtor.PromiseUntil is { } promised && promised > moment.Utc)
        {
            said.Add(new Explanation(
                StandingTone.Planned, "Nothing is done for now.", rows.Standing?.PromiseNote is { } note ? $"The client promised to pay: {note}" : "The client promised to pay.", promised,
                "Payment keeps the promise; when it runs out unpaid the ladder goes on, and the client is told."));
        }

        if (debtor.GraceUntil is { } grace && grace > moment.Utc)
        {
            said.Add(new Explanation(StandingTone.Planned, "No suspension for now.", $"Grace: {rows.Standing?.GraceNote}", grace, "Its end, or payment. Reminders still go out."));
        }

        if (settings.PausedUntil is { } paused && paused > moment.Utc)
        {
            said.Add(new Explanation(StandingTone.Planned, "Collections rest for all clients.", settings.PauseReason ?? "Paused.", paused, "Its end, or somebody resumes them."));
        }

        if (!policy.IsOn && overdue > Money.Zero)
        {
            said.Add(new Explanation(StandingTone.Planned, "Nothing is done by itself.", "Collections are switched off in the rules.", null, "Somebody switches them on."));
        }

        if (policy.IsOn)
        {
            foreach (var wait in DunningEngine.Decide(policy, debtor, moment).OfType<DunningDecision.Wait>().Where(w => w.Step.Act is DunningAct.Suspend or DunningAct.Disconnect))
            {
                said.Add(new Explanation(
                    StandingTone.Warning, wait.Step.Act is DunningAct.Suspend ? "Suspension is due." : "Disconnection is due.", $"{wait.Invoice.Reference} is unpaid. It waits: {wait.Why}", wait.Until,
                    "Payment of what is overdue."));
            }
        }

        if (rows.Standing?.EquipmentSince is not null)
        {
            said.Add(new Explanation(StandingTone.Warning, "Equipment is to be fetched back.", "The debt is old.", null, "Somebody notes that it was fetched."));
        }

        if (said.Count == 0)
        {
            said.Add(overdue > Money.Zero
                ? new Explanation(StandingTone.Warning, "Something is overdue.", $"{debtor.Invoices.Count(i => i.DueOn < moment.Today)} unpaid past their day.", null, "Payment.")
                : new Explanation(StandingTone.Good, "Nothing is overdue.", debtor.Invoices.Count == 0 ? "There is no open invoice." : "Open invoices are not yet due.", null, ""));
        }

        return said;
    }

    internal static IReadOnlyList<ComingStep> Coming(DunningPolicy policy, Debtor debtor, DunningMoment moment)
    {
        if (!policy.IsOn)
        {
            return [];
        }

        // Of all reminders that wait the first speaks for the others.
        var decisions = DunningEngine.Decide(policy, debtor, moment);
        var speaks = decisions.FirstOrDefault(d => d.Step.Tells);
        var waiting = decisions.Where(d => !d.Step.Tells || d == speaks).Select(d => d switch
        {
            DunningDecision.Wait wait => new ComingStep(wait.Step.Act, wait.Invoice.Reference, wait.Until, wait.Why),
            DunningDecision.Do step => new ComingStep(step.Step.Act, step.Invoice.Reference, moment.Utc, step.Why),
            _ => null,
        }).OfType<ComingStep>();
        var later = debtor.Invoices.Where(i => i.Balance > Money.Zero).Select(i => (Invoice: i, Next: DunningEngine.Next(policy, i, moment.Today))).Where(n => n.Next is not null)
            .Select(n => new ComingStep(
                n.Next!.Value.Step.Act, n.Invoice.Reference, moment.ToUtc(n.Next.Value.Day.ToDateTime(n.Next.Value.Step.Act is DunningAct.Suspend or DunningAct.Disconnect ? policy.SuspendFrom : policy.TellFrom)),
                $"Due on {n.Invoice.DueOn.ToString("d MMM yyyy", CultureInfo.InvariantCulture)}."));
        return [.. waiting.Concat(later).OrderBy(s => s.At ?? DateTime.MaxValue)];
    }

    internal static async Task<(CollectionsSettings Settings, DunningMoment Moment)> FrameAsync(IDataDefenderDb db, DateTime now, CancellationToken ct)
    {
        var settings = await db.CollectionsSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new CollectionsSettings(db.TenantId);
        var zone = await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.TimeZone).SingleAsync(ct);
        return (settings, new DunningMoment(now, TimeZoneInfo.FindSystemTimeZoneById(zone), settings.PausedUntil));
    }

    private async Task<DebtorRows> FindAsync(IDataDefenderDb db, Guid clientId, CancellationToken ct) =>
        (await DebtorBook.LoadAsync(db, [clientId], Now, ct)).SingleOrDefault() ?? throw new NotFoundException("Client", clientId);

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static void DemandReason(string reason)
    {
        if (reason.Trim().Length is < 3 or > 200)
        {
            throw new InvalidInputException([new FieldError("Reason", "Say why in 3 to 200 characters.")]);
        }
    }

    private Task<(CollectionsSettings Settings, DunningMoment Moment)> FrameAsync(IDataDefenderDb db, CancellationToken ct) => FrameAsync(db, Now, ct);

    private async Task ActAsync(
        Guid clientId, Func<IDataDefenderDb, CollectionsSettings, DunningMoment, DebtorRows, ClientStanding, (string Text, MessageTopic? Topic, MessageValues? Values)> act, CancellationToken ct)
    {
        user.Demand(Permissions.ManageCollections);
        await using var db = await dbFactory.OpenAsync(ct);
        var (settings, moment) = await FrameAsync(db, ct);
        var rows = await FindAsync(db, clientId, ct);
        var standing = rows.Standing ?? db.ClientStandings.Add(new ClientStanding(db.TenantId, clientId)).Entity;
        var (text, topic, values) = act(db, settings, moment, rows, standing);
        var key = $"hand:{Guid.CreateVersion7():N}";
        db.DunningEntries.Add(new DunningEntry
        {
            TenantId = db.TenantId, ClientId = clientId, StepKey = key, Outcome = DunningOutcome.ByHand, At = Now, Text = text.Length <= 300 ? text : text[..300], By = user.Name,
        });
        if (topic is { } said)
        {
            (await MessageDesk.OpenAsync(db, ct)).Write(db, said, rows.Addressee, values!, key, [MessageChannel.Sms], Now);
        }

        await db.SaveAsync(ct);
        lineSignal.Wake();
        messageSignal.Wake();
    }

    private void RestoreLines(IDataDefenderDb db, DebtorRows rows, string why)
    {
        foreach (var line in rows.Lines.Where(l => l is { State: SubscriptionState.Suspended, SuspendReason: SuspendReason.Unpaid }))
        {
            line.Restore(Now);
            db.Order(line, LineAction.Release, $"restored: {why}", user.Name, Now);
            db.Report(line, "line.restored", $"{line.Username}: restored: {why}, by {user.Name}.", Now);
        }
    }
}
