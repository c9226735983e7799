using System.Net;
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
public sealed record EnrolmentRow(
    Guid Id, string Name, string? Site, EnrolmentStep Step, string RequestedBy, DateTime CreatedAt, DateTime ExpiresAt, DateTime? FetchedAt, DateTime? RanAt, DateTime? CalledHomeAt, string? CalledFrom,
    string? PublicKey, string? TunnelAddress, DateTime? ReachedAt, string? Identity, DateTime? RegisteredAt, Guid? RouterId, string? Trouble, DateTime? CancelledAt)
{
    public bool IsOver => RegisteredAt is not null || CancelledAt is not null;
}

/// <summary>Makes the line for a new router, and shows what has arrived of it.</summary>
public sealed class EnrolmentService(IDataDefenderDbFactory dbFactory, ISecretVault vault, LicenceGuard licence, CurrentUser user, TimeProvider clock)
{
    public const string Username = "datadefender";

    private const int Shown = 20;

    private static readonly EnrolmentInputValidator Validator = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <returns>The enrolment, and its token, which is shown once and kept nowhere.</returns>
    public async Task<(Guid Id, string Token)> CreateAsync(EnrolmentInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        await licence.DemandRouterAsync(db, ct);
        var name = input.Name.Trim();
        if (await db.Routers.AnyAsync(r => r.Name == name, ct))
        {
            throw new InvalidInputException([new FieldError(nameof(EnrolmentInput.Name), $"Another router is called {name} already.")]);
        }

        var token = Enrolment.NewToken();
        var enrolment = new Enrolment(db.TenantId, input, Enrolment.Hash(token), input.Tunnel ? await FreeAddressAsync(db, ct) : null, user.Name, Now);
        enrolment.SetPassword((await vault.OpenAsync(db.TenantId, ct)).Protect(enrolment.PasswordPlace(), RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 24)));
        db.Enrolments.Add(enrolment);
        await db.SaveAsync(ct);
        return (enrolment.Id, token);
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<EnrolmentRow>> ListAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Rows(db.Enrolments.AsNoTracking().OrderByDescending(e => e.CreatedAt).Take(Shown)).ToListAsync(ct);
    }

    public async Task<EnrolmentRow> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Rows(db.Enrolments.AsNoTracking().Where(e => e.Id == id)).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Enrolment", id);
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

    /// <summary>What the hub needs to let the router's tunnel in; null while its key is not known.</summary>
    public static string? HubPeer(EnrolmentRow row) => row is { PublicKey: { } key, TunnelAddress: { } address }
        ? $"/interface wireguard peers add interface=wireguard1 public-key=\"{key}\" allowed-address={address}/32 comment={NasSetup.Quote(row.Name)}"
        : null;

    // The first address of the tunnel network is the hub's own.
    private static async Task<string> FreeAddressAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var design = (await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct))?.Design ?? NetworkDesign.None;
        if (design.Hub() is not { } hub)
        {
            throw new InvalidInputException([new FieldError(nameof(EnrolmentInput.Tunnel), "The network design names no WireGuard hub.")]);
        }

        var taken = (await db.Enrolments.Where(e => e.TunnelAddress != null && e.CancelledAt == null).Select(e => e.TunnelAddress!).ToListAsync(ct)).ToHashSet(StringComparer.Ordinal);
        var first = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hub.Network.BaseAddress.GetAddressBytes());
        var size = 1L << (32 - hub.Network.PrefixLength);
        var bytes = new byte[4];
        for (var i = 2L; i < size - 1; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(first + i));
            var address = new IPAddress(bytes).ToString();
            if (!taken.Contains(address))
            {
                return address;
            }
        }

        throw new DomainException("enrolment.full", $"Every address of {hub.Network} is taken.");
    }

    private static IQueryable<EnrolmentRow> Rows(IQueryable<Enrolment> enrolments) => enrolments.Select(e => new EnrolmentRow(
        e.Id, e.Name, e.Site, e.Step, e.RequestedBy, e.CreatedAt, e.ExpiresAt, e.FetchedAt, e.RanAt, e.CalledHomeAt, e.CalledFrom, e.PublicKey, e.TunnelAddress, e.ReachedAt, e.Identity, e.RegisteredAt, e.RouterId, e.Trouble, e.CancelledAt));
}
