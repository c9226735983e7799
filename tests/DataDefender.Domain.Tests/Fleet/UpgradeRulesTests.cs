using DataDefender.Domain.Fleet;

namespace DataDefender.Domain.Tests.Fleet;

public sealed class UpgradeRulesTests
{
    private static readonly TimeZoneInfo Nairobi = TimeZoneInfo.FindSystemTimeZoneById("Africa/Nairobi");

    [Theory]
    [InlineData("7.22.1", "7.22.3", "7.22.3", null, null)]
    [InlineData("6.49.17", "7.12.1", "7.12.1", null, "RouterOS 6 reaches 7 by the channel “upgrade”")]
    [InlineData("7.22.3", "7.21.1", "7.21.1", null, "newer than 7.21.1")]
    [InlineData("7.22.1", "7.22.3", "7.22.4", null, "The newest of its channel is 7.22.4")]
    [InlineData("7.22.1", "7.22.3", null, "ERROR: could not resolve dns name", "cannot reach the update server: could not resolve dns name")]
    [InlineData("7.22.1", "7.22.3", null, null, "does not say what its update server has")]
    [InlineData("6.48.6", "6.49.17", "6.49.17", null, null)]
    public void Only_what_was_decided_on_is_installed_and_never_from_6_to_7(string installed, string wanted, string? latest, string? status, string? why)
    {
        var verdict = UpgradeRules.Forbids(new FirmwareReading("stable", installed, latest, status, null, null, "arm", 100 << 20, []), wanted);

        if (why is null)
        {
            Assert.Null(verdict);
        }
        else
        {
            Assert.Contains(why, verdict, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("6.49.17", "arm", 1024, 100 << 20, "", null)]
    [InlineData("6.49.17", "mipsle", 1024, 100 << 20, "", "no RouterOS 7 for its processor (mipsle)")]
    [InlineData("6.49.17", null, 1024, 100 << 20, "", "it does not say which")]
    [InlineData("6.49.17", "smips", 32, 100 << 20, "", "It has 32 MiB of memory; RouterOS 7 wants 64")]
    [InlineData("6.49.17", "mipsbe", 64, 900 << 10, "", "Only 900 KiB are free")]
    [InlineData("6.49.17", "arm", 1024, 100 << 20, "user-manager", "Its package user-manager has no counterpart")]
    [InlineData("6.48.6", "arm", 1024, 100 << 20, "", "Only 6.49 goes on to 7")]
    [InlineData("7.12.1", "arm", 1024, 100 << 20, "", "which is no RouterOS 6")]
    public void What_a_router_is_decides_whether_it_may_go_from_6_to_7(string installed, string? architecture, int mebibytes, long free, string package, string? why)
    {
        var verdict = SevenRules.Forbids(new FirmwareReading("stable", installed, installed, null, null, null, architecture, free, ["ppp", "system", package]) { TotalMemory = (long)mebibytes << 20 });

        if (why is null)
        {
            Assert.Null(verdict);
        }
        else
        {
            Assert.Contains(why, verdict, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("6.48.6", "6.49.19", "6.49.19")]
    [InlineData("6.49.19", "6.49.19", null)]
    [InlineData("6.49.17", "7.22.3", null)] // not of 6
    public void The_newest_of_6_comes_first(string installed, string latest, string? first) =>
        Assert.Equal(first, SevenRules.NewestOfSix(new FirmwareReading("stable", installed, latest, null, null, null, "arm", 100 << 20, [])));

    [Fact]
    public void A_full_disk_is_said_in_numbers() =>
        Assert.Contains("900 KiB", UpgradeRules.Forbids(new FirmwareReading("stable", "7.1", "7.2", null, null, null, null, 900 * 1024, []), "7.2"), StringComparison.Ordinal);

    [Fact]
    public void Candidates_come_before_their_release() => Assert.True(UpgradeRules.Parse("7.23rc2") < UpgradeRules.Parse("7.23") && UpgradeRules.Parse("7.23rc2") > UpgradeRules.Parse("7.22.9"));

    [Theory]
    [InlineData("2026-03-01T22:59:00", false)] // 01:59 in Nairobi
    [InlineData("2026-03-01T23:00:00", true)]
    [InlineData("2026-03-02T01:59:00", true)]
    [InlineData("2026-03-02T02:00:00", false)]
    public void The_window_is_in_the_companys_time(string utc, bool isOpen) => Assert.Equal(isOpen, Upgrade(2, 5).IsOpen(At(utc), Nairobi));

    [Theory]
    [InlineData("2026-03-01T20:30:00", true)] // 23:30 on the 1st
    [InlineData("2026-03-01T23:30:00", true)] // 02:30 on the 2nd belongs to the night that began on the 1st
    [InlineData("2026-02-28T23:30:00", false)] // the night before
    [InlineData("2026-03-01T12:00:00", false)]
    public void A_window_over_midnight_belongs_to_the_day_on_which_it_opened(string utc, bool isOpen) =>
        Assert.Equal(isOpen, Upgrade(23, 4, new DateOnly(2026, 3, 1)).IsOpen(At(utc), Nairobi));

    [Fact]
    public void What_failed_before_a_person_said_to_go_on_is_known_from_the_time_of_it()
    {
        var upgrade = Upgrade(0, 0);
        upgrade.Stop("R1: It did not come back.");
        Assert.Equal(UpgradeStatus.Stopped, upgrade.Status);

        upgrade.GoOn(At("2026-03-01T10:00:00"));

        Assert.Equal((UpgradeStatus.Running, At("2026-03-01T10:00:00")), (upgrade.Status, upgrade.WentOnAt));
    }

    private static FirmwareUpgrade Upgrade(int from, int until, DateOnly? notBefore = null) =>
        new(Guid.CreateVersion7(), new FirmwareUpgradeInput { Name = "u", Version = "7.22.3", WindowFrom = TimeSpan.FromHours(from), WindowUntil = TimeSpan.FromHours(until), NotBefore = notBefore }, "test", DateTime.UnixEpoch);

    private static DateTime At(string utc) => DateTime.SpecifyKind(DateTime.Parse(utc, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc);
}
