using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing.TaxInvoices;

/// <summary>
/// Sends a company's documents to the tax authority, one after the other in the order of their numbers. What stays without an answer stops
/// those behind it and is sent again; what is refused, and a credit note whose invoice is not signed, does not. No connection to the
/// database is held while the authority is asked.
/// </summary>
public sealed class TaxTransmissionDesk(IDataDefenderDbFactory dbFactory, ITaxInvoiceTransmitter transmitter, ISecretVault vault, CurrentUser user)
{
    /// <summary>Longer than a call takes: after it somebody else may take up what was begun.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(10);
    private const int Looked = 100;

    /// <summary>Sends what is due, at most that many; returns how many have an answer now.</summary>
    public async Task<int> SendDueAsync(int atMost, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        var settled = 0;
        while (settled < atMost && await BeginAsync(ct) is var (id, device, document))
        {
            var outcome = await transmitter.SendAsync(device, document, ct);
            if (!await SettleAsync(id, outcome, ct))
            {
                break;
            }

            settled++;
        }

        return settled;
    }

    private async Task<(Guid Id, TaxDeviceAccess Device, TaxDocument Document)?> BeginAsync(CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        if (await db.TaxDevices.AsNoTracking().SingleOrDefaultAsync(ct) is not { IsConnected: true } device || settings.TaxPin is not { } pin)
        {
            return null;
        }

        var cipher = await vault.OpenAsync(db.TenantId, ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        if (await NextAsync(db, turn, ct) is not { } next)
        {
            await turn.CommitAsync(ct); // what is held is noted
            return null;
        }

        var document = await TaxDocuments.OfAsync(db, next, settings, ct);
        next.Begin(turn.Now, Patience);
        if (next.Kind is TaxDocumentKind.Invoice)
        {
            (await db.Invoices.SingleAsync(i => i.Id == next.DocumentId, ct)).TaxSubmitted();
        }
        else if (next.Kind is TaxDocumentKind.CreditNote)
        {
            (await db.CreditNotes.SingleAsync(n => n.Id == next.DocumentId, ct)).TaxSubmitted();
        }

        await turn.CommitAsync(ct);
        return (next.Id, AccessOf(device, pin, cipher), document);
    }

    internal static TaxDeviceAccess AccessOf(TaxDevice device, string pin, ITenantCipher cipher) => new(
        new Uri(device.BaseUrl), pin, device.BranchId, device.SerialNumber,
        device.KeyCipher is { } key ? cipher.Reveal(PlaceOf(device), key) : null, device.ControlUnitId, device.ItemCode, device.ItemClass);

    internal static SecretPlace PlaceOf(TaxDevice device) => new(device.TenantId, nameof(TaxDevice), device.Id, nameof(TaxDevice.KeyCipher));

    private static async Task<TaxTransmission?> NextAsync(IDataDefenderDb db, LedgerTurn turn, CancellationToken ct)
    {
        var now = turn.Now;
        var open = await db.TaxTransmissions
            .Where(t => (t.State == TransmissionState.Waiting || t.State == TransmissionState.Sending) && (!t.IsHeld || t.NextAttemptAt <= now))
            .OrderBy(t => t.Sequence).Take(Looked).ToListAsync(ct);
        var originals = open.Select(t => t.OriginalSequence).OfType<long>().Distinct().ToList();
        var signed = originals.Count == 0
            ? []
            : (await db.TaxTransmissions.Where(t => originals.Contains(t.Sequence) && t.State == TransmissionState.Accepted).Select(t => t.Sequence).ToListAsync(ct)).ToHashSet();
        foreach (var transmission in open)
        {
            if (transmission.OriginalSequence is { } original && !signed.Contains(original))
            {
                transmission.Hold("Waits for its invoice, which the authority has not signed.", now + HeldFor);
                continue;
            }

            return transmission.NextAttemptAt <= now ? transmission : null; // those behind it wait with it
        }

        return null;
    }

    private async Task<bool> SettleAsync(Guid id, TransmissionOutcome outcome, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var transmission = await db.TaxTransmissions.SingleAsync(t => t.Id == id, ct);
        if (transmission.State is not TransmissionState.Sending)
        {
            return true; // somebody else has its answer
        }

        switch (outcome)
        {
            case TransmissionOutcome.Accepted signed:
                await SignAsync(db, turn, transmission, signed, ct);
                break;
            case TransmissionOutcome.Refused refused:
                transmission.Refuse(refused.Code, Cut(refused.Message), turn.Now);
                await TellAsync(db, transmission, i => i.TaxRejected(Cut(refused.Message)), n => n.TaxRejected(Cut(refused.Message)), ct);
                break;
            case TransmissionOutcome.NotReached missed:
                transmission.TryLater(Cut(missed.Message), nothingLeft: true, turn.Now);
                break;
            case TransmissionOutcome.Unknown unknown:
                transmission.TryLater(Cut(unknown.Message), nothingLeft: false, turn.Now);
                break;
            default:
                throw new InvalidOperationException($"What is {outcome.GetType().Name}?");
        }

        await turn.CommitAsync(ct);
        return outcome is TransmissionOutcome.Accepted or TransmissionOutcome.Refused;
    }

    internal static async Task SignAsync(IDataDefenderDb db, LedgerTurn turn, TaxTransmission transmission, TransmissionOutcome.Accepted signed, CancellationToken ct)
    {
        transmission.Sign(signed.ControlNumber, signed.Code, turn.Now);
        await TellAsync(
            db, transmission, i => i.TaxSigned(signed.ControlNumber, signed.Signature, signed.VerificationUrl), n => n.TaxSigned(signed.ControlNumber, signed.Signature, signed.VerificationUrl), ct);
        foreach (var held in await db.TaxTransmissions.Where(t => t.OriginalSequence == transmission.Sequence && t.IsHeld).ToListAsync(ct))
        {
            held.Release(turn.Now);
        }
    }

    private static async Task TellAsync(IDataDefenderDb db, TaxTransmission transmission, Action<Invoice> invoice, Action<CreditNote> note, CancellationToken ct)
    {
        if (transmission.Kind is TaxDocumentKind.Invoice)
        {
            invoice(await db.Invoices.SingleAsync(i => i.Id == transmission.DocumentId, ct));
        }
        else if (transmission.Kind is TaxDocumentKind.CreditNote)
        {
            note(await db.CreditNotes.SingleAsync(n => n.Id == transmission.DocumentId, ct));
        }
    }

    private static string Cut(string text) => text.Length > 500 ? text[..500] : text;
}
