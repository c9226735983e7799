using System.Globalization;
using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;

namespace DataDefender.Domain.Radius;

/// <summary>What a line gets from the network as things stand.</summary>
/// <param name="WalledGarden">The line is let in, but only into the walled garden.</param>
/// <param name="RateLimit">The speed as Mikrotik-Rate-Limit takes it.</param>
/// <param name="AddressList">The router's address list to put the line's address on; null for none.</param>
/// <param name="StaticAddress">The line's fixed address; null for one of the pool or of the router's choice.</param>
/// <param name="Pool">The router's address pool; null together with <paramref name="StaticAddress"/> leaves the address to the router.</param>
/// <param name="SessionTimeoutSeconds">Null for no limit.</param>
/// <param name="IdleTimeoutSeconds">Null for no limit.</param>
/// <param name="InterimSeconds">How often the router reports usage.</param>
/// <param name="SessionLimit">How many sessions the line may hold at once.</param>
/// <param name="Explanation">For people: what is given and why.</param>
public sealed record LineGrant(
    bool WalledGarden,
    string RateLimit,
    string? AddressList,
    string? StaticAddress,
    string? Pool,
    int? SessionTimeoutSeconds,
    int? IdleTimeoutSeconds,
    int InterimSeconds,
    int SessionLimit,
    string Explanation)
{
    /// <summary>The line's fixed IPv6 prefix (Delegated-IPv6-Prefix, RFC 4818); null for one of the pool or none.</summary>
    public string? DelegatedPrefix { get; init; }

    /// <summary>The router's pool for an IPv6 prefix (Mikrotik-Delegated-IPv6-Pool); null together with <see cref="DelegatedPrefix"/> delegates none.</summary>
    public string? DelegatedIpv6Pool { get; init; }

    /// <summary>The router's pool for the link's own IPv6 prefix (Framed-IPv6-Pool, RFC 3162 §2.6).</summary>
    public string? Ipv6Pool { get; init; }

    /// <summary>For the one who dials in (Reply-Message); only with a password that was right.</summary>
    public string? Message { get; init; }
}

/// <summary>Whether a line may log in, and with what.</summary>
public abstract record LineDecision
{
    private LineDecision() { }

    /// <summary>Let in.</summary>
    public sealed record Granted(LineGrant Grant) : LineDecision;

    /// <summary>Refused; the explanation is for people who look into it, never for the one who dials in.</summary>
    public sealed record Refused(LoginOutcome Outcome, string Explanation) : LineDecision
    {
        /// <summary>What the company wants the one who dials in to read (Reply-Message), once the password was right.</summary>
        public string? Message { get; init; }
    }
}

/// <summary>
/// The one place that says what a line gets. RadiusHost answers logins with it and a change of an open session is sent from it, so that
/// both always agree. Passwords, caller locks and session counts are the login's own business.
/// </summary>
public static class LinePolicy
{
    public static LineDecision Decide(Subscription subscription, ServicePackage package, NetworkSettings settings, CompanyStatus company) =>
        WithPrefix(Decide(subscription.State, subscription.SuspendReason, subscription.StaticAddress, package, settings, company, LimitOf(subscription)), subscription.DelegatedPrefix);

    /// <summary>
    /// The same decision for a line that has a prefix of its own: it gets that one and none of the pool. Not in the walled garden, whose
    /// address list holds IPv4 addresses only: IPv6 would lead round it.
    /// </summary>
    public static LineDecision WithPrefix(LineDecision decision, string? delegatedPrefix) =>
        decision is LineDecision.Granted { Grant: { WalledGarden: false } grant } && delegatedPrefix is not null
            ? new LineDecision.Granted(grant with { DelegatedPrefix = delegatedPrefix, DelegatedIpv6Pool = null })
            : decision;

    /// <summary>The same grant for a session that comes in through this router, which may have another pool for the package.</summary>
    public static LineGrant AtSite(LineGrant grant, ServicePackage package, Guid? routerId) =>
        grant.StaticAddress is null && grant.Pool == package.AddressPool && package.SitePools.At(routerId) is { } pool
            ? grant with { Pool = pool, Explanation = $"{grant.Explanation} Pool {pool} at this site." }
            : grant;

    /// <summary>What the company's rules last said about the line; null when they leave it what was sold.</summary>
    public static LineLimit? LimitOf(Subscription subscription) => subscription.Limit is LimitKind.None
        ? null
        : new LineLimit(
            subscription.Limit, subscription.LimitAction, subscription.LimitDownloadKbps ?? 0, subscription.LimitUploadKbps ?? 0, subscription.LimitReason ?? "", subscription.LimitUntil);

    public static LineDecision Decide(
        SubscriptionState state, SuspendReason? reason, string? staticAddress, ServicePackage package, NetworkSettings settings, CompanyStatus company, LineLimit? limit = null)
    {
        if (company is not CompanyStatus.Active)
        {
            return new LineDecision.Refused(LoginOutcome.CompanySuspended, $"The company is {Lower(company)}: none of its lines may log in.");
        }

        return state switch
        {
            SubscriptionState.Active => limit switch
            {
                null => new LineDecision.Granted(Sold(staticAddress, package, settings)),
                { Kind: LimitKind.Expired } => Treat(settings.States.Expired, limit.Reason, LoginOutcome.Expired, null, staticAddress, package, settings),
                { Action: QuotaAction.Refuse } => new LineDecision.Refused(LoginOutcome.OverQuota, limit.Reason) { Message = settings.States.OverQuota.Message },
                { Action: QuotaAction.WalledGarden } =>
                    new LineDecision.Granted(Garden(settings.States.OverQuota, limit.Reason, staticAddress, package, settings)),
                { Kind: LimitKind.Grace } => Treat(settings.States.Grace, limit.Reason, LoginOutcome.Expired, limit, staticAddress, package, settings),
                _ => new LineDecision.Granted(Limited(limit, staticAddress, package, settings)),
            },
            SubscriptionState.Suspended => Treat(
                settings.States.Suspended(reason), reason is { } known ? $"suspended: {Lower(known)}" : "suspended", LoginOutcome.Suspended, null, staticAddress, package, settings),
            SubscriptionState.Pending => new LineDecision.Refused(LoginOutcome.NotActivated, "The subscription has not been activated yet."),
            SubscriptionState.Disconnected => new LineDecision.Refused(LoginOutcome.Disconnected, "The subscription has ended."),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
        };
    }

    /// <param name="limit">What holds beside the state; null for nothing.</param>
    private static LineDecision Treat(
        Treatment treatment, string why, LoginOutcome refusal, LineLimit? limit, string? staticAddress, ServicePackage package, NetworkSettings settings) => treatment.Access switch
    {
        LineAccess.AsSold => new LineDecision.Granted(
            (limit is null || (limit.DownloadKbps, limit.UploadKbps) == (package.DownloadKbps, package.UploadKbps)
                ? Sold(staticAddress, package, settings)
                : Limited(limit, staticAddress, package, settings)) with { Message = treatment.Message, AddressList = treatment.AddressList }),
        LineAccess.Limited => new LineDecision.Granted(
            Limited(Lowered(treatment, why, limit, package, settings), staticAddress, package, settings) with
            {
                Message = treatment.Message,
                AddressList = treatment.AddressList,
                Pool = staticAddress is null ? treatment.Pool ?? package.AddressPool : null,
            }),
        LineAccess.WalledGarden => new LineDecision.Granted(Garden(treatment, why, staticAddress, package, settings)),
        LineAccess.Refused => new LineDecision.Refused(refusal, why) { Message = treatment.Message },
        _ => throw new ArgumentOutOfRangeException(nameof(treatment), treatment.Access, null),
    };

    private static LineLimit Lowered(Treatment treatment, string why, LineLimit? limit, ServicePackage package, NetworkSettings settings) => new(
        limit?.Kind ?? LimitKind.None,
        QuotaAction.Throttle,
        Math.Min(treatment.DownloadKbps ?? settings.WalledGardenKbps, limit?.DownloadKbps ?? package.DownloadKbps),
        Math.Min(treatment.UploadKbps ?? settings.WalledGardenKbps, limit?.UploadKbps ?? package.UploadKbps),
        why,
        limit?.Until);

    private static LineGrant Sold(string? staticAddress, ServicePackage package, NetworkSettings settings)
    {
        var rate = Speed(package).ToString();
        return Grant(false, rate, null, staticAddress, package, settings, $"{package.Name}, {rate}{Place(staticAddress, package)}.");
    }

    // By the hour a line is sold faster or slower, burst and all; every other limit is meant to be felt.
    private static LineGrant Limited(LineLimit limit, string? staticAddress, ServicePackage package, NetworkSettings settings)
    {
        var burst = limit.Kind is LimitKind.Schedule ? Burst(package, limit.UploadKbps, limit.DownloadKbps) : null;
        var rate = new MikrotikRateLimit(Kilobits(limit.UploadKbps, limit.DownloadKbps), burst, Priority(package)).ToString();
        return Grant(false, rate, null, staticAddress, package, settings, $"{limit.Reason} {rate}{Place(staticAddress, package)}.");
    }

    // The address of an open session stays what it is, so that it can be moved in and out without being dropped; a pool of the garden's own is for new logins.
    private static LineGrant Garden(Treatment treatment, string why, string? staticAddress, ServicePackage package, NetworkSettings settings)
    {
        var list = treatment.AddressList ?? settings.WalledGardenList;
        var rate = new MikrotikRateLimit(Kilobits(treatment.UploadKbps ?? settings.WalledGardenKbps, treatment.DownloadKbps ?? settings.WalledGardenKbps)).ToString();
        var grant = Grant(true, rate, list, staticAddress, package, settings, $"Walled garden ({why}), address list {list}, {rate}{Place(staticAddress, package)}.");
        return grant with { Message = treatment.Message, Pool = staticAddress is null ? treatment.Pool ?? grant.Pool : null, Ipv6Pool = null, DelegatedIpv6Pool = null };
    }

    private static LineGrant Grant(
        bool walledGarden, string rate, string? list, string? staticAddress, ServicePackage package, NetworkSettings settings, string explanation) =>
        new(walledGarden, rate, list, staticAddress, staticAddress is null ? package.AddressPool : null,
            package.SessionTimeoutSeconds, package.IdleTimeoutSeconds, settings.InterimSeconds, package.SessionLimit, explanation)
        {
            Ipv6Pool = package.Ipv6Pool,
            DelegatedIpv6Pool = package.DelegatedIpv6Pool,
        };

    private static MikrotikRateLimit Speed(ServicePackage package) => new(
        Kilobits(package.UploadKbps, package.DownloadKbps),
        Burst(package, package.UploadKbps, package.DownloadKbps),
        Priority(package));

    private static int? Priority(ServicePackage package) => package.Priority == MikrotikRateLimit.LowestPriority ? null : package.Priority;

    /// <summary>
    /// The package's burst for a line at these speeds: the burst keeps its ratio to the speed, cut to whole kbit/s, and the threshold its share
    /// of it. As the package's burst is never below its speed, the result is never below the given one.
    /// </summary>
    private static RateBurst? Burst(ServicePackage package, int uploadKbps, int downloadKbps)
    {
        if (package is not { BurstDownloadKbps: { } download, BurstUploadKbps: { } upload, BurstThresholdPercent: { } percent, BurstSeconds: { } seconds })
        {
            return null;
        }

        var threshold = new RatePair(uploadKbps * 10L * percent, downloadKbps * 10L * percent);
        return new RateBurst(new RatePair(Share(upload, uploadKbps, package.UploadKbps), Share(download, downloadKbps, package.DownloadKbps)), threshold, seconds, seconds);

        static long Share(int burst, int speed, int sold) => (long)burst * speed / sold * 1000;
    }

    private static RatePair Kilobits(int upload, int download) => new(upload * 1000L, download * 1000L);

    private static string Place(string? staticAddress, ServicePackage package) =>
        staticAddress is not null ? ", its fixed address"
        : package.AddressPool is { } pool ? $", pool {pool}"
        : "";

    private static string Lower<T>(T value) where T : struct, Enum => value.ToString().ToLower(CultureInfo.InvariantCulture);
}
