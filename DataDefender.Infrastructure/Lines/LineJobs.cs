using System.Net;
using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Lines;

/// <summary>Reads what a line is to become and where its open sessions are.</summary>
internal static class LineJobs
{
    // An accepted login whose Start has not been stored yet: its session is about to appear, with what the line got a moment ago.
    private static readonly TimeSpan LoginToStart = TimeSpan.FromSeconds(30);

    /// <param name="commands">The line's pending commands, which are done together.</param>
    public static async Task<LineJob> LoadAsync(
        IDataDefenderDb db, ITenantCipher cipher, Guid subscriptionId, IReadOnlyCollection<LineCommand> commands, DateTime now, CancellationToken ct)
    {
        var line = await db.Subscriptions.AsNoTracking().SingleAsync(s => s.Id == subscriptionId, ct);
        var package = await db.Packages.AsNoTracking().SingleAsync(p => p.Id == line.PackageId, ct);
        var settings = await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new NetworkSettings(db.TenantId);
        var company = await db.Companies.AsNoTracking().Where(c => c.Id == db.TenantId).Select(c => c.Status).SingleAsync(ct);
        var sessions = await (
            from session in db.LiveSessions.AsNoTracking()
            join nas in db.NasDevices.AsNoTracking() on session.NasId equals nas.Id
            join router in db.Routers.AsNoTracking() on nas.RouterId equals router.Id into routers
            from router in routers.DefaultIfEmpty()
            where session.SubscriptionId == subscriptionId
            select new { session, nas, router }).ToListAsync(ct);

        var ambiguous = await AmbiguousAsync(db, cipher, [.. sessions.Select(s => s.nas).DistinctBy(n => n.Id)], ct);
        var since = now - LoginToStart;
        return new LineJob(
            subscriptionId,
            line.Username,
            [.. commands.Select(c => c.Id)],
            (LinePolicy.Decide(line, package, settings, company) as LineDecision.Granted)?.Grant,
            Drop: commands.Any(c => c.Action is LineAction.Drop),
            Release: commands.Any(c => c.Action is LineAction.Release),
            settings.AddressLists,
            LoginUnderWay: sessions.Count == 0 && await db.LoginAttempts.AnyAsync(
                a => a.SubscriptionId == subscriptionId && a.At >= since && !a.IsTest && (a.Outcome == LoginOutcome.Accepted || a.Outcome == LoginOutcome.AcceptedWalledGarden), ct),
            [.. sessions.Select(s => PlaceOf(s.session, s.nas, s.router, cipher) with { IsAmbiguous = ambiguous.Contains(s.nas.Id) })])
        {
            Because = commands.OrderByDescending(c => c.RequestedAt).Select(c => c.Because).FirstOrDefault() ?? "",
        };
    }

    /// <summary>
    /// Those of these NAS that another one cannot be told from by an answer. Several behind one address are told apart by the port that is
    /// forwarded to each, and by their secret: an answer that is signed with one's own comes from nobody else. A NAS of another company has
    /// a secret that we do not know, and so is another one.
    /// </summary>
    private static async Task<HashSet<Guid>> AmbiguousAsync(IDataDefenderDb db, ITenantCipher cipher, IReadOnlyList<Nas> asked, CancellationToken ct)
    {
        var addresses = asked.Select(n => n.Address).Where(a => a.Length > 0).Distinct().ToList();
        if (addresses.Count == 0)
        {
            return [];
        }

        var there = (await db.NasDevices.AsNoTracking().Where(n => addresses.Contains(n.Address)).ToListAsync(ct)).ConvertAll(n => (n.Id, n.Address, n.CoaPort, Secret: SecretOf(n, cipher)));
        return [.. asked.Select(n => there.First(t => t.Id == n.Id)).Where(one => there.Exists(o => o.Id != one.Id && (o.Address, o.CoaPort) == (one.Address, one.CoaPort) && (o.Secret is null || o.Secret == one.Secret))).Select(one => one.Id)];
    }

    private static string? SecretOf(Nas nas, ITenantCipher cipher)
    {
        try
        {
            return cipher.Reveal(nas.SecretPlace(), nas.SecretCipher);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static SessionPlace PlaceOf(LiveSession session, Nas nas, Router? router, ITenantCipher cipher)
    {
        var (target, trouble) = TargetOf(nas, cipher);
        return new SessionPlace(
            nas.Id, nas.Name, target, trouble, router is { IsEnabled: true } && nas.Vendor is NasVendor.MikroTik ? EndpointOf(router, cipher) : null, session.Username, session.AcctSessionId, session.FramedAddress)
        {
            HasIpv6 = session.Ipv6Prefix is not null || session.DelegatedPrefix is not null,
        };
    }

    private static (CoaTarget? Target, string? Trouble) TargetOf(Nas nas, ITenantCipher cipher)
    {
        if (!IPAddress.TryParse(nas.Address, out var address))
        {
            return (null, nas.Address.Length == 0 ? $"{nas.Name} has no address: over TLS it sends to us, and takes no changes from us." : $"{nas.Address} is not an IP address.");
        }

        try
        {
            return (new CoaTarget(new IPEndPoint(address, nas.CoaPort), new RadiusSecret(cipher.Reveal(nas.SecretPlace(), nas.SecretCipher)), nas.Vendor), null);
        }
        catch (CryptographicException)
        {
            return (null, $"the secret of {nas.Name} cannot be read; enter it again.");
        }
    }

    private static RouterEndpoint? EndpointOf(Router router, ITenantCipher cipher)
    {
        try
        {
            return router.Endpoint(cipher);
        }
        catch (CryptographicException)
        {
            return null; // the router's page says that its password has to be entered again
        }
    }
}
