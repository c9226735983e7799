using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing.TaxInvoices;

/// <summary>What the list of transmissions can be narrowed to.</summary>
public enum TransmissionFilter
{
    /// <summary>Waiting, or sent and not answered.</summary>
    Open,
    Refused,
    Accepted,
    All,
}

/// <summary>The way of documents to the tax authority as people look at it: the queue, what was refused and why, and the control unit.</summary>
public sealed class TaxTransmissionService(
    IDataDefenderDbFactory dbFactory, ITaxInvoiceTransmitter transmitter, ISecretVault vault, TaxSignal signal, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    private static readonly TaxDeviceInputValidator Validator = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<PageOf<TransmissionRow>> ListAsync(GridQuery query, TransmissionFilter filter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = Narrow(db.TaxTransmissions.AsNoTracking(), filter);
        if (query.Term is { } term)
        {
            var reference = term.ToUpperInvariant();
            rows = rows.Where(t => t.Reference.Contains(reference) || t.ControlNumber!.Contains(reference));
        }

        var sorted = filter is TransmissionFilter.Open or TransmissionFilter.Refused ? rows.OrderBy(t => t.Sequence) : rows.OrderByDescending(t => t.Sequence);
        var page = await sorted.Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        return new PageOf<TransmissionRow>(
            page.ConvertAll(t => new TransmissionRow(
                t.Id, t.Sequence, t.Kind, t.DocumentId, t.InvoiceId, t.Reference, t.State, t.IsHeld, t.QueuedAt, t.NextAttemptAt, t.Attempts, t.LastAttemptAt, t.SettledAt, t.ResultCode, t.Message, t.ControlNumber)),
            await rows.CountAsync(ct));
    }

    public async Task<TransmissionOverview> OverviewAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var counts = await db.TaxTransmissions.GroupBy(t => t.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var oldest = await db.TaxTransmissions.Where(t => t.State == TransmissionState.Waiting || t.State == TransmissionState.Sending).OrderBy(t => t.Sequence).Select(t => (DateTime?)t.QueuedAt).FirstOrDefaultAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        var device = await db.TaxDevices.AsNoTracking().SingleOrDefaultAsync(ct);
        return new TransmissionOverview(
            settings.TransmitTaxInvoices, device is { IsConnected: true }, counts.GetValueOrDefault(TransmissionState.Waiting) + counts.GetValueOrDefault(TransmissionState.Sending),
            counts.GetValueOrDefault(TransmissionState.Refused), counts.GetValueOrDefault(TransmissionState.Accepted), oldest);
    }

    /// <summary>Sends again what was refused.</summary>
    public async Task RetryAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        (await FindAsync(db, id, ct)).Retry(turn.Now);
        await turn.CommitAsync(ct);
        signal.Wake();
    }

    /// <summary>Sends again everything that was refused, after its common cause was put right. Returns how many.</summary>
    public async Task<int> RetryAllAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var refused = await db.TaxTransmissions.Where(t => t.State == TransmissionState.Refused).OrderBy(t => t.Sequence).Take(5_000).ToListAsync(ct);
        refused.ForEach(t => t.Retry(turn.Now));
        await turn.CommitAsync(ct);
        signal.Wake();
        return refused.Count;
    }

    /// <summary>Notes by hand what the authority's own site shows, where it has the number and does not say its signature again.</summary>
    public async Task RecordAsync(Guid id, string controlNumber, string signature, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        List<FieldError> errors = [];
        if (controlNumber.Trim().Length is < 3 or > 60)
        {
            errors.Add(new FieldError("ControlNumber", "Write the CU invoice number as it stands on the eTIMS site."));
        }

        if (signature.Trim().Length is < 8 or > 100)
        {
            errors.Add(new FieldError("Signature", "Write the receipt signature as it stands on the eTIMS site."));
        }

        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var transmission = await FindAsync(db, id, ct);
        if (transmission.State is not (TransmissionState.Refused or TransmissionState.Sending))
        {
            throw new DomainException("tax.transmission", $"{transmission.Reference} is {transmission.State}; only what was refused or has no answer is entered by hand.");
        }

        var device = await db.TaxDevices.AsNoTracking().SingleOrDefaultAsync(ct) ?? new TaxDevice(tenant.TenantId);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        await TaxTransmissionDesk.SignAsync(
            db, turn, transmission, new TransmissionOutcome.Accepted("by hand", controlNumber.Trim(), signature.Trim(), VerificationLink.Of(settings.TaxPin ?? "", device.BranchId, signature.Trim())), ct);
        await turn.CommitAsync(ct);
        signal.Wake();
    }

    public async Task<TaxDeviceDetails> GetDeviceAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var device = await db.TaxDevices.AsNoTracking().SingleOrDefaultAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        return new TaxDeviceDetails(
            device is null ? new TaxDeviceInput() : new TaxDeviceInput { BaseUrl = device.BaseUrl, BranchId = device.BranchId, SerialNumber = device.SerialNumber, ItemCode = device.ItemCode, ItemClass = device.ItemClass },
            settings.TaxPin, device is not null, device?.IsConnected is true, device?.ControlUnitId, device?.ConnectedAt, settings.TransmitTaxInvoices);
    }

    public async Task SaveDeviceAsync(TaxDeviceInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageTaxes);
        Validator.Demand(input);
        if (!transmitter.IsAllowed(new Uri(input.BaseUrl.Trim())))
        {
            throw new InvalidInputException([new FieldError(nameof(TaxDeviceInput.BaseUrl), "This installation may not call that address; whoever runs it names the hosts of tax authorities in Etims:AllowedHosts.")]);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var device = await db.TaxDevices.SingleOrDefaultAsync(ct) ?? db.TaxDevices.Add(new TaxDevice(tenant.TenantId)).Entity;
        device.Change(input);
        if (!string.IsNullOrWhiteSpace(input.Key))
        {
            device.Connect((await vault.OpenAsync(db.TenantId, ct)).Protect(TaxTransmissionDesk.PlaceOf(device), input.Key.Trim()), null, Now);
        }

        await db.SaveAsync(ct);
        signal.Wake();
    }

    /// <summary>Sets the control unit up at the authority, which gives it its key. Returns the name that the authority has for the PIN.</summary>
    /// <exception cref="DomainException">The authority refused, or was not reached.</exception>
    public async Task<string?> ConnectAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageTaxes);
        TaxDeviceAccess access;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var device = await db.TaxDevices.AsNoTracking().SingleOrDefaultAsync(ct) ?? throw new DomainException("tax.device", "Save the control unit first.");
            var pin = (await CurrentBillingSettings.OfAsync(db, ct)).TaxPin ?? throw new DomainException("tax.pin", "Write the company's KRA PIN under Billing and taxes first.");
            access = TaxTransmissionDesk.AccessOf(device, pin, await vault.OpenAsync(db.TenantId, ct));
        }

        var outcome = await transmitter.ConnectAsync(access, ct);
        if (outcome is not DeviceOutcome.Ready ready)
        {
            throw new DomainException("tax.device", ((DeviceOutcome.Refused)outcome).Message);
        }

        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var device = await db.TaxDevices.SingleAsync(ct);
            device.Connect((await vault.OpenAsync(db.TenantId, ct)).Protect(TaxTransmissionDesk.PlaceOf(device), ready.Key), ready.ControlUnitId, Now);
            await db.SaveAsync(ct);
        }

        signal.Wake();
        return ready.TaxpayerName;
    }

    /// <summary>From now on documents are queued for the authority, or are not any more. What is queued stays so.</summary>
    public async Task SwitchAsync(bool on, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageTaxes);
        await using var db = await dbFactory.OpenAsync(ct);
        if (on && !await db.TaxDevices.AnyAsync(d => d.KeyCipher != null, ct))
        {
            throw new DomainException("tax.device", "Connect the control unit first; else documents would only pile up.");
        }

        var settings = await db.BillingSettings.SingleOrDefaultAsync(ct) ?? db.BillingSettings.Add(new BillingSettings(tenant.TenantId)).Entity;
        settings.Transmit(on);
        await db.SaveAsync(ct);
    }

    private static IQueryable<TaxTransmission> Narrow(IQueryable<TaxTransmission> rows, TransmissionFilter filter) => filter switch
    {
        TransmissionFilter.Open => rows.Where(t => t.State == TransmissionState.Waiting || t.State == TransmissionState.Sending),
        TransmissionFilter.Refused => rows.Where(t => t.State == TransmissionState.Refused),
        TransmissionFilter.Accepted => rows.Where(t => t.State == TransmissionState.Accepted),
        TransmissionFilter.All => rows,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "No such filter."),
    };

    private static async Task<TaxTransmission> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.TaxTransmissions.SingleOrDefaultAsync(t => t.Id == id, ct) ?? throw new NotFoundException("Transmission", id);
}

/// <summary>What a signed document's QR code leads to.</summary>
public static class VerificationLink
{
    public static string Of(string pin, string branchId, string signature) => $"https://etims.kra.go.ke/common/link/etims/receipt/indexEtimsReceiptData?Data={pin}{branchId}{signature}";
}

/// <summary>A document in the queue.</summary>
public sealed record TransmissionRow(
    Guid Id, long Sequence, TaxDocumentKind Kind, Guid DocumentId, Guid InvoiceId, string Reference, TransmissionState State, bool IsHeld, DateTime QueuedAt, DateTime NextAttemptAt, int Attempts,
    DateTime? LastAttemptAt, DateTime? SettledAt, string? ResultCode, string? Message, string? ControlNumber);

/// <summary>The queue in one look. <see cref="OldestOpen"/> is when the first of those that wait was issued (UTC).</summary>
public sealed record TransmissionOverview(bool IsOn, bool IsConnected, int Open, int Refused, int Accepted, DateTime? OldestOpen);

/// <summary>The control unit as it is edited.</summary>
public sealed record TaxDeviceDetails(TaxDeviceInput Input, string? Pin, bool IsSaved, bool IsConnected, string? ControlUnitId, DateTime? ConnectedAt, bool IsOn);
