using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Provisioning;

public sealed class EnrolmentInputValidator : AbstractValidator<EnrolmentInput>
{
    public EnrolmentInputValidator()
    {
        RuleFor(e => e.Name).Must(n => n.Trim().Length is > 0 and <= 80).WithMessage("Give the router a name of at most 80 characters.");
        RuleFor(e => e.Site).MaximumLength(80).WithMessage("At most 80 characters.");
        RuleFor(e => e.Host).Must(h => string.IsNullOrWhiteSpace(h) || DesignText.IsHost(h.Trim())).WithMessage("Give an address or a host name, or leave it empty.");
        RuleFor(e => e.ApiPort).InclusiveBetween(1, 65535).WithMessage("A port is 1 to 65,535.");
    }
}

/// <summary>An enrolment as its page shows it.</summary>
/// <param name="Hub">The router of the company's own that lets the tunnel in; null where somebody does it by hand.</param>
public sealed record EnrolmentRow(
    Guid Id, string Name, string? Site, EnrolmentStep Step, string RequestedBy, DateTime CreatedAt, DateTime ExpiresAt, DateTime? FetchedAt, DateTime? RanAt, DateTime? CalledHomeAt, string? CalledFrom,
    string? PublicKey, bool HasTunnel, string? TunnelAddress, DateTime? LetInAt, string? HubTrouble, DateTime? ReachedAt, string? Identity, DateTime? RegisteredAt, Guid? RouterId, string? Trouble, DateTime? CancelledAt, DateTime? GivenUpAt, string? Host, int ApiPort, string? Hub = null)
{
    public bool IsOver => RegisteredAt is not null || CancelledAt is not null || GivenUpAt is not null;
}

/// <summary>Makes the line for a new router, and shows what has arrived of it.</summary>
public sealed class EnrolmentService(IDataDefenderDbFactory dbFactory, ISecretVault vault, IRouterGateway gateway, LicenceGuard licence, CurrentUser user, TimeProvider clock)
{
    public const string Username = "datadefender";

    private const int Shown = 20;
    private const int AddressTries = 5;

    private static readonly EnrolmentInputValidator Validator = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <returns>The enrolment, and its token, which is shown once and kept nowhere.</returns>
    public async Task<(Guid Id, string Token)> CreateAsync(EnrolmentInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        var hubKey = input.Tunnel ? await HubKeyAsync(ct) : null;
        await using var db = await dbFactory.OpenAsync(ct);
        await licence.DemandRouterAsync(db, ct);
        var name = input.Name.Trim();
        if (await db.Routers.AnyAsync(r => r.Name == name, ct))
        {
            throw new InvalidInputException([new FieldError(nameof(EnrolmentInput.Name), $"Another router is called {name} already.")]);
        }

        var settings = await db.NetworkSettings.SingleOrDefaultAsync(ct) ?? new NetworkSettings(db.TenantId);
        if (!input.Tunnel && DesignText.List(settings.Design.ManagementNetworks).Count == 0)
        {
            throw new InvalidInputException([new FieldError(nameof(EnrolmentInput.Host), "The network design does not say from where the routers are managed, so this one's API would answer anybody. Name the networks that manage the routers there first, or let it dial in to the WireGuard hub.")]);
        }

        if (hubKey is not null && settings.Design.HubKey != hubKey)
        {
            settings.Plan(settings.Design with { HubKey = hubKey }); // the hub has a new one: routers that come now need that
            await db.SaveAsync(ct);
        }

        var cipher = await vault.OpenAsync(db.TenantId, ct);
        for (var attempt = 1; ; attempt++)
        {
            var token = Enrolment.NewToken();
            var enrolment = new Enrolment(db.TenantId, input, Enrolment.Hash(token), input.Tunnel ? await FreeAddressAsync(db, settings.Design, ct) : null, user.Name, Now);
            enrolment.SetPassword(cipher.Protect(enrolment.PasswordPlace(), RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 24)));
            if (hubKey is not null)
            {
                enrolment.AwaitHub();
            }

            db.Enrolments.Add(enrolment);
            try
            {
                await db.SaveAsync(ct);
                return (enrolment.Id, token);
            }
            catch (DbUpdateException) when (input.Tunnel && attempt < AddressTries && !ct.IsCancellationRequested)
            {
                db.Enrolments.Remove(enrolment); // another enrolment took the address at the same moment
            }
        }
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<EnrolmentRow>> ListAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var hub = await HubNameAsync(db, ct);
        return (await Rows(db.Enrolments.AsNoTracking().OrderByDescending(e => e.CreatedAt).Take(Shown)).ToListAsync(ct)).ConvertAll(e => e with { Hub = hub });
    }

    public async Task<EnrolmentRow> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var row = await Rows(db.Enrolments.AsNoTracking().Where(e => e.Id == id)).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Enrolment", id);
        return row with { Hub = await HubNameAsync(db, ct) };
    }

    /// <summary>The line works no longer.</summary>
    public async Task CancelAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var enrolment = await db.Enrolments.SingleOrDefaultAsync(e => e.Id == id, ct) ?? throw new NotFoundException("Enrolment", id);
        enrolment.Cancel(Now);
        await db.SaveAsync(ct);
    }

    /// <summary>Another place at which its API is tried: a port that a gateway forwards, or the address that we see where it calls from another.</summary>
    /// <param name="host">Empty for the address that it called from, or its own in the tunnel.</param>
    public async Task ReachAtAsync(Guid id, string? host, int apiPort, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var enrolment = await db.Enrolments.SingleOrDefaultAsync(e => e.Id == id, ct) ?? throw new NotFoundException("Enrolment", id);
        Validator.Demand(new EnrolmentInput { Name = enrolment.Name, Host = host, ApiPort = apiPort });
        enrolment.ReachAt(host, apiPort, Now);
        await db.SaveAsync(ct);
    }

    /// <summary>What a person pastes into a hub that is not ours to write to; null while the router's key is not known, and where we let it in ourselves.</summary>
    public static string? HubPeer(EnrolmentRow row) => row is { PublicKey: { } key, TunnelAddress: { } address, Hub: null }
        ? $"/interface wireguard peers add interface=wireguard1 public-key=\"{key}\" allowed-address={address}/32 comment={NasSetup.Quote(row.Name)}"
        : null;

    /// <summary>The public key of a hub of our own, as it shows it; null where the hub is somebody else's.</summary>
    private async Task<string?> HubKeyAsync(CancellationToken ct)
    {
        ProvisioningTarget hub;
        string name;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            if ((await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct))?.Design.HubRouterId is not { } id)
            {
                return null;
            }

            user.Demand(Permissions.ProvisionNetwork); // the line lets the router in at the hub without another question
            hub = await ProvisioningFactsReading.ReadAsync(db, await vault.OpenAsync(db.TenantId, ct), id, ct);
            name = Tunnels.Interface(db.TenantId);
        }

        if (hub is not { IsEnabled: true, Endpoint: { } endpoint })
        {
            throw NoHub($"The WireGuard hub {hub.Facts.RouterName} is switched off here, or its password cannot be read.");
        }

        return await gateway.PrintAsync(endpoint, RouterMenu.WireGuard.Path, [RouterQuery.Is("name", name)], ["name", "public-key"], ct) switch
        {
            RouterOutcome.Done { Rows: [var row, ..] } when row["public-key"] is { Length: 44 } key => key,
            RouterOutcome.Done or RouterOutcome.Refused => throw NoHub($"{hub.Facts.RouterName} is not the WireGuard hub yet: apply its configuration first."),
            RouterOutcome.Unknown lost => throw NoHub($"The WireGuard hub {hub.Facts.RouterName} does not answer, and without it the router would not be let in. {lost.Reason}"),
            var other => throw new InvalidOperationException($"A reading ended as {other.GetType().Name}."),
        };
    }

    private static InvalidInputException NoHub(string why) => new([new FieldError(nameof(EnrolmentInput.Tunnel), why)]);

    // The first address of the tunnel network is the hub's own.
    private static async Task<string> FreeAddressAsync(IDataDefenderDb db, NetworkDesign design, CancellationToken ct)
    {
        if (design.Hub() is not { } hub)
        {
            throw NoHub("The network design names no WireGuard hub.");
        }

        var taken = (await db.Enrolments.AsNoTracking().Where(e => e.TunnelAddress != null).Select(e => e.TunnelAddress!).ToListAsync(ct)).ToHashSet(StringComparer.Ordinal);
        var size = 1L << (32 - hub.Network.PrefixLength);
        for (var i = 2L; i < size - 1; i++)
        {
            if (DesignText.Nth(hub.Network, i) is var address && !taken.Contains(address))
            {
                return address;
            }
        }

        throw NoHub($"Every address of {hub.Network} is taken.");
    }

    private static async Task<string?> HubNameAsync(IDataDefenderDb db, CancellationToken ct) =>
        (await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct))?.Design.HubRouterId is { } hub ? await db.Routers.Where(r => r.Id == hub).Select(r => r.Name).SingleOrDefaultAsync(ct) : null;

    private static IQueryable<EnrolmentRow> Rows(IQueryable<Enrolment> enrolments) => enrolments.Select(e => new EnrolmentRow(
        e.Id, e.Name, e.Site, e.Step, e.RequestedBy, e.CreatedAt, e.ExpiresAt, e.FetchedAt, e.RanAt, e.CalledHomeAt, e.CalledFrom, e.PublicKey, e.HasTunnel, e.TunnelAddress, e.LetInAt, e.HubTrouble, e.ReachedAt, e.Identity,
        e.RegisteredAt, e.RouterId, e.Trouble, e.CancelledAt, e.GivenUpAt, e.Host, e.ApiPort, null));
}
