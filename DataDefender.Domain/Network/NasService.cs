using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Network;

/// <summary>A NAS as the list and its form show it; never its secret.</summary>
/// <param name="LastReportAt">When accounting last said anything of a session that is open on it.</param>
public sealed record NasRow(
    Guid Id, string Name, string Address, string Identifier, Guid? RouterId, string? RouterName, MessageAuthenticatorRule MessageAuthenticator,
    bool MessageAuthenticatorSeen, int CoaPort, bool IsEnabled, int OpenSessions, DateTime? LastReportAt,
    string Certificate = "", NasVendor Vendor = NasVendor.MikroTik)
{
    /// <summary>The same as the form takes it; the secret stays empty, which keeps the stored one.</summary>
    public NasInput ToInput() => new()
    {
        Name = Name, Address = Address, Identifier = Identifier, Certificate = Certificate, Vendor = Vendor, MessageAuthenticator = MessageAuthenticator, CoaPort = CoaPort, IsEnabled = IsEnabled,
    };
}

/// <summary>How many enabled NAS under the rule Learn have sent no Message-Authenticator yet, and how many have.</summary>
public sealed record NasLearning(int Learning, int Learnt);

/// <summary>A NAS that was just added, with its secret to be pasted into the router.</summary>
public sealed record NasCreated(Guid Id, string Secret);

/// <summary>What may send us RADIUS, and with which secret.</summary>
public sealed class NasService(IDataDefenderDbFactory dbFactory, IPlatformDbFactory platform, ISecretVault vault, LicenceGuard licence, CurrentUser user)
{
    // 62 characters to the 24th: 142 bits, and nothing in it that a terminal would read as more than a letter.
    private const string SecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int SecretLength = 24;

    private static readonly NasInputValidator Validator = new();

    public async Task<PageOf<NasRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var devices = db.NasDevices.AsNoTracking();
        if (query.Term is { } term)
        {
            devices = devices.Where(n => n.Name.ToLower().Contains(term) || n.Address.Contains(term) || n.Identifier.ToLower().Contains(term) || n.Certificate.Contains(term)
                || db.Routers.Any(r => r.Id == n.RouterId && r.Name.ToLower().Contains(term)));
        }

        var sorted = (query.SortBy, query.Descending) switch
        {
            (nameof(NasRow.Address), false) => devices.OrderBy(n => n.Address),
            (nameof(NasRow.Address), true) => devices.OrderByDescending(n => n.Address),
            (nameof(NasRow.RouterName), false) => devices.OrderBy(n => db.Routers.Where(r => r.Id == n.RouterId).Select(r => r.Name).FirstOrDefault()),
            (nameof(NasRow.RouterName), true) => devices.OrderByDescending(n => db.Routers.Where(r => r.Id == n.RouterId).Select(r => r.Name).FirstOrDefault()),
            (_, true) => devices.OrderByDescending(n => n.Name),
            _ => devices.OrderBy(n => n.Name),
        };
        var page = sorted.ThenBy(n => n.Id).Skip(query.Page * query.PageSize).Take(query.PageSize);
        return new PageOf<NasRow>(await Rows(db, page).ToListAsync(ct), await devices.CountAsync(ct));
    }

    /// <summary>One row of the list; null when there is no such NAS.</summary>
    public async Task<NasRow?> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Rows(db, db.NasDevices.Where(n => n.Id == id)).SingleOrDefaultAsync(ct);
    }

    public async Task<NasLearning> LearningAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var learning = await db.NasDevices.Where(n => n.IsEnabled && n.MessageAuthenticator == MessageAuthenticatorRule.Learn).Select(n => n.MessageAuthenticatorSeen).ToListAsync(ct);
        return new NasLearning(learning.Count(seen => !seen), learning.Count(seen => seen));
    }

    /// <summary>Adds a NAS; without a secret in the input a strong one is made.</summary>
    public async Task<NasCreated> AddAsync(NasInput input, Guid? routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        await licence.DemandModuleAsync(db, LicensedModules.Radius, ct);
        await RequireRouterAsync(db, routerId, ct);
        var secret = string.IsNullOrEmpty(input.Secret) ? RandomNumberGenerator.GetString(SecretAlphabet, SecretLength) : input.Secret;
        var nas = new Nas(db.TenantId, routerId, Canonical(input));
        nas.SetSecret((await vault.OpenAsync(db.TenantId, ct)).Protect(nas.SecretPlace(), secret));
        db.NasDevices.Add(nas);
        await SaveAsync(db, nas, ct);
        return new NasCreated(nas.Id, secret);
    }

    public async Task ChangeAsync(Guid id, NasInput input, Guid? routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var nas = await FindAsync(db, id, ct);
        await RequireRouterAsync(db, routerId, ct);
        nas.Change(Canonical(input));
        nas.LinkTo(routerId);
        if (!string.IsNullOrEmpty(input.Secret))
        {
            nas.SetSecret((await vault.OpenAsync(db.TenantId, ct)).Protect(nas.SecretPlace(), input.Secret));
        }

        await SaveAsync(db, nas, ct);
    }

    /// <exception cref="DomainException">Sessions are open on it.</exception>
    public async Task RemoveAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var nas = await FindAsync(db, id, ct);
        var open = await db.LiveSessions.CountAsync(s => s.NasId == id, ct);
        if (open > 0)
        {
            throw new DomainException("nas.in_use", $"{nas.Name} has {open:#,##0} open {(open == 1 ? "session" : "sessions")}. Switch it off first and wait until they have ended.");
        }

        db.NasDevices.Remove(nas);
        await db.SaveChangesAsync(ct);
    }

    /// <summary>The secret in the clear, for setting a router up again. Who asked is written to the audit trail.</summary>
    public async Task<string> RevealSecretAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var nas = await FindAsync(db, id, ct);
        var secret = (await vault.OpenAsync(db.TenantId, ct)).Reveal(nas.SecretPlace(), nas.SecretCipher);
        db.Record("revealed secret", nas);
        await db.SaveChangesAsync(ct);
        return secret;
    }

    private static IQueryable<NasRow> Rows(IDataDefenderDb db, IQueryable<Nas> devices) => devices.Select(n => new NasRow(
        n.Id, n.Name, n.Address, n.Identifier, n.RouterId, db.Routers.Where(r => r.Id == n.RouterId).Select(r => r.Name).FirstOrDefault(),
        n.MessageAuthenticator, n.MessageAuthenticatorSeen, n.CoaPort, n.IsEnabled,
        db.LiveSessions.Count(s => s.NasId == n.Id),
        db.LiveSessions.Where(s => s.NasId == n.Id).Max(s => (DateTime?)s.UpdatedAt),
        n.Certificate, n.Vendor));

    private static NasInput Canonical(NasInput input) => input with { Address = NasInputValidator.Canonical(input.Address) ?? "" };

    // The pair of address and identifier leads a packet to one NAS of one company, so it is unique on the whole installation. Whose the
    // other one is must not show, which is why all cases say the same.
    private async Task SaveAsync(IDataDefenderDb db, Nas nas, CancellationToken ct)
    {
        var taken = await db.NasDevices.AnyAsync(
            n => n.Id != nas.Id && n.Identifier == nas.Identifier
                && ((nas.Address != "" && n.Address == nas.Address) || (nas.Certificate != "" && n.Certificate == nas.Certificate)),
            ct) || await IsAnothersAsync(nas, ct);
        if (!taken)
        {
            await DemandOwnCoaPortAsync(nas, ct);
        }

        try
        {
            if (!taken)
            {
                await db.SaveChangesAsync(ct);
                return;
            }
        }
        catch (DbUpdateException clash) when (clash is not DbUpdateConcurrencyException)
        {
            // Falls through to the same answer; nothing else about a NAS can clash.
        }

        if (nas.Certificate.Length > 0)
        {
            throw new InvalidInputException([new FieldError(
                nameof(NasInput.Certificate), "A NAS on this installation has this address or shows this certificate already. Where several share one, give each its NAS-Identifier.")]);
        }

        throw new InvalidInputException(nas.Identifier.Length == 0
            ? [new FieldError(nameof(NasInput.Address), $"{nas.Address} is a NAS on this installation already. Where several share an address, give each its NAS-Identifier.")]
            : [new FieldError(nameof(NasInput.Identifier), $"{nas.Address} with the identifier {nas.Identifier} is a NAS on this installation already.")]);
    }

    // A Disconnect-Request names its session and not its NAS: one that reaches the wrong router behind an address is answered "no such session", and that
    // would be believed.
    private async Task DemandOwnCoaPortAsync(Nas nas, CancellationToken ct)
    {
        await using var all = await platform.OpenAsync(ct);
        if (nas.Address.Length > 0 && await all.NasDevices.AcrossTenants().AnyAsync(n => n.Id != nas.Id && n.Address == nas.Address && n.Identifier != nas.Identifier && n.CoaPort == nas.CoaPort, ct))
        {
            throw new InvalidInputException([new FieldError(
                nameof(NasInput.CoaPort), $"Another NAS at {nas.Address} has the CoA port {nas.CoaPort}. Routers behind one address need a port each, forwarded to its own router.")]);
        }
    }

    // An identifier is what a packet says of itself: whoever adds one to another company's address would be sent that company's logins.
    // Only where both have one is an address shared (a NAT before both); a certificate never is.
    private async Task<bool> IsAnothersAsync(Nas nas, CancellationToken ct)
    {
        await using var all = await platform.OpenAsync(ct);
        return await all.NasDevices.AcrossTenants().AnyAsync(
            n => n.TenantId != nas.TenantId
                && ((nas.Address != "" && n.Address == nas.Address && (n.Identifier == "" || nas.Identifier == ""))
                    || (nas.Certificate != "" && n.Certificate == nas.Certificate)),
            ct);
    }

    private static async Task<Nas> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.NasDevices.SingleOrDefaultAsync(n => n.Id == id, ct) ?? throw new NotFoundException("NAS", id);

    private static async Task RequireRouterAsync(IDataDefenderDb db, Guid? routerId, CancellationToken ct)
    {
        if (routerId is { } id && !await db.Routers.AnyAsync(r => r.Id == id, ct))
        {
            throw new NotFoundException("Router", id);
        }
    }
}
