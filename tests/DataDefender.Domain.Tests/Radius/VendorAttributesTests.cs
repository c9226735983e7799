using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Tests.Radius;

public sealed class VendorAttributesTests
{
    private static readonly LineGrant Sold = new(false, "5M/20M", null, null, "customers", 3600, 600, 300, 1, "Home 20.");
    private static readonly LineGrant Bursting = Sold with { RateLimit = "5M/20M 8M/30M 4M/15M 10/10" };
    private static readonly LineGrant Garden = Sold with { WalledGarden = true, RateLimit = "512k/512k", AddressList = "suspended", Pool = null };

    public static TheoryData<NasVendor> Every => [.. Enum.GetValues<NasVendor>()];

    [Fact]
    public void A_MikroTik_gets_its_own_rate_limit_with_the_burst_and_its_address_list()
    {
        Assert.Equal("5M/20M 8M/30M 4M/15M 10/10", Value(Bursting, NasVendor.MikroTik, "Mikrotik-Rate-Limit"));
        Assert.Equal("customers", Value(Sold, NasVendor.MikroTik, "Framed-Pool"));
        Assert.Equal("suspended", Value(Garden, NasVendor.MikroTik, "Mikrotik-Address-List"));
    }

    [Fact]
    public void A_Cisco_gets_the_names_of_its_policy_maps_its_pool_and_its_access_list_as_AV_pairs()
    {
        Assert.Equal(
            ["ip:addr-pool=customers", "ip:sub-qos-policy-in=DD-IN-5000", "ip:sub-qos-policy-out=DD-OUT-20000"],
            VendorAttributes.Of(Sold, NasVendor.Cisco).Where(a => a.Name == "Cisco-AVPair").Select(a => a.Value));
        Assert.Equal("suspended.in", Value(Garden, NasVendor.Cisco, "Filter-Id"));
    }

    [Fact]
    public void A_Huawei_gets_average_and_peak_in_bits_per_second_with_input_from_the_customer()
    {
        Assert.Equal("5000000", Value(Bursting, NasVendor.Huawei, "Huawei-Input-Average-Rate"));
        Assert.Equal("8000000", Value(Bursting, NasVendor.Huawei, "Huawei-Input-Peak-Rate"));
        Assert.Equal("20000000", Value(Bursting, NasVendor.Huawei, "Huawei-Output-Average-Rate"));
        Assert.Equal("20000000", Value(Sold, NasVendor.Huawei, "Huawei-Output-Peak-Rate"));
        Assert.Equal("suspended", Value(Garden, NasVendor.Huawei, "Filter-Id"));
    }

    [Theory]
    [InlineData(NasVendor.Ubiquiti)]
    [InlineData(NasVendor.Standard)]
    public void Others_get_WISPrs_speed_in_bits_per_second(NasVendor vendor)
    {
        Assert.Equal("5000000", Value(Sold, vendor, "WISPr-Bandwidth-Max-Up"));
        Assert.Equal("20000000", Value(Sold, vendor, "WISPr-Bandwidth-Max-Down"));
        Assert.Equal("customers", Value(Sold, vendor, "Framed-Pool"));
        Assert.Equal("suspended", Value(Garden, vendor, "Filter-Id"));
    }

    [Fact]
    public void A_speed_beyond_32_bits_is_told_as_the_highest_there_is() =>
        Assert.Equal("4294967295", Value(Sold with { RateLimit = "1M/10000M" }, NasVendor.Standard, "WISPr-Bandwidth-Max-Down"));

    [Theory]
    [MemberData(nameof(Every))]
    public void Time_outs_and_the_interim_interval_are_the_same_for_all_and_none_gets_anothers_attributes(NasVendor vendor)
    {
        Assert.Equal("3600", Value(Garden, vendor, "Session-Timeout"));
        Assert.Equal("600", Value(Garden, vendor, "Idle-Timeout"));
        Assert.Equal("300", Value(Garden, vendor, "Acct-Interim-Interval"));
        string[] foreign = [.. new[] { "MikroTik", "Cisco", "Huawei", "WISPr" }.Where(v => !(v == vendor.ToString() || (v == "WISPr" && vendor is NasVendor.Ubiquiti or NasVendor.Standard)))];
        Assert.DoesNotContain(VendorAttributes.Of(Sold, vendor), a => foreign.Any(f => a.Name.StartsWith(f + "-", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void A_change_says_speed_and_list_in_the_vendors_words() =>
        Assert.Equal(
            [new("Cisco-AVPair", "ip:sub-qos-policy-in=DD-IN-512"), new("Cisco-AVPair", "ip:sub-qos-policy-out=DD-OUT-512"), new("Filter-Id", "suspended.in")],
            VendorAttributes.ChangeOf("512k/512k", "suspended", NasVendor.Cisco));

    [Fact]
    public void Staff_get_the_step_that_their_role_has_on_routers()
    {
        Assert.Equal([new("Mikrotik-Group", "full")], VendorAttributes.Of(Role.Owner.OnRouters(), NasVendor.MikroTik));
        Assert.Equal([new("Mikrotik-Group", "write")], VendorAttributes.Of(Role.NocOperator.OnRouters(), NasVendor.MikroTik));
        Assert.Equal([new("Mikrotik-Group", "read")], VendorAttributes.Of(Role.Technician.OnRouters(), NasVendor.MikroTik));
        Assert.All((Role[])[Role.Support, Role.Sales, Role.Finance, Role.Customer, Role.SuperAdmin], role => Assert.Equal(RouterAccess.None, role.OnRouters()));
        Assert.Throws<ArgumentOutOfRangeException>(() => VendorAttributes.Of(RouterAccess.None, NasVendor.MikroTik));
    }

    private static string? Value(LineGrant grant, NasVendor vendor, string name) => VendorAttributes.Of(grant, vendor).Where(a => a.Name == name).Select(a => a.Value).SingleOrDefault();
}
