using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Subscriptions;

/// <summary>From where a line may log in, and its IPv6 prefix, as somebody types it. An empty text binds nothing.</summary>
public sealed record LineAccessInput
{
    public bool LearnsCaller { get; set; }

    /// <summary>MAC addresses beside the locked one, in any form, one a line or divided by commas.</summary>
    public string MoreCallers { get; set; } = "";

    public Guid? NasId { get; set; }
    public string PortId { get; set; } = "";
    public int? Vlan { get; set; }
    public string DelegatedPrefix { get; set; } = "";

    internal IEnumerable<string> Callers => MoreCallers.Split([',', ';', '\n', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>A NAS that a line may be bound to.</summary>
public sealed record NasChoice(Guid Id, string Name);

/// <summary>What binds a line now.</summary>
public sealed record LineAccessView(Guid SubscriptionId, int Version, string Username, string? CallerLock, LineAccessInput Input, IReadOnlyList<NasChoice> Devices);

/// <summary>Binds lines to equipment and places, and gives them their own IPv6 prefix.</summary>
public sealed class LineAccessService(IDataDefenderDbFactory dbFactory, CurrentUser user, LineSignal signal, TimeProvider clock)
{
    private static readonly LineAccessInputValidator Validator = new();

    public async Task<LineAccessView> GetAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db.Subscriptions.AsNoTracking(), subscriptionId, ct);
        var devices = await db.NasDevices.AsNoTracking().OrderBy(n => n.Name).Select(n => new NasChoice(n.Id, n.Name)).ToListAsync(ct);
        var binding = line.Binding;
        return new LineAccessView(line.Id, line.Version, line.Username, line.CallerLock, new LineAccessInput
        {
            LearnsCaller = binding.LearnsCaller,
            MoreCallers = string.Join('\n', binding.MoreCallers),
            NasId = binding.NasId,
            PortId = binding.PortId ?? "",
            Vlan = binding.Vlan,
            DelegatedPrefix = line.DelegatedPrefix ?? "",
        }, devices);
    }

    /// <summary>
    /// Saves both. A binding holds from the next login on; a changed prefix drops the session, because no router changes it under one.
    /// </summary>
    /// <param name="version">The version that the person saw.</param>
    public async Task SaveAsync(Guid subscriptionId, int version, LineAccessInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db.Subscriptions, subscriptionId, ct);
        if (line.Version != version)
        {
            throw Saving.ChangedMeanwhile();
        }

        if (input.NasId is { } nas && !await db.NasDevices.AnyAsync(n => n.Id == nas, ct))
        {
            throw new NotFoundException("NAS", nas);
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var prefix = DelegatedPrefix.Normalise(input.DelegatedPrefix);
        var moved = line.DelegatedPrefix != prefix;
        line.Bind(new LineBinding
        {
            LearnsCaller = input.LearnsCaller,
            MoreCallers = [.. input.Callers.Select(c => MacAddress.Normalise(c)!).Distinct()],
            NasId = input.NasId,
            PortId = string.IsNullOrWhiteSpace(input.PortId) ? null : input.PortId.Trim(),
            Vlan = input.Vlan,
        });
        line.Delegate(prefix);
        if (prefix is not null && moved && await OverlapAsync(db, line, ct) is { } overlap)
        {
            throw overlap;
        }

        if (moved)
        {
            db.Order(line, LineAction.Drop, prefix is null ? "IPv6 prefix taken away" : $"IPv6 prefix {prefix}", user.Name, now);
        }

        db.Report(line, "line.access", $"{line.Username}: binding changed by {user.Name}.", now);
        await db.SaveAsync(() => OverlapAsync(db, line, ct), ct);
        signal.Wake();
    }

    private static async Task<Subscription> FindAsync(IQueryable<Subscription> lines, Guid id, CancellationToken ct) =>
        await lines.SingleOrDefaultAsync(s => s.Id == id, ct) ?? throw new NotFoundException("Line", id);

    private static async Task<DomainException?> OverlapAsync(IDataDefenderDb db, Subscription line, CancellationToken ct)
    {
        if (line.DelegatedPrefix is not { } prefix)
        {
            return null;
        }

        var others = await db.Subscriptions.AsNoTracking().Where(s => s.DelegatedPrefix != null && s.Id != line.Id).Select(s => new { s.Username, s.DelegatedPrefix }).ToListAsync(ct);
        return others.Find(o => DelegatedPrefix.Overlap(prefix, o.DelegatedPrefix!)) is { } owner
            ? new InvalidInputException([new FieldError(nameof(LineAccessInput.DelegatedPrefix), $"{prefix} overlaps {owner.DelegatedPrefix} of {owner.Username}.")])
            : null;
    }
}

public sealed class LineAccessInputValidator : AbstractValidator<LineAccessInput>
{
    private const int MostCallers = 10;

    public LineAccessInputValidator()
    {
        RuleFor(a => a.MoreCallers).Must((a, _) => a.Callers.All(c => MacAddress.Normalise(c) is not null)).WithMessage("Write MAC addresses such as 4C:5E:0C:12:34:56, one a line.");
        RuleFor(a => a.MoreCallers).Must((a, _) => a.Callers.Count() <= MostCallers).WithMessage($"A line takes at most {MostCallers} more callers.");
        RuleFor(a => a.PortId).MaximumLength(100).WithMessage("A port's name has at most 100 characters.");
        RuleFor(a => a.Vlan).InclusiveBetween(1, 4094).When(a => a.Vlan is not null).WithMessage("A VLAN is 1 to 4094.");
        RuleFor(a => a.DelegatedPrefix).Must(p => string.IsNullOrWhiteSpace(p) || DelegatedPrefix.Normalise(p) is not null)
            .WithMessage("Write an IPv6 prefix of 32 to 64 bits, such as 2001:db8:12:3400::/56.");
    }
}
