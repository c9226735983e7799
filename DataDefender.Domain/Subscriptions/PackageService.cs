using System.Linq.Expressions;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Subscriptions;

/// <summary>The packages that a company sells. A change of speed reaches the open sessions of its lines.</summary>
public sealed class PackageService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, LineSignal signal, TimeProvider clock)
{
    private static readonly ServicePackageInputValidator Validator = new();

    private static readonly SubscriptionState[] InUse = [SubscriptionState.Pending, SubscriptionState.Active, SubscriptionState.Suspended];

    public async Task<PageOf<PackageRow>> ListAsync(GridQuery query, PackageStatus? status = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        var packages = db.Packages.AsNoTracking();
        if (status is { } wanted)
        {
            packages = packages.Where(p => p.Status == wanted);
        }

        if (query.Term is { } term)
        {
            packages = packages.Where(p => p.Name.ToLower().Contains(term) || p.Description!.ToLower().Contains(term));
        }

        var page = await Sort(packages, query)
            .Skip(query.Page * query.PageSize)
            .Take(query.PageSize)
            .Select(p => new PackageRow(
                p.Id, p.Name, p.Description, p.Price, p.PeriodCount, p.PeriodUnit, p.DownloadKbps, p.UploadKbps, p.BurstDownloadKbps, p.BurstUploadKbps,
                p.SessionLimit, p.AddressPool, p.Status, db.Subscriptions.Count(s => s.PackageId == p.Id && InUse.Contains(s.State))))
            .ToListAsync(ct);
        return new PageOf<PackageRow>(page, await packages.CountAsync(ct));
    }

    /// <summary>The packages that can be sold now, by price, for a choice.</summary>
    public async Task<IReadOnlyList<PackageChoice>> ChoicesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Packages.AsNoTracking()
            .Where(p => p.Status == PackageStatus.Active)
            .OrderBy(p => p.Price.Minor).ThenBy(p => p.Name)
            .Select(p => new PackageChoice(p.Id, p.Name, p.Price, p.PeriodCount, p.PeriodUnit, p.DownloadKbps, p.UploadKbps))
            .ToListAsync(ct);
    }

    public async Task<PackageDetails> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        var package = await FindAsync(db, id, ct);
        return new PackageDetails(package.Id, package.Version, package.Status, package.ToInput(), await UseAsync(db, id, ct));
    }

    public async Task<Guid> CreateAsync(ServicePackageInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePackages);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        await RefuseTakenNameAsync(db, input.Name, null, ct);
        var package = db.Packages.Add(new ServicePackage(tenant.TenantId, input, clock.GetUtcNow().UtcDateTime)).Entity;
        await db.SaveAsync(() => NameTakenAsync(db, input.Name, null, ct), ct);
        return package.Id;
    }

    /// <summary>
    /// Changes a package. When what the routers enforce changes, each line with an open session gets a command, so that the new speed
    /// reaches it without a new login. Returns how many lines that are.
    /// </summary>
    /// <param name="version">The version that the person saw; another one means that somebody else was faster.</param>
    public async Task<int> ChangeAsync(Guid id, int version, ServicePackageInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePackages);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var package = await FindAsync(db, id, ct);
        if (package.Version != version)
        {
            throw Saving.ChangedMeanwhile();
        }

        await RefuseTakenNameAsync(db, input.Name, id, ct);
        var before = SpeedOf(package);
        package.Change(input);
        var reached = SpeedOf(package) == before ? 0 : await SpreadAsync(db, package, ct);
        await db.SaveAsync(() => NameTakenAsync(db, input.Name, id, ct), ct);
        if (reached > 0)
        {
            signal.Wake();
        }

        return reached;
    }

    /// <summary>Takes a package off the shelf. Its lines keep it.</summary>
    public Task RetireAsync(Guid id, CancellationToken ct = default) => MoveAsync(id, package => package.Retire(), ct);

    public Task ReactivateAsync(Guid id, CancellationToken ct = default) => MoveAsync(id, package => package.Reactivate(), ct);

    private static (int, int, int?, int?, int?, int?, int) SpeedOf(ServicePackage p) =>
        (p.DownloadKbps, p.UploadKbps, p.BurstDownloadKbps, p.BurstUploadKbps, p.BurstThresholdPercent, p.BurstSeconds, p.Priority);

    private static IQueryable<ServicePackage> Sort(IQueryable<ServicePackage> packages, GridQuery query)
    {
        var sorted = query.SortBy switch
        {
            nameof(PackageRow.Name) => By(p => p.Name),
            nameof(PackageRow.DownloadKbps) => By(p => p.DownloadKbps),
            nameof(PackageRow.UploadKbps) => By(p => p.UploadKbps),
            nameof(PackageRow.Status) => By(p => p.Status),
            _ => By(p => p.Price.Minor),
        };
        return sorted.ThenBy(p => p.Id);

        IOrderedQueryable<ServicePackage> By<TKey>(Expression<Func<ServicePackage, TKey>> key) =>
            query.Descending ? packages.OrderByDescending(key) : packages.OrderBy(key);
    }

    private static async Task<PackageUse> UseAsync(IDataDefenderDb db, Guid packageId, CancellationToken ct)
    {
        var lines = db.Subscriptions.Where(s => s.PackageId == packageId && InUse.Contains(s.State));
        return new PackageUse(
            await lines.CountAsync(ct),
            await lines.CountAsync(s => s.State == SubscriptionState.Active && db.LiveSessions.Any(live => live.SubscriptionId == s.Id), ct));
    }

    private static async Task<ServicePackage> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Packages.SingleOrDefaultAsync(p => p.Id == id, ct) ?? throw new NotFoundException("Package", id);

    private static async Task RefuseTakenNameAsync(IDataDefenderDb db, string name, Guid? except, CancellationToken ct)
    {
        if (await NameTakenAsync(db, name, except, ct) is { } taken)
        {
            throw taken;
        }
    }

    private static async Task<DomainException?> NameTakenAsync(IDataDefenderDb db, string name, Guid? except, CancellationToken ct)
    {
        var lower = name.Trim().ToLowerInvariant();
        return await db.Packages.AsNoTracking().AnyAsync(p => p.Id != except && p.Name.ToLower() == lower, ct)
            ? new InvalidInputException([new FieldError(nameof(ServicePackageInput.Name), $"There is a package called “{name.Trim()}” already.")])
            : null;
    }

    // A suspended line stays at the speed of the walled garden, so only active ones are told.
    private async Task<int> SpreadAsync(IDataDefenderDb db, ServicePackage package, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var pushed = await PushedRouters.AnyAsync(db, ct);
        var online = await db.Subscriptions
            .Where(s => s.PackageId == package.Id && s.State == SubscriptionState.Active && (pushed || db.LiveSessions.Any(live => live.SubscriptionId == s.Id)))
            .Select(s => s.Id)
            .ToListAsync(ct);
        db.LineCommands.AddRange(online.Select(id => new LineCommand(tenant.TenantId, id, LineAction.Apply, $"speed of package {package.Name} changed", user.Name, now)));
        db.NetworkEvents.Add(new NetworkEvent
        {
            TenantId = tenant.TenantId,
            At = now,
            Kind = "package.speed",
            Message = $"Speed of package {package.Name} changed by {user.Name}; {online.Count} open sessions are being told.",
        });
        return online.Count;
    }

    private async Task MoveAsync(Guid id, Action<ServicePackage> move, CancellationToken ct)
    {
        user.Demand(Permissions.ManagePackages);
        await using var db = await dbFactory.OpenAsync(ct);
        move(await FindAsync(db, id, ct));
        await db.SaveAsync(ct);
    }
}

/// <summary>A package in the list. <see cref="Lines"/> counts the lines that have it and are not disconnected.</summary>
public sealed record PackageRow(
    Guid Id,
    string Name,
    string? Description,
    Money Price,
    int PeriodCount,
    PeriodUnit PeriodUnit,
    int DownloadKbps,
    int UploadKbps,
    int? BurstDownloadKbps,
    int? BurstUploadKbps,
    int SessionLimit,
    string? AddressPool,
    PackageStatus Status,
    int Lines);

/// <summary>A package in a choice.</summary>
public sealed record PackageChoice(Guid Id, string Name, Money Price, int PeriodCount, PeriodUnit PeriodUnit, int DownloadKbps, int UploadKbps);

/// <summary>A package as it is edited.</summary>
public sealed record PackageDetails(Guid Id, int Version, PackageStatus Status, ServicePackageInput Input, PackageUse Use);

/// <summary>Whom a change of a package touches: lines that have it, and how many of them are active with an open session.</summary>
public sealed record PackageUse(int Lines, int OpenLines);
