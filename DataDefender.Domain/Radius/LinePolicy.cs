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
    string Explanation);

/// <summary>Whether a line may log in, and with what.</summary>
public abstract record LineDecision
{
    private LineDecision() { }

    /// <summary>Let in.</summary>
    public sealed record Granted(LineGrant Grant) : LineDecision;

    /// <summary>Refused; the text is for people who look into it, never for the one who dials in.</summary>
    public sealed record Refused(LoginOutcome Outcome, string Explanation) : LineDecision;
}

/// <summary>
/// The one place that says what a line gets. RadiusHost answers logins with it and a change of an open session is sent from it, so that
/// both always agree. Passwords, caller locks and session counts are the login's own business.
/// </summary>
public static class LinePolicy
{
    public static LineDecision Decide(Subscription subscription, ServicePackage package, NetworkSettings settings, CompanyStatus company) =>
        Decide(subscription.State, subscription.SuspendReason, subscription.StaticAddress, package, settings, company, LimitOf(subscription));

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
                { Action: QuotaAction.Refuse } => new LineDecision.Refused(LoginOutcome.OverQuota, limit.Reason),
                { Action: QuotaAction.WalledGarden } => new LineDecision.Granted(Garden(limit.Reason, staticAddress, package, settings)),
                _ => new LineDecision.Granted(Limited(limit, staticAddress, package, settings)),
            },
            SubscriptionState.Suspended => new LineDecision.Granted(Garden(reason is { } known ? $"suspended: {Lower(known)}" : "suspended", staticAddress, package, settings)),
            SubscriptionState.Pending => new LineDecision.Refused(LoginOutcome.NotActivated, "The subscription has not been activated yet."),
            SubscriptionState.Disconnected => new LineDecision.Refused(LoginOutcome.Disconnected, "The subscription has ended."),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
        };
    }

    private static LineGrant Sold(string? staticAddress, ServicePackage package, NetworkSettings settings)
    {
        var rate = Speed(package).ToString();
        return Grant(false, rate, null, staticAddress, package, settings, $"{package.Name}, {rate}{Place(staticAddress, package)}.");
    }

    private static LineGrant Limited(LineLimit limit, string? staticAddress, ServicePackage package, NetworkSettings settings)
    {
        var rate = new MikrotikRateLimit(Kilobits(limit.UploadKbps, limit.DownloadKbps), null, Priority(package)).ToString();
        return Grant(false, rate, null, staticAddress, package, settings, $"{limit.Reason} {rate}{Place(staticAddress, package)}.");
    }

    // The address stays what it is, so that an open session can be moved in and out without being dropped.
    private static LineGrant Garden(string why, string? staticAddress, ServicePackage package, NetworkSettings settings)
    {
        var bits = settings.WalledGardenKbps * 1000L;
        var rate = new MikrotikRateLimit(new RatePair(bits, bits)).ToString();
        return Grant(
            true, rate, settings.WalledGardenList, staticAddress, package, settings,
            $"Walled garden ({why}), address list {settings.WalledGardenList}, {rate}{Place(staticAddress, package)}.");
    }

    private static LineGrant Grant(
        bool walledGarden, string rate, string? list, string? staticAddress, ServicePackage package, NetworkSettings settings, string explanation) =>
        new(walledGarden, rate, list, staticAddress, staticAddress is null ? package.AddressPool : null,
            package.SessionTimeoutSeconds, package.IdleTimeoutSeconds, settings.InterimSeconds, package.SessionLimit, explanation);

    private static MikrotikRateLimit Speed(ServicePackage package) => new(
        Kilobits(package.UploadKbps, package.DownloadKbps),
        Burst(package),
        Priority(package));

    private static int? Priority(ServicePackage package) => package.Priority == MikrotikRateLimit.LowestPriority ? null : package.Priority;

    private static RateBurst? Burst(ServicePackage package)
    {
        if (package is not { BurstDownloadKbps: { } download, BurstUploadKbps: { } upload, BurstThresholdPercent: { } percent, BurstSeconds: { } seconds })
        {
            return null;
        }

        var threshold = new RatePair(package.UploadKbps * 10L * percent, package.DownloadKbps * 10L * percent);
        return new RateBurst(Kilobits(upload, download), threshold, seconds, seconds);
    }

    private static RatePair Kilobits(int upload, int download) => new(upload * 1000L, download * 1000L);

    private static string Place(string? staticAddress, ServicePackage package) =>
        staticAddress is not null ? ", its fixed address"
        : package.AddressPool is { } pool ? $", pool {pool}"
        : "";

    private static string Lower<T>(T value) where T : struct, Enum => value.ToString().ToLower(CultureInfo.InvariantCulture);
}
