using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;

namespace DataDefender.Domain.Tests.Radius;

public sealed class LinePolicyTests
{
    private static readonly DateTime Now = new(2026, 11, 22, 10, 0, 0, DateTimeKind.Utc);
    private static readonly Guid Tenant = Guid.CreateVersion7();

    private readonly NetworkSettings _settings = new(Tenant);

    [Fact]
    public void An_active_line_gets_the_speed_that_was_sold_upload_first()
    {
        var grant = Granted(Decide(Active(), Package(new() { UploadKbps = 5_000, DownloadKbps = 20_000, AddressPool = "customers" })));

        Assert.Equal("5M/20M", grant.RateLimit);
        Assert.Equal("customers", grant.Pool);
        Assert.False(grant.WalledGarden);
        Assert.Null(grant.AddressList);
        Assert.Equal(300, grant.InterimSeconds);
    }

    [Fact]
    public void A_burst_has_its_threshold_as_a_share_of_the_sold_speed()
    {
        var package = Package(new()
        {
            UploadKbps = 4_000, DownloadKbps = 10_000, BurstUploadKbps = 8_000, BurstDownloadKbps = 20_000, BurstThresholdPercent = 75, BurstSeconds = 12, Priority = 3,
        });

        Assert.Equal("4M/10M 8M/20M 3M/7500k 12/12 3", Granted(Decide(Active(), package)).RateLimit);
    }

    [Theory]
    [InlineData(LimitKind.Schedule, 8_000, 20_000, "8M/20M 16M/40M 6M/15M 12/12")] // twice by night
    [InlineData(LimitKind.Schedule, 1_333, 3_333, "1333k/3333k 2666k/6666k 999750/2499750 12/12")] // a third, cut to whole kbit/s
    [InlineData(LimitKind.FairUse, 8_000, 20_000, "8M/20M")]
    [InlineData(LimitKind.DataQuota, 1_000, 2_000, "1M/2M")]
    public void A_schedule_scales_the_burst_with_the_speed_and_no_other_limit_leaves_one(LimitKind kind, int up, int down, string expected)
    {
        var package = Package(new() { UploadKbps = 4_000, DownloadKbps = 10_000, BurstUploadKbps = 8_000, BurstDownloadKbps = 20_000, BurstThresholdPercent = 75, BurstSeconds = 12 });
        var limit = new LineLimit(kind, kind is LimitKind.DataQuota ? QuotaAction.Throttle : null, down, up, "Night.", null);

        Assert.Equal(expected, Granted(LinePolicy.Decide(SubscriptionState.Active, null, null, package, _settings, CompanyStatus.Active, limit)).RateLimit);
    }

    [Fact]
    public void Burst_and_speed_keep_a_scale_for_every_speed_that_can_be_sold()
    {
        var random = new Random(7);
        for (var i = 0; i < 5_000; i++)
        {
            var (up, down, by) = (random.Next(64, 2_000_000), random.Next(64, 2_000_000), random.Next(1, 500));
            var package = Package(new() { UploadKbps = up, DownloadKbps = down, BurstUploadKbps = up + random.Next(up), BurstDownloadKbps = down + random.Next(down), BurstThresholdPercent = 75, BurstSeconds = 8 });
            var limit = new LineLimit(LimitKind.Schedule, null, Math.Max(1, (int)((long)down * by / 100)), Math.Max(1, (int)((long)up * by / 100)), "Night.", null);

            var grant = Granted(LinePolicy.Decide(SubscriptionState.Active, null, null, package, _settings, CompanyStatus.Active, limit));

            Assert.True(MikrotikRateLimit.TryParse(grant.RateLimit, out var rate)); // no router takes a burst below the speed
            Assert.InRange(rate.Burst!.Limit.Download, rate.Limit.Download, (long)(rate.Limit.Download * 2.0) + 1000);
        }
    }

    [Fact]
    public void A_suspended_line_is_let_into_the_walled_garden_with_its_own_address()
    {
        var line = Active();
        line.AssignAddress("100.64.0.7");
        line.Suspend(SuspendReason.Unpaid, null, Now);

        var grant = Granted(Decide(line, Package(new() { UploadKbps = 5_000, DownloadKbps = 20_000, AddressPool = "customers" })));

        Assert.True(grant.WalledGarden);
        Assert.Equal("512k/512k", grant.RateLimit);
        Assert.Equal("suspended", grant.AddressList);
        Assert.Equal("100.64.0.7", grant.StaticAddress);
        Assert.Null(grant.Pool);
        Assert.Contains("unpaid", grant.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_was_never_activated_or_has_ended_is_refused()
    {
        var ended = Active();
        ended.Disconnect("moved away", Now);

        Assert.Equal(LoginOutcome.NotActivated, Refused(Decide(Line(), Package(new() { UploadKbps = 1, DownloadKbps = 1 }))).Outcome);
        Assert.Equal(LoginOutcome.Disconnected, Refused(Decide(ended, Package(new() { UploadKbps = 1, DownloadKbps = 1 }))).Outcome);
    }

    [Theory]
    [InlineData(CompanyStatus.Pending)]
    [InlineData(CompanyStatus.Rejected)]
    [InlineData(CompanyStatus.Suspended)]
    public void A_company_that_is_not_active_gets_nobody_in(CompanyStatus status) =>
        Assert.Equal(
            LoginOutcome.CompanySuspended,
            Refused(LinePolicy.Decide(Active(), Package(new() { UploadKbps = 1, DownloadKbps = 1 }), _settings, status)).Outcome);

    private static LineGrant Granted(LineDecision decision) => Assert.IsType<LineDecision.Granted>(decision).Grant;

    private static LineDecision.Refused Refused(LineDecision decision) => Assert.IsType<LineDecision.Refused>(decision);

    private static Subscription Line() => new(Tenant, Guid.CreateVersion7(), Guid.CreateVersion7(), "wanjiku", Now);

    private static Subscription Active()
    {
        var line = Line();
        line.Activate(Now);
        return line;
    }

    private static ServicePackage Package(ServicePackageInput input) => new(Tenant, input with { Name = "Home" }, Now);

    private LineDecision Decide(Subscription line, ServicePackage package) => LinePolicy.Decide(line, package, _settings, CompanyStatus.Active);
}
