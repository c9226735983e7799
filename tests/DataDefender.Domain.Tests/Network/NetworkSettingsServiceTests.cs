using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Tests.Network;

public sealed class NetworkSettingsServiceTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    [Fact]
    public async Task A_company_that_saved_nothing_has_the_defaults_and_its_first_save_makes_the_row()
    {
        var (company, other) = (await network.CompanyAsync(), await network.CompanyAsync());
        Assert.Equal(new NetworkSettingsInput(), await company.AsAsync<NetworkSettingsService, NetworkSettingsInput>(Role.Technician, s => s.GetAsync()));

        var saved = new NetworkSettingsInput { WalledGardenList = "walled", WalledGardenKbps = 256, InterimSeconds = 60 };
        await company.AsAsync<NetworkSettingsService>(Role.NocOperator, s => s.SaveAsync(saved));
        await company.AsAsync<NetworkSettingsService>(Role.NocOperator, s => s.SaveAsync(saved with { WalledGardenKbps = 1024 }));

        Assert.Equal(saved with { WalledGardenKbps = 1024 }, await company.AsAsync<NetworkSettingsService, NetworkSettingsInput>(Role.Technician, s => s.GetAsync()));
        Assert.Equal(new NetworkSettingsInput(), await other.AsAsync<NetworkSettingsService, NetworkSettingsInput>(Role.Technician, s => s.GetAsync()));
        await using var db = (await network.ServicesAsync()).OpenPlatform();
        Assert.True(await db.RadiusChanges.AnyAsync(c => c.TenantId == company.Id && c.Kind == nameof(NetworkSettings)));
    }

    [Theory]
    [InlineData("", 512, 300, nameof(NetworkSettingsInput.WalledGardenList))]
    [InlineData("two words", 512, 300, nameof(NetworkSettingsInput.WalledGardenList))]
    [InlineData("suspended", 63, 300, nameof(NetworkSettingsInput.WalledGardenKbps))]
    [InlineData("suspended", 512, 59, nameof(NetworkSettingsInput.InterimSeconds))]
    [InlineData("suspended", 512, 3601, nameof(NetworkSettingsInput.InterimSeconds))]
    public async Task A_value_out_of_range_is_refused_beside_its_field(string list, int kbps, int interim, string field)
    {
        var company = await network.CompanyAsync();
        var input = new NetworkSettingsInput { WalledGardenList = list, WalledGardenKbps = kbps, InterimSeconds = interim };

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => company.AsAsync<NetworkSettingsService>(Role.Owner, s => s.SaveAsync(input)));

        Assert.Equal(field, Assert.Single(refused.Errors).Field);
    }

    [Fact]
    public async Task A_shared_password_for_equipment_is_kept_encrypted_and_never_read_back()
    {
        var company = await network.CompanyAsync();
        var input = new NetworkSettingsInput { MacLogins = MacLoginRule.SharedPassword };
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => company.AsAsync<NetworkSettingsService>(Role.Owner, s => s.SaveAsync(input)));
        Assert.Equal(nameof(NetworkSettingsInput.MacPassword), Assert.Single(refused.Errors).Field);

        await company.AsAsync<NetworkSettingsService>(Role.Owner, s => s.SaveAsync(input with { MacPassword = "all-our-tvs" }));
        var read = await company.AsAsync<NetworkSettingsService, NetworkSettingsInput>(Role.Owner, s => s.GetAsync());
        await company.AsAsync<NetworkSettingsService>(Role.Owner, s => s.SaveAsync(read with { WalledGardenKbps = 256 }));

        Assert.Equal((MacLoginRule.SharedPassword, null, true), (read.MacLogins, read.MacPassword, read.HasMacPassword));
        var services = await network.ServicesAsync();
        await using var db = services.OpenPlatform();
        var settings = await db.NetworkSettings.AcrossTenants().SingleAsync(s => s.TenantId == company.Id);
        Assert.Equal("all-our-tvs", (await services.Vault.OpenAsync(company.Id)).Reveal(settings.MacPasswordPlace(), settings.MacPasswordCipher!));
        Assert.DoesNotContain(await db.AuditEntries.AcrossTenants().Where(a => a.TenantId == company.Id).ToListAsync(), a => $"{a.Before}{a.After}".Contains("all-our-tvs", StringComparison.Ordinal));
    }
}
