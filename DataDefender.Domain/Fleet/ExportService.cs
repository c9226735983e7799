using DataDefender.Domain.Common;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Fleet;

/// <param name="Added">Lines against the export before it; null for the first.</param>
public sealed record ExportRow(Guid Id, Guid RouterId, DateTime TakenAt, ExportReason Reason, ExportSource Source, string RouterOsVersion, int Lines, int Length, int? Added, int? Removed);

public sealed record ExportUpkeep(DateTime? ExportedAt, string? Trouble, DateTime? NextAttemptAt, bool IsWanted);

public sealed record ExportComparison(ExportRow Before, ExportRow After, IReadOnlyList<DiffLine> Lines)
{
    public int Added => Lines.Count(l => l.Kind is DiffKind.Added);

    public int Removed => Lines.Count(l => l.Kind is DiffKind.Removed);
}

/// <summary>A router whose newest export has, or lacks, what was searched for.</summary>
/// <param name="Lines">The first few of them.</param>
public sealed record ExportHit(Guid RouterId, string Router, string? Site, Guid ExportId, DateTime TakenAt, int Matches, IReadOnlyList<ExportLine> Lines);

/// <param name="Routers">How many have an export at all.</param>
/// <param name="Without">Routers that are switched on and have no export yet.</param>
public sealed record ExportFindings(PageOf<ExportHit> Page, int Routers, int Without);

/// <summary>How an export could be brought back: what our plan does, and what it does not.</summary>
/// <param name="Beyond">Lines that differ and are none of ours: to be pasted or done by hand.</param>
public sealed record ExportRestore(RouterPlan Plan, IReadOnlyList<DiffLine> Beyond);

/// <summary>The routers' configurations as they were: history, comparison, search, and the way back.</summary>
public sealed class ExportService(IDataDefenderDbFactory dbFactory, ISecretVault vault, Network.IRouterGateway gateway, FleetSignal signal, CurrentUser user)
{
    private const int AtOnce = 100;
    private const int LinesShown = 5;

    public async Task<PageOf<ExportRow>> HistoryAsync(Guid routerId, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var exports = db.ConfigurationExports.AsNoTracking().Where(e => e.RouterId == routerId);
        var page = exports.OrderByDescending(e => e.TakenAt).ThenBy(e => e.Id).Skip(query.Page * query.PageSize).Take(query.PageSize);
        return new PageOf<ExportRow>(await Rows(db, page).ToListAsync(ct), await exports.CountAsync(ct));
    }

    public async Task<ExportUpkeep> UpkeepAsync(Guid routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.RouterCare.AsNoTracking().Where(c => c.RouterId == routerId)
            .Select(c => new ExportUpkeep(c.ExportedAt, c.ExportTrouble, c.NextExportAt, c.ExportWanted != null)).SingleOrDefaultAsync(ct) ?? new ExportUpkeep(null, null, null, false);
    }

    /// <summary>The text without secrets, as it can be pasted into a terminal.</summary>
    public async Task<(ExportRow Export, string Text)> TextAsync(Guid exportId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await ReadAsync(db, exportId, ct);
    }

    public async Task<ExportComparison> CompareAsync(Guid before, Guid after, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var (old, oldText) = await ReadAsync(db, before, ct);
        var (now, newText) = await ReadAsync(db, after, ct);
        return new ExportComparison(old, now, TextDiff.Compare(ExportText.Lines(oldText), ExportText.Lines(newText)));
    }

    /// <summary>Takes one as soon as the router answers.</summary>
    public async Task RequestAsync(Guid routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        if (!await db.Routers.AnyAsync(r => r.Id == routerId && r.IsEnabled, ct))
        {
            throw new DomainException("fleet.off", "This router is switched off here; it is not read.");
        }

        (await db.CareOfAsync(routerId, ct)).WantExport(ExportReason.Asked);
        await db.SaveAsync(ct);
        signal.Wake();
    }

    /// <summary>
    /// The routers whose newest export has a line with all these words, in any order: <c>address-list portal-allow</c>. Menus count as
    /// part of their lines. With <paramref name="lacking"/> those that have no such line.
    /// </summary>
    public async Task<ExportFindings> SearchAsync(string? text, bool lacking, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        var words = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var cipher = await OpenCipherAsync(ct);
        await using var db = await dbFactory.OpenAsync(ct);
        var newest = await (from export in db.ConfigurationExports.AsNoTracking()
                            join router in db.Routers on export.RouterId equals router.Id
                            where !db.ConfigurationExports.Any(later => later.RouterId == export.RouterId && later.TakenAt > export.TakenAt)
                            orderby router.Name, export.Id
                            select new { export.Id, export.RouterId, router.Name, Site = db.Sites.Where(s => s.Id == router.SiteId).Select(s => s.Name).FirstOrDefault(), export.TakenAt, export.TextId }).ToListAsync(ct);
        var without = await db.Routers.CountAsync(r => r.IsEnabled && !db.ConfigurationExports.Any(e => e.RouterId == r.Id), ct);
        var found = new Dictionary<Guid, (int Count, IReadOnlyList<ExportLine> First)>();
        foreach (var ids in newest.Select(n => n.TextId).Distinct().Chunk(AtOnce))
        {
            foreach (var kept in await db.ConfigurationTexts.AsNoTracking().Where(t => ids.Contains(t.Id)).ToListAsync(ct))
            {
                var lines = words.Length == 0 ? [] : ExportText.Lines(ConfigurationTexts.Open(cipher, kept)).Where(l => Matches(l, words)).ToList();
                found[kept.Id] = (lines.Count, [.. lines.Take(LinesShown)]);
            }
        }

        var hits = newest.DistinctBy(n => n.RouterId).Where(n => words.Length == 0 || (found[n.TextId].Count > 0) != lacking).ToList();
        return new ExportFindings(
            new PageOf<ExportHit>(
                [.. hits.Skip(query.Page * query.PageSize).Take(query.PageSize).Select(h => new ExportHit(h.RouterId, h.Name, h.Site, h.Id, h.TakenAt, found[h.TextId].Count, found[h.TextId].First))],
                hits.Count),
            newest.DistinctBy(n => n.RouterId).Count(), without);
    }

    /// <summary>What would be written to bring what is ours on the router back to that export, and what would stay different. Reads the router.</summary>
    public async Task<ExportRestore> PlanBackAsync(Guid exportId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        ProvisioningTarget target;
        IReadOnlyList<ExportLine> then;
        IReadOnlyList<ExportLine> now;
        string version;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var cipher = await vault.OpenAsync(db.TenantId, ct);
            var (export, text) = await ReadAsync(db, exportId, ct);
            (then, version) = (ExportText.Lines(text), export.RouterOsVersion);
            target = await ProvisioningFactsReading.ReadAsync(db, cipher, export.RouterId, ct);
            var newest = await db.ConfigurationExports.AsNoTracking().Where(e => e.RouterId == export.RouterId).OrderByDescending(e => e.TakenAt).Select(e => e.Id).FirstAsync(ct);
            now = ExportText.Lines((await ReadAsync(db, newest, ct)).Text);
        }

        if (target is not { IsEnabled: true, Endpoint: { } endpoint })
        {
            throw new DomainException("provisioning.off", $"{target.Facts.RouterName} is switched off here, or its password cannot be read.");
        }

        if (await ActualStateReader.ReadAsync(gateway, endpoint, ct) is not RouterReading.Read read)
        {
            throw new DomainException("provisioning.unread", $"{target.Facts.RouterName} does not answer.");
        }

        var facts = target.Facts with { Restoring = RestoreState.Of(target.Facts, then, ActualState.ReadVersion(version)) };
        var plan = Planner.Plan(facts, read.State);
        return new ExportRestore(plan, [.. TextDiff.Compare(then, now).Where(l => l.Kind is not DiffKind.Same && !RestoreState.IsOurs(facts, new ExportLine(l.Menu, l.Text)))]);
    }

    private async Task<(ExportRow Export, string Text)> ReadAsync(IDataDefenderDb db, Guid id, CancellationToken ct)
    {
        var row = await Rows(db, db.ConfigurationExports.AsNoTracking().Where(e => e.Id == id)).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Export", id);
        var kept = await db.ConfigurationTexts.AsNoTracking().SingleAsync(t => db.ConfigurationExports.Any(e => e.Id == id && e.TextId == t.Id), ct);
        return (row, ConfigurationTexts.Open(await vault.OpenAsync(db.TenantId, ct), kept));
    }

    private async Task<ITenantCipher> OpenCipherAsync(CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        return await vault.OpenAsync(db.TenantId, ct);
    }

    private static bool Matches(ExportLine line, string[] words)
    {
        foreach (var word in words)
        {
            if (!line.Text.Contains(word, StringComparison.OrdinalIgnoreCase) && !line.Menu.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }

    private static IQueryable<ExportRow> Rows(IDataDefenderDb db, IQueryable<ConfigurationExport> exports) => exports.Select(e => new ExportRow(
        e.Id, e.RouterId, e.TakenAt, e.Reason, e.Source, e.RouterOsVersion,
        db.ConfigurationTexts.Where(t => t.Id == e.TextId).Select(t => t.Lines).First(), db.ConfigurationTexts.Where(t => t.Id == e.TextId).Select(t => t.Length).First(), e.Added, e.Removed));
}

/// <summary>Reading the row of a router's upkeep, made when it is missing.</summary>
public static class RouterCareReading
{
    public static async Task<RouterCare> CareOfAsync(this IDataDefenderDb db, Guid routerId, CancellationToken ct = default)
    {
        if (await db.RouterCare.SingleOrDefaultAsync(c => c.RouterId == routerId, ct) is { } care)
        {
            return care;
        }

        care = new RouterCare(db.TenantId, routerId);
        db.RouterCare.Add(care);
        return care;
    }
}
