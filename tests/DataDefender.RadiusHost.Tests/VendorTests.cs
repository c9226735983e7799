using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Tests;

public sealed class VendorTests(VendorTests.Fixture fixture) : IClassFixture<VendorTests.Fixture>
{
    [Theory]
    [InlineData(NasVendor.Cisco, "Cisco-AVPair", "ip:addr-pool=customers")]
    [InlineData(NasVendor.Huawei, "Huawei-Output-Average-Rate", "10000000")]
    [InlineData(NasVendor.Ubiquiti, "WISPr-Bandwidth-Max-Down", "10000000")]
    [InlineData(NasVendor.Standard, "WISPr-Bandwidth-Max-Up", "5000000")]
    public async Task A_NAS_gets_its_vendors_attributes_and_none_of_MikroTiks(NasVendor vendor, string attribute, string value)
    {
        var reply = await fixture.Host.Client(identifier: vendor.ToString()).PapAsync("vendor-line", HostFixture.Password);

        Assert.Equal(RadiusCode.AccessAccept, reply.Code);
        Assert.Equal(value, reply[attribute]);
        Assert.Equal("300", reply["Acct-Interim-Interval"]);
        Assert.DoesNotContain(reply.Attributes, a => a.Vendor == RadiusVendors.Mikrotik);
    }

    [Fact]
    public async Task A_changed_vendor_takes_effect_without_a_restart()
    {
        var nas = await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, identifier: "changing");
        await Eventually.Is(async () => await AskAsync("Mikrotik-Rate-Limit") == "5M/10M");

        await using (var db = fixture.Company.Open())
        {
            var row = await db.NasDevices.FindAsync([nas.Id], TestContext.Current.CancellationToken);
            row!.Change(new NasInput { Name = nas.Name, Address = nas.Address, Identifier = nas.Identifier, Vendor = NasVendor.Huawei });
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await Eventually.Is(async () => await AskAsync("Huawei-Input-Average-Rate") == "5000000");

        async Task<string?> AskAsync(string attribute) => (await fixture.Host.Client(identifier: "changing").PapAsync("vendor-line", HostFixture.Password))[attribute];
    }

    public sealed class Fixture : HostFixture
    {
        protected override async Task PrepareAsync()
        {
            await Company.AddSubscriptionAsync(package: Package, username: "vendor-line", password: Password);
            foreach (var vendor in Enum.GetValues<NasVendor>())
            {
                await Company.AddNasAsync("127.0.0.1", Secret, identifier: vendor.ToString(), configure: n => n.Vendor = vendor);
            }
        }
    }
}
