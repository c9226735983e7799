using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Subscriptions;

/// <summary>
/// The lines of clients: sold, switched on, suspended, restored, ended. Each change is saved together with the command that brings it
/// to the open session, so that neither can exist without the other.
/// </summary>
public sealed class SubscriptionService(
    IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, LicenceGuard licence, ISecretVault vault, LineSignal signal, TimeProvider clock)
{
    private static readonly SubscriptionInputValidator Validator = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Sells a line to a client. Returns its id; the password is read through <see cref="CredentialService"/>.</summary>
    public async Task<Guid> CreateAsync(Guid clientId, SubscriptionInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageClients);
        Validator.Demand(input);
        var cipher = await vault.OpenAsync(tenant.TenantId, ct);
        await using var db = await dbFactory.OpenAsync(ct);
        var client = await db.Clients.SingleOrDefaultAsync(c => c.Id == clientId, ct) ?? throw new NotFoundException("Client", clientId);
        await DemandSellableAsync(db, input.PackageId, ct);
        await licence.DemandSubscribersAsync(db, more: 1, ct);

        var username = string.IsNullOrWhiteSpace(input.Username) ? await MakeUsernameAsync(db, client, ct) : input.Username.Trim();
        var line = new Subscription(tenant.TenantId, clientId, input.PackageId, username, Now);
        line.SetPassword(cipher.Protect(line.PasswordPlace(), string.IsNullOrEmpty(input.Password) ? LineCredentials.NewPassword() : input.Password));
        line.AssignAddress(LineAddress.Normalise(input.StaticAddress));
        line.LockToCaller(MacAddress.Normalise(input.CallerLock));
        line.ServeFrom(await SiteAsync(db, input.Site, ct));
        if (input.Activate)
        {
            line.Activate(Now);
        }

        if (await TakenAsync(db, line, ct) is { } taken)
        {
            throw taken;
        }

        db.Subscriptions.Add(line);
        if (input.Activate && await PushedRouters.AnyAsync(db, ct))
        {
            db.Order(line, LineAction.Apply, "created", user.Name, Now);
        }

        db.Report(line, "line.created", $"{line.Username} was created for {client.Name} by {user.Name}.", Now);
        await db.SaveAsync(() => TakenAsync(db, line, ct), ct);
        return line.Id;
    }

    public Task ActivateAsync(Guid id, CancellationToken ct = default) =>
        ControlAsync(id, LineAction.Apply, "line.activated", "activated", line => line.Activate(Now), ct);

    public Task SuspendAsync(Guid id, SuspendReason reason, string? note, CancellationToken ct = default) =>
        ControlAsync(id, LineAction.Apply, "line.suspended", $"suspended: {Reason(reason, note)}", line => line.Suspend(reason, note, Now), ct);

    public Task RestoreAsync(Guid id, CancellationToken ct = default) =>
        ControlAsync(id, LineAction.Release, "line.restored", "restored", line => line.Restore(Now), ct);

    /// <summary>Ends the line for good: its session is dropped, every later login refused, its fixed address is free again, and nothing bills it any more.</summary>
    /// <remarks>What leaving early costs becomes a charge.</remarks>
    public async Task DisconnectAsync(Guid id, string? note, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db, id, ct);
        line.Disconnect(note, Now);
        await EndedContracts.EndAsync(db, [line.Id], await TodayAsync(db, ct), ct);
        await CommitAsync(db, line, LineAction.Drop, "line.disconnected", string.IsNullOrWhiteSpace(note) ? "disconnected" : $"disconnected: {note.Trim()}", ct);
    }

    /// <summary>Ends the open session only; the client's router dials in again by itself.</summary>
    public async Task DropSessionAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db, id, ct);
        db.Record("dropped the session", line); // nothing of the line changes that the trail would tell by itself
        await CommitAsync(db, line, LineAction.Drop, "line.dropped", "session dropped", ct);
    }

    /// <summary>Brings the line to the router once more, after a change of it failed there.</summary>
    /// <exception cref="DomainException">Its last change did not fail.</exception>
    public async Task TryAgainAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db, id, ct);
        var last = await db.LineCommands.AsNoTracking().Where(c => c.SubscriptionId == id).OrderByDescending(c => c.RequestedAt).ThenByDescending(c => c.Id).FirstOrDefaultAsync(ct);
        if (last is not { Status: LineCommandStatus.Failed })
        {
            throw new DomainException("line.not_failed", $"The last change of {line.Username} did not fail; there is nothing to try again.");
        }

        const string Again = "again: ";
        await CommitAsync(db, line, last.Action, "line.retried", last.Because.StartsWith(Again, StringComparison.Ordinal) ? last.Because : Again + last.Because, ct);
    }

    public async Task ChangePackageAsync(Guid id, Guid packageId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db, id, ct);
        if (line.PackageId == packageId)
        {
            throw new DomainException("subscription.same_package", $"{line.Username} has this package already.");
        }

        if (await IsBilledAsync(db, id, ct))
        {
            throw new DomainException("subscription.billed", $"{line.Username} is billed by a contract, which says its package and price. Change the package under the client's billing: what it costs is shown there first.");
        }

        var name = await DemandSellableAsync(db, packageId, ct);
        line.ChangePackage(packageId);
        await CommitAsync(db, line, LineAction.Apply, "line.package", $"package changed to {name}", ct);
    }

    /// <summary>Whether a contract bills the line, so that its package is changed there.</summary>
    public async Task<bool> IsBilledAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageClients);
        await using var db = await dbFactory.OpenAsync(ct);
        return await IsBilledAsync(db, id, ct);
    }

    /// <summary>Gives the line a fixed address, or with null one of the pool again. The session is dropped: no router changes an address under it.</summary>
    public async Task SetStaticAddressAsync(Guid id, string? address, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        if (!SubscriptionInputValidator.IsAddress(address))
        {
            throw new InvalidInputException([new FieldError(nameof(SubscriptionInput.StaticAddress), "Write an IPv4 address such as 100.64.12.7.")]);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db, id, ct);
        var normal = LineAddress.Normalise(address);
        if (line.StaticAddress == normal)
        {
            return;
        }

        line.AssignAddress(normal);
        if (await TakenAsync(db, line, ct) is { } taken)
        {
            throw taken;
        }

        await CommitAsync(db, line, LineAction.Drop, "line.address", normal is null ? "fixed address taken away" : $"fixed address {normal}", ct);
    }

    /// <summary>Lets only this MAC log in, or with null any. A session from another caller is dropped.</summary>
    public async Task SetCallerLockAsync(Guid id, string? mac, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        if (!SubscriptionInputValidator.IsMac(mac))
        {
            throw new InvalidInputException([new FieldError(nameof(SubscriptionInput.CallerLock), "Write a MAC address such as 4C:5E:0C:12:34:56.")]);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db, id, ct);
        var normal = MacAddress.Normalise(mac);
        line.LockToCaller(normal);
        var foreign = normal is not null && await db.LiveSessions.AnyAsync(s => s.SubscriptionId == id && s.CallingStationId != normal, ct);
        await CommitAsync(db, line, foreign ? LineAction.Drop : null, "line.caller", normal is null ? "caller lock taken away" : $"locked to caller {normal}", ct);
    }

    private async Task<DateOnly> TodayAsync(IDataDefenderDb db, CancellationToken ct) => (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct)).Today(clock);

    private async Task<bool> IsBilledAsync(IDataDefenderDb db, Guid id, CancellationToken ct)
    {
        var today = await TodayAsync(db, ct);
        return await db.Contracts.AnyAsync(c => c.SubscriptionId == id && (c.EndsOn == null || c.EndsOn > today), ct);
    }

    private static string Reason(SuspendReason reason, string? note) => string.IsNullOrWhiteSpace(note) ? reason.ToString() : $"{reason}, {note.Trim()}";

    private static async Task<Subscription> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Subscriptions.SingleOrDefaultAsync(s => s.Id == id, ct) ?? throw new NotFoundException("Line", id);

    private static async Task<string> DemandSellableAsync(IDataDefenderDb db, Guid packageId, CancellationToken ct)
    {
        var package = await db.Packages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == packageId, ct) ?? throw new NotFoundException("Package", packageId);
        return package.Status is PackageStatus.Active
            ? package.Name
            : throw new InvalidInputException([new FieldError(nameof(SubscriptionInput.PackageId), $"{package.Name} is retired; choose another package.")]);
    }

    private static async Task<string> MakeUsernameAsync(IDataDefenderDb db, Client client, CancellationToken ct)
    {
        var stem = LineCredentials.UsernameStem(client.Name, client.AccountNumber);
        var taken = await db.Subscriptions.Where(s => s.Username.StartsWith(stem)).Select(s => s.Username).ToListAsync(ct);
        return LineCredentials.FirstFree(stem, taken.ToHashSet());
    }

    private static async Task<DomainException?> TakenAsync(IDataDefenderDb db, Subscription line, CancellationToken ct)
    {
        var others = db.Subscriptions.AsNoTracking().Where(s => s.Id != line.Id);
        if (await others.AnyAsync(s => s.Username == line.Username, ct))
        {
            return Refused(nameof(SubscriptionInput.Username), $"The user name {line.Username} is taken.");
        }

        return line.StaticAddress is { } address && await others.Where(s => s.StaticAddress == address).Select(s => s.Username).FirstOrDefaultAsync(ct) is { } owner
            ? Refused(nameof(SubscriptionInput.StaticAddress), $"{address} belongs to {owner}.")
            : null;
    }

    private static InvalidInputException Refused(string field, string message) => new([new FieldError(field, message)]);

    private async Task ControlAsync(Guid id, LineAction action, string kind, string what, Action<Subscription> change, CancellationToken ct)
    {
        user.Demand(Permissions.ControlLines);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db, id, ct);
        change(line);
        await CommitAsync(db, line, action, kind, what, ct);
    }

    private static async Task<Guid?> SiteAsync(IDataDefenderDb db, string? name, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return null;
        }

        var lower = name.Trim().ToLowerInvariant();
        return await db.Sites.Where(s => s.Name.ToLower() == lower).Select(s => (Guid?)s.Id).FirstOrDefaultAsync(ct)
            ?? throw new InvalidInputException([new FieldError(nameof(SubscriptionInput.Site), $"There is no site called {name.Trim()}.")]);
    }

    private async Task CommitAsync(IDataDefenderDb db, Subscription line, LineAction? action, string kind, string what, CancellationToken ct)
    {
        // A router that has its lines itself is told of every change; else only an open session wants one.
        if ((action ?? (await PushedRouters.AnyAsync(db, ct) ? LineAction.Apply : null)) is { } order)
        {
            db.Order(line, order, what, user.Name, Now);
        }

        db.Report(line, kind, $"{line.Username}: {what}, by {user.Name}.", Now);
        await db.SaveAsync(() => TakenAsync(db, line, ct), ct);
        signal.Wake();
    }
}
