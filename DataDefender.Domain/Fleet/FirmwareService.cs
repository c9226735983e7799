using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Topology;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Fleet;

/// <param name="IsBehind">There is something newer in its channel.</param>
public sealed record FirmwareRow(
    Guid RouterId, string Router, string? Site, string? Model, RouterState State, string? Channel, string? Installed, string? Latest, string? UpdateStatus, string? BoardInstalled, string? BoardLatest,
    DateTime? ReadAt, string? Trouble)
{
    public bool IsBehind => Installed is not null && Latest is not null && Installed != Latest;

    public bool IsBoardBehind => BoardInstalled is not null && BoardLatest is not null && BoardInstalled != BoardLatest;
}

public sealed record VersionCount(string? Version, int Routers);

/// <summary>What the list is narrowed to.</summary>
public sealed record FirmwareFilter(string? Version = null, bool Behind = false);

public sealed record UpgradeRow(
    Guid Id, string Name, string Channel, string WantedVersion, UpgradeStatus Status, string? Detail, string RequestedBy, DateTime RequestedAt, DateTime? FinishedAt, int Routers, int Done, int Failed, int Refused);

public sealed record UpgradeRouterRow(
    Guid RouterId, string Router, int Wave, UpgradeStep Step, DateTime? StepSince, string? FromVersion, int? SessionsBefore, int? SessionsAfter, string? Detail, DateTime? FinishedAt);

public sealed record UpgradeDetails(UpgradeRow Upgrade, FirmwareUpgradeInput Terms, IReadOnlyList<UpgradeRouterRow> Routers, bool IsOpen);

public sealed class FirmwareUpgradeValidator : AbstractValidator<FirmwareUpgradeInput>
{
    public FirmwareUpgradeValidator()
    {
        RuleFor(u => u.Name).Must(n => !string.IsNullOrWhiteSpace(n)).WithMessage("Give the upgrade a name.").MaximumLength(80).WithMessage("A name has at most 80 characters.");
        RuleFor(u => u.Channel).Must(c => UpgradeRules.Channels.Contains(c) || c == SevenRules.Channel).WithMessage("Choose a channel.");
        RuleFor(u => u.ConfirmsSeven).Must((u, confirmed) => confirmed || u.Channel != SevenRules.Channel).WithMessage("Confirm that these routers are to go from RouterOS 6 to 7.");
        RuleFor(u => u.Version).Must((u, v) => u.Channel != SevenRules.Channel || UpgradeRules.Parse(v.Trim()) is { Major: 7 }).WithMessage($"The way from 6 to 7 ends at a version of 7, as a rule {SevenRules.FirstVersion}.");
        RuleFor(u => u.WithBoard).Must((u, board) => board || u.Channel != SevenRules.Channel).WithMessage("RouterOS 7 wants the board's firmware of 7 too.");
        RuleFor(u => u.Version).Must(v => UpgradeRules.Parse(v.Trim()) is not null).WithMessage("Write a version such as 7.22.3.");
        RuleFor(u => u.Canaries).InclusiveBetween(1, 20).WithMessage("The canary is 1 to 20 routers.");
        RuleFor(u => u.WaveSize).InclusiveBetween(1, 100).WithMessage("A wave is 1 to 100 routers.");
        RuleFor(u => u.SessionPercent).InclusiveBetween(0, 100).WithMessage("0 to 100 %.");
        RuleFor(u => u.SettleMinutes).InclusiveBetween(1, 120).WithMessage("1 to 120 minutes.");
        RuleFor(u => u.MostCpuPercent).InclusiveBetween(10, 100).WithMessage("10 to 100 %.");
        RuleFor(u => u.WindowFrom).Must(t => t >= TimeSpan.Zero && t < TimeSpan.FromDays(1)).WithMessage("A time of day.");
        RuleFor(u => u.WindowUntil).Must(t => t >= TimeSpan.Zero && t < TimeSpan.FromDays(1)).WithMessage("A time of day.");
    }
}

/// <summary>What the routers run, and bringing them to something newer.</summary>
public sealed class FirmwareService(IDataDefenderDbFactory dbFactory, FleetSignal signal, CurrentUser user, TimeProvider clock)
{
    private static readonly FirmwareUpgradeValidator Validator = new();

    public async Task<PageOf<FirmwareRow>> ListAsync(FirmwareFilter filter, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = Filtered(db, filter, query.Term);
        var sorted = (query.SortBy, query.Descending) switch
        {
            (nameof(FirmwareRow.Installed), false) => rows.OrderBy(r => r.Care!.Installed),
            (nameof(FirmwareRow.Installed), true) => rows.OrderByDescending(r => r.Care!.Installed),
            (nameof(FirmwareRow.Model), false) => rows.OrderBy(r => r.Router.Model),
            (nameof(FirmwareRow.Model), true) => rows.OrderByDescending(r => r.Router.Model),
            (_, true) => rows.OrderByDescending(r => r.Router.Name),
            _ => rows.OrderBy(r => r.Router.Name),
        };
        var page = await sorted.ThenBy(r => r.Router.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(r => new FirmwareRow(
                r.Router.Id, r.Router.Name, db.Sites.Where(s => s.Id == r.Router.SiteId).Select(s => s.Name).FirstOrDefault(), r.Router.Model, r.Router.State,
                r.Care!.Channel, r.Care.Installed, r.Care.Latest, r.Care.UpdateStatus, r.Care.BoardInstalled, r.Care.BoardLatest, r.Care.FirmwareReadAt, r.Care.FirmwareTrouble)).ToListAsync(ct);
        return new PageOf<FirmwareRow>(page, await rows.CountAsync(ct));
    }

    /// <summary>How many routers run which version, the most common first; null is not known.</summary>
    public async Task<IReadOnlyList<VersionCount>> VersionsAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var counts = await Filtered(db, new FirmwareFilter(), null).GroupBy(r => r.Care!.Installed).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(ct);
        return [.. counts.Select(c => new VersionCount(c.Key, c.Count)).OrderByDescending(c => c.Routers).ThenBy(c => c.Version, StringComparer.Ordinal)];
    }

    /// <summary>The routers of a filter, for an upgrade of them all.</summary>
    public async Task<IReadOnlyList<FirmwareRow>> MatchingAsync(FirmwareFilter filter, string? search, CancellationToken ct = default) =>
        (await ListAsync(filter, new GridQuery(0, 5000, Search: search), ct)).Items;

    /// <summary>Has the routers asked anew in the background.</summary>
    public async Task CheckAsync(IReadOnlyCollection<Guid> routers, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        foreach (var care in await db.RouterCare.Where(c => routers.Contains(c.RouterId)).ToListAsync(ct))
        {
            care.WantFirmware();
        }

        await db.SaveAsync(ct);
        signal.Wake();
    }

    /// <summary>Plans the upgrade of these routers: the farthest from us first, so that no router waits behind one that is rebooting.</summary>
    public async Task<Guid> StartAsync(FirmwareUpgradeInput input, IReadOnlyCollection<Guid> routerIds, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var routers = await db.Routers.AsNoTracking().Where(r => routerIds.Contains(r.Id) && r.IsEnabled).Select(r => new { r.Id, r.Name, r.RouterOsVersion }).ToListAsync(ct);
        if (routers.Count == 0)
        {
            throw new DomainException("firmware.nothing", "None of these routers is switched on.");
        }

        if (await BusyAsync(db, routerIds, ct) is { } busy)
        {
            throw busy;
        }

        var upgrade = new FirmwareUpgrade(db.TenantId, input, user.Name, clock.GetUtcNow().UtcDateTime);
        db.FirmwareUpgrades.Add(upgrade);
        if (upgrade.IsToSeven)
        {
            db.Record("confirmed the way from RouterOS 6 to 7", upgrade);
        }

        var upstreams = await Upstreams.ReadAsync(db, ct);
        var ordered = routers.OrderByDescending(r => upstreams.Above(r.Id).Count()).ThenBy(r => r.Name, StringComparer.OrdinalIgnoreCase).ToList();
        for (var i = 0; i < ordered.Count; i++)
        {
            var wave = i < input.Canaries ? 0 : 1 + ((i - input.Canaries) / input.WaveSize);
            db.FirmwareUpgradeRouters.Add(new FirmwareUpgradeRouter(upgrade, ordered[i].Id, ordered[i].Name, wave, i, ordered[i].RouterOsVersion?.Split(' ')[0]));
        }

        await db.SaveAsync(() => BusyAsync(db, routerIds, ct), ct);
        signal.Wake();
        return upgrade.Id;
    }

    public Task HoldAsync(Guid id, CancellationToken ct = default) => ChangeAsync(id, "held", u => u.Hold(), ct);

    public Task GoOnAsync(Guid id, CancellationToken ct = default) => ChangeAsync(id, "went on with", u => u.GoOn(clock.GetUtcNow().UtcDateTime), ct);

    /// <summary>Routers that have been told to reboot are followed to their end; the rest are left out.</summary>
    public async Task CancelAsync(Guid id, CancellationToken ct = default)
    {
        await ChangeAsync(id, "cancelled", u => u.Cancel(clock.GetUtcNow().UtcDateTime), ct);
        await using var db = await dbFactory.OpenAsync(ct);
        foreach (var waiting in await db.FirmwareUpgradeRouters.Where(r => r.UpgradeId == id && r.Step == UpgradeStep.Waiting).ToListAsync(ct))
        {
            waiting.Go(UpgradeStep.Skipped, null, clock.GetUtcNow().UtcDateTime);
        }

        await db.SaveAsync(ct);
    }

    public async Task<PageOf<UpgradeRow>> UpgradesAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var page = db.FirmwareUpgrades.AsNoTracking().OrderByDescending(u => u.RequestedAt).ThenBy(u => u.Id).Skip(query.Page * query.PageSize).Take(query.PageSize);
        return new PageOf<UpgradeRow>(await Rows(db, page).ToListAsync(ct), await db.FirmwareUpgrades.CountAsync(ct));
    }

    public async Task<UpgradeDetails> UpgradeAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var upgrade = await db.FirmwareUpgrades.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, ct) ?? throw new NotFoundException("Upgrade", id);
        var row = await Rows(db, db.FirmwareUpgrades.AsNoTracking().Where(u => u.Id == id)).SingleAsync(ct);
        var routers = await db.FirmwareUpgradeRouters.AsNoTracking().Where(r => r.UpgradeId == id).OrderBy(r => r.Position)
            .Select(r => new UpgradeRouterRow(r.RouterId, r.RouterName, r.Wave, r.Step, r.StepSince, r.FromVersion, r.SessionsBefore, r.SessionsAfter, r.Detail, r.FinishedAt)).ToListAsync(ct);
        var zone = await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.TimeZone).SingleAsync(ct);
        var terms = new FirmwareUpgradeInput
        {
            Name = upgrade.Name, Channel = upgrade.Channel, Version = upgrade.WantedVersion, WindowFrom = upgrade.WindowFrom, WindowUntil = upgrade.WindowUntil, NotBefore = upgrade.NotBefore, Canaries = upgrade.Canaries,
            WaveSize = upgrade.WaveSize, WithBoard = upgrade.WithBoard, SessionPercent = upgrade.SessionPercent, SettleMinutes = upgrade.SettleMinutes, MostCpuPercent = upgrade.MostCpuPercent,
        };
        return new UpgradeDetails(row, terms, routers, upgrade.IsOpen(clock.GetUtcNow().UtcDateTime, TimeZoneInfo.FindSystemTimeZoneById(zone)));
    }

    private async Task ChangeAsync(Guid id, string verb, Action<FirmwareUpgrade> change, CancellationToken ct)
    {
        user.Demand(Permissions.ProvisionNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var upgrade = await db.FirmwareUpgrades.SingleOrDefaultAsync(u => u.Id == id, ct) ?? throw new NotFoundException("Upgrade", id);
        change(upgrade);
        db.Record(verb, upgrade);
        await db.SaveAsync(ct);
        signal.Wake();
    }

    private static async Task<DomainException?> BusyAsync(IDataDefenderDb db, IReadOnlyCollection<Guid> routers, CancellationToken ct) =>
        await db.FirmwareUpgradeRouters.AsNoTracking().Where(r => routers.Contains(r.RouterId) && r.FinishedAt == null).OrderBy(r => r.RouterName).Select(r => r.RouterName).FirstOrDefaultAsync(ct) is { } name
            ? new DomainException("firmware.busy", $"{name} is part of another upgrade that is not over.")
            : null;

    private static IQueryable<UpgradeRow> Rows(IDataDefenderDb db, IQueryable<FirmwareUpgrade> upgrades) => upgrades.Select(u => new UpgradeRow(
        u.Id, u.Name, u.Channel, u.WantedVersion, u.Status, u.Detail, u.RequestedBy, u.RequestedAt, u.FinishedAt,
        db.FirmwareUpgradeRouters.Count(r => r.UpgradeId == u.Id),
        db.FirmwareUpgradeRouters.Count(r => r.UpgradeId == u.Id && r.Step == UpgradeStep.Done),
        db.FirmwareUpgradeRouters.Count(r => r.UpgradeId == u.Id && r.Step == UpgradeStep.Failed),
        db.FirmwareUpgradeRouters.Count(r => r.UpgradeId == u.Id && r.Step == UpgradeStep.Refused)));

    private static IQueryable<Joined> Filtered(IDataDefenderDb db, FirmwareFilter filter, string? term)
    {
        var rows = from router in db.Routers.AsNoTracking()
                   where router.IsEnabled
                   join kept in db.RouterCare.AsNoTracking() on router.Id equals kept.RouterId into cares
                   from care in cares.DefaultIfEmpty()
                   select new Joined { Router = router, Care = care };
        if (term is not null)
        {
            rows = rows.Where(r => r.Router.Name.ToLower().Contains(term) || r.Router.Model!.ToLower().Contains(term) || r.Care!.Installed!.ToLower().Contains(term)
                || db.Sites.Any(s => s.Id == r.Router.SiteId && s.Name.ToLower().Contains(term)));
        }

        if (filter.Version is { } version)
        {
            rows = rows.Where(r => r.Care!.Installed == version);
        }

        return filter.Behind ? rows.Where(r => r.Care!.Latest != null && r.Care.Latest != r.Care.Installed) : rows;
    }

    private sealed class Joined
    {
        public required Router Router { get; init; }

        public required RouterCare? Care { get; init; }
    }
}
