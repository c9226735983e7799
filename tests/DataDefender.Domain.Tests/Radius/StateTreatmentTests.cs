using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;

namespace DataDefender.Domain.Tests.Radius;

/// <summary>What a company's own decisions make of each state.</summary>
public sealed class StateTreatmentTests
{
    private static readonly DateTime Now = new(2026, 3, 11, 12, 0, 0, DateTimeKind.Utc);
    private readonly NetworkSettings _settings = new(Guid.CreateVersion7());
    private readonly ServicePackage _package = new(Guid.CreateVersion7(), new ServicePackageInput
    {
        Name = "Home 20", DownloadKbps = 20_000, UploadKbps = 10_000, AddressPool = "home", Ipv6Pool = "link6", DelegatedIpv6Pool = "pd",
    }, Now);

    [Fact]
    public void Each_reason_has_its_own_walled_garden()
    {
        _settings.Treat(StateTreatments.Default with
        {
            Unpaid = new Treatment(LineAccess.WalledGarden, 1_000, 500, "unpaid", "garden", "Please pay"),
        });

        var unpaid = Granted(Decide(SubscriptionState.Suspended, SuspendReason.Unpaid));
        var abuse = Granted(Decide(SubscriptionState.Suspended, SuspendReason.Abuse));

        Assert.Equal((true, "unpaid", "garden", "500k/1M", "Please pay"), (unpaid.WalledGarden, unpaid.AddressList, unpaid.Pool, unpaid.RateLimit, unpaid.Message));
        Assert.Equal((true, "suspended", "home", "512k/512k", null), (abuse.WalledGarden, abuse.AddressList, abuse.Pool, abuse.RateLimit, abuse.Message));
    }

    [Fact]
    public void A_state_can_be_refused_and_the_customer_told_why()
    {
        _settings.Treat(StateTreatments.Default with { Abuse = new Treatment(LineAccess.Refused, Message: "Call us") });

        var refused = Assert.IsType<LineDecision.Refused>(Decide(SubscriptionState.Suspended, SuspendReason.Abuse));

        Assert.Equal((LoginOutcome.Suspended, "Call us"), (refused.Outcome, refused.Message));
    }

    [Fact]
    public void An_expired_line_may_be_slowed_instead_of_walled_in_and_keeps_a_list_of_its_own()
    {
        _settings.Treat(StateTreatments.Default with { Expired = new Treatment(LineAccess.Limited, 2_000, 20_000, "reminder") });

        var grant = Granted(Decide(limit: Limit(LimitKind.Expired, QuotaAction.WalledGarden, 20_000, 10_000)));

        Assert.Equal((false, "10M/2M", "reminder"), (grant.WalledGarden, grant.RateLimit, grant.AddressList)); // never faster than what was sold
    }

    [Fact]
    public void Grace_is_as_sold_by_default_and_never_lifts_a_fair_use_limit()
    {
        Assert.Equal("10M/20M", Granted(Decide(limit: Limit(LimitKind.Grace, null, 20_000, 10_000))).RateLimit);
        Assert.Equal("1M/2M", Granted(Decide(limit: Limit(LimitKind.Grace, QuotaAction.Throttle, 2_000, 1_000))).RateLimit);

        _settings.Treat(StateTreatments.Default with { Grace = new Treatment(LineAccess.Limited, 4_000, 4_000) });

        Assert.Equal("1M/2M", Granted(Decide(limit: Limit(LimitKind.Grace, QuotaAction.Throttle, 2_000, 1_000))).RateLimit);
        Assert.Equal("4M/4M", Granted(Decide(limit: Limit(LimitKind.Grace, null, 20_000, 10_000))).RateLimit);
    }

    [Fact]
    public void A_line_over_its_quota_gets_the_garden_of_that_state_when_its_policy_says_walled_garden()
    {
        _settings.Treat(StateTreatments.Default with { OverQuota = new Treatment(LineAccess.WalledGarden, AddressList: "topup", Message: "Buy a top-up") });

        var grant = Granted(Decide(limit: Limit(LimitKind.DataQuota, QuotaAction.WalledGarden, 20_000, 10_000)));
        var refused = Assert.IsType<LineDecision.Refused>(Decide(limit: Limit(LimitKind.DataQuota, QuotaAction.Refuse, 20_000, 10_000)));

        Assert.Equal((true, "topup"), (grant.WalledGarden, grant.AddressList));
        Assert.Equal((LoginOutcome.OverQuota, "Buy a top-up"), (refused.Outcome, refused.Message));
    }

    [Fact]
    public void Every_list_that_may_hold_a_line_is_known()
    {
        _settings.Treat(StateTreatments.Default with { Unpaid = new Treatment(LineAccess.WalledGarden, AddressList: "unpaid"), Grace = new Treatment(LineAccess.AsSold, AddressList: "reminder") });

        Assert.Equal(["reminder", "suspended", "unpaid"], _settings.AddressLists.Order());
    }

    [Fact]
    public void A_site_has_its_own_pool_for_the_package_but_not_for_a_fixed_address_or_the_garden()
    {
        var site = Guid.CreateVersion7();
        _package.Change(new ServicePackageInput
        {
            Name = "Home 20", DownloadKbps = 20_000, UploadKbps = 10_000, AddressPool = "home", SitePools = new SitePools { Pools = [new SitePool(site, "ruiru")] },
        });
        _settings.Treat(StateTreatments.Default with { Unpaid = new Treatment(LineAccess.WalledGarden, Pool: "garden") });

        Assert.Equal("ruiru", LinePolicy.AtSite(Granted(Decide()), _package, site).Pool);
        Assert.Equal("home", LinePolicy.AtSite(Granted(Decide()), _package, Guid.CreateVersion7()).Pool);
        Assert.Equal("home", LinePolicy.AtSite(Granted(Decide()), _package, null).Pool);
        Assert.Null(LinePolicy.AtSite(Granted(Decide(address: "100.64.0.7")), _package, site).Pool);
        Assert.Equal("garden", LinePolicy.AtSite(Granted(Decide(SubscriptionState.Suspended, SuspendReason.Unpaid)), _package, site).Pool);
    }

    [Fact]
    public void A_line_with_its_own_prefix_gets_that_one_and_none_of_the_pool()
    {
        var grant = Granted(LinePolicy.WithPrefix(Decide(), "2001:db8:7::/56"));

        Assert.Equal(("2001:db8:7::/56", null, "link6"), (grant.DelegatedPrefix, grant.DelegatedIpv6Pool, grant.Ipv6Pool));
        Assert.Equal((null, "pd"), (Granted(Decide()).DelegatedPrefix, Granted(Decide()).DelegatedIpv6Pool));
    }

    [Fact]
    public void Treatments_that_cannot_be_meant_are_refused_at_their_place()
    {
        var validator = new StateTreatmentsValidator();

        Assert.Empty(validator.Validate(StateTreatments.Default).Errors);
        Assert.Equal(
            ["GraceDays", "Unpaid.DownloadKbps", "Abuse.AddressList", "OverQuota.Access"],
            validator.Validate(StateTreatments.Default with
            {
                GraceDays = 61,
                Unpaid = new Treatment(LineAccess.Limited, 10),
                Abuse = new Treatment(LineAccess.WalledGarden, AddressList: "two words"),
                OverQuota = new Treatment(LineAccess.Refused),
            }).Errors.Select(e => e.PropertyName));
    }

    private static LineLimit Limit(LimitKind kind, QuotaAction? action, int download, int upload) => new(kind, action, download, upload, "Because.", null);

    private static LineGrant Granted(LineDecision decision) => Assert.IsType<LineDecision.Granted>(decision).Grant;

    private LineDecision Decide(SubscriptionState state = SubscriptionState.Active, SuspendReason? reason = null, string? address = null, LineLimit? limit = null) =>
        LinePolicy.Decide(state, reason, address, _package, _settings, CompanyStatus.Active, limit);
}
