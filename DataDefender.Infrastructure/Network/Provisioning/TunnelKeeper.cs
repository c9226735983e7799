using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Provisioning;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>
/// Keeps the hub's peers what they are to be: a router that has called home with its key is let in, one whose enrolment is over or that was
/// removed is shut out, and its address is free again only when the hub has forgotten it.
/// </summary>
internal sealed partial class TunnelKeeper(IPlatformDbFactory platform, TenantScopes scopes, PartialApply apply, LiveMetrics live, TimeProvider clock, ILogger<TunnelKeeper> log)
{
    private const string Part = "tunnels";

    /// <summary>A hub that did not do it is asked again after so long.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Guid, DateTime> _notBefore = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task KeepAsync(CancellationToken ct)
    {
        List<Guid> companies;
        await using (var db = await platform.OpenAsync(ct))
        {
            companies = await db.Enrolments.AcrossTenants().AsNoTracking().Where(e => e.TunnelAddress != null).Select(e => e.TenantId).Distinct().ToListAsync(ct);
        }

        foreach (var company in companies.Where(c => Now >= _notBefore.GetValueOrDefault(c)))
        {
            try
            {
                await KeepAsync(company, ct);
            }
            catch (Exception trouble) when (!ct.IsCancellationRequested)
            {
                _notBefore[company] = Now + Wait;
                NotKept(log, company, trouble);
            }
        }
    }

    private async Task KeepAsync(Guid company, CancellationToken ct)
    {
        bool isOurs;
        Guid hub;
        List<Guid> letIn, shutOut;
        await using (var scope = scopes.Open(company, Part))
        {
            await using var db = await OpenAsync(scope, ct);
            var design = (await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct))?.Design ?? NetworkDesign.None;
            hub = design.HubRouterId ?? Guid.Empty;
            isOurs = design.Hub() is not null && await db.Routers.AnyAsync(r => r.Id == hub, ct);
            var now = Now;
            var tunnels = await db.Enrolments.Where(e => e.TunnelAddress != null).Select(e => new { Enrolment = e, HasRouter = db.Routers.Any(r => r.Id == e.RouterId) }).ToListAsync(ct);
            foreach (var (enrolment, hasRouter) in tunnels.Select(t => (t.Enrolment, t.HasRouter)))
            {
                if (enrolment is { RegisteredAt: null, CancelledAt: null, GivenUpAt: null, CalledHomeAt: { } home } && now - home > Enrolment.Patience)
                {
                    enrolment.GiveUp(now);
                }

                if (!isOurs && (enrolment.LetInAt is not null || enrolment.AwaitsHub))
                {
                    enrolment.ShutOut(); // the hub is nobody of ours any more: what is there is its owner's business
                }

                if (enrolment.IsReleasable(hasRouter, now))
                {
                    enrolment.Release();
                }
            }

            letIn = isOurs ? [.. tunnels.Where(t => t.Enrolment.LetInAt is null && t.Enrolment.IsToBeLetIn(t.HasRouter)).Select(t => t.Enrolment.Id)] : [];
            shutOut = isOurs ? [.. tunnels.Where(t => t.Enrolment.LetInAt is not null && !t.Enrolment.IsToBeLetIn(t.HasRouter)).Select(t => t.Enrolment.Id)] : [];
            await db.SaveAsync(ct);
        }

        if (letIn.Count + shutOut.Count == 0)
        {
            return;
        }

        var outcome = await apply.ApplyAsync(company, hub, Tunnels.PeersOf, RouterMenu.All, Part, "enrolment", takeOver: true, ct);
        await using (var scope = scopes.Open(company, Part))
        {
            await using var db = await OpenAsync(scope, ct);
            var now = Now;
            foreach (var enrolment in await db.Enrolments.Where(e => letIn.Contains(e.Id) || shutOut.Contains(e.Id)).ToListAsync(ct))
            {
                if (outcome.Trouble is { } trouble)
                {
                    enrolment.KeepOut(trouble);
                }
                else if (letIn.Contains(enrolment.Id))
                {
                    enrolment.LetIn(now);
                }
                else
                {
                    enrolment.ShutOut();
                }
            }

            await db.SaveAsync(ct);
        }

        if (outcome.Trouble is not null)
        {
            _notBefore[company] = Now + Wait;
        }

        live.Announce(company);
    }

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);

    [LoggerMessage(Level = LogLevel.Error, Message = "The tunnels of company {Company} could not be looked after; it is tried again")]
    private static partial void NotKept(ILogger log, Guid company, Exception trouble);
}
