using System.Security.Cryptography;
using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Security;

/// <summary>How one's own login to the company's routers stands.</summary>
/// <param name="Access">What the role allows; None means that there is no such login.</param>
/// <param name="Username">Null until one was chosen.</param>
/// <param name="AllowedByCompany">Whether the company has switched router logins on.</param>
public sealed record OwnRouterLogin(RouterAccess Access, string? Username, bool AllowedByCompany);

/// <summary>
/// One's own login to the company's routers by RADIUS. The password is made here and shown once: it must be kept readable (CHAP and
/// MS-CHAP need it), so it must never be one that somebody uses elsewhere.
/// </summary>
public sealed class RouterLoginService(IDataDefenderDbFactory dbFactory, ISecretVault vault, CurrentUser user)
{
    public const int PasswordLength = 20;

    // Typed by hand on a router's terminal now and then: no character looks like another.
    private const string PasswordAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    private const int MinUsername = 2;

    public async Task<OwnRouterLogin> GetAsync(CancellationToken ct = default)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var staff = await FindSelfAsync(db, ct);
        var allowed = await db.NetworkSettings.Select(s => s.RouterLogins).SingleOrDefaultAsync(ct);
        return new OwnRouterLogin(staff?.Role.OnRouters() ?? RouterAccess.None, staff?.RouterUsername, allowed);
    }

    /// <summary>Sets one's user name and makes a new password, which is returned this once.</summary>
    /// <exception cref="InvalidInputException">The error names Username.</exception>
    public async Task<string> RenewAsync(string username, CancellationToken ct = default)
    {
        username = username.Trim().ToLowerInvariant();
        if (username.Length is < MinUsername or > StaffMember.MaxRouterUsername || !username.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            throw Wrong($"A router user name has {MinUsername} to {StaffMember.MaxRouterUsername} letters, digits, dots, dashes or underscores.");
        }

        await using var db = await dbFactory.OpenAsync(ct);
        if (await FindSelfAsync(db, ct) is not { } staff || staff.Role.OnRouters() is RouterAccess.None)
        {
            throw new ForbiddenException("router login");
        }

        var password = RandomNumberGenerator.GetString(PasswordAlphabet, PasswordLength);
        staff.SetRouterLogin(username, (await vault.OpenAsync(db.TenantId, ct)).Protect(staff.RouterPasswordPlace(), password));
        await db.SaveAsync(async () => await db.Staff.AnyAsync(s => s.RouterUsername == username && s.Id != staff.Id, ct) ? Wrong("A colleague has this user name.") : null, ct);
        return password;
    }

    public async Task RemoveAsync(CancellationToken ct = default)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        if (await FindSelfAsync(db, ct) is { RouterUsername: not null } staff)
        {
            staff.RemoveRouterLogin();
            await db.SaveAsync(ct);
        }
    }

    private Task<StaffMember?> FindSelfAsync(IDataDefenderDb db, CancellationToken ct) => db.Staff.SingleOrDefaultAsync(s => s.Id == user.Id && s.IsActive, ct);

    private static InvalidInputException Wrong(string problem) => new([new FieldError("Username", problem)]);
}
