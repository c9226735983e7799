using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Seeding;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Seeding;

public sealed class SeedLoadTests
{
    [Theory, EachDatabase]
    public async Task It_makes_the_subscribers_that_the_load_generator_expects(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider);

        var (exit, output, _) = await SeedAsync(services, "load", "--clients", "5000");

        Assert.Equal(0, exit);
        Assert.StartsWith("5,000 subscribers loaded", output, StringComparison.Ordinal);
        await using var platform = services.OpenPlatform();
        var company = await platform.Companies.SingleAsync();
        await using var db = services.Open(company.Id);
        var cipher = await services.Vault.OpenAsync(company.Id);
        Assert.Equal(5000, await db.Subscriptions.CountAsync(s => s.State == SubscriptionState.Active));
        foreach (var (number, address) in ((int, string)[])[(0, "100.64.0.0"), (255, "100.64.0.255"), (256, "100.64.1.0"), (4999, "100.64.19.135")])
        {
            var line = await db.Subscriptions.SingleAsync(s => s.Username == $"user{number:D6}");
            Assert.Equal(address, line.StaticAddress);
            Assert.Equal($"pw{number:D6}", cipher.Reveal(line.PasswordPlace(), line.PasswordCipher));
        }

        var package = await db.Packages.SingleAsync();
        Assert.Equal((10_000, 10_000), (package.DownloadKbps, package.UploadKbps));
        var nas = await db.NasDevices.SingleAsync();
        Assert.Equal(("127.0.0.1", "testing123"), (nas.Address, cipher.Reveal(nas.SecretPlace(), nas.SecretCipher)));
        Assert.All(await db.Clients.Take(50).ToListAsync(), c => Assert.True(AccountNumbers.IsValid(c.AccountNumber)));
    }

    [Fact]
    public async Task The_whole_load_is_one_line_in_the_audit_trail()
    {
        await using var services = await TestServices.CreateAsync();
        await SeedAsync(services, "load", "--clients", "2500");

        await using var platform = services.OpenPlatform();
        var company = await platform.Companies.SingleAsync();

        Assert.Single(await platform.AuditEntries.AcrossTenants().Where(e => e.Action == "loaded 2500 subscribers").ToListAsync());
        var verdict = await services.Provider.GetRequiredService<IAuditVerifier>().VerifyAsync(company.Id);
        Assert.Equal(new AuditVerdict.Intact(4), verdict); // the company, its package, its NAS, its lines
    }

    [Fact]
    public async Task The_next_account_number_follows_the_loaded_ones()
    {
        await using var services = await TestServices.CreateAsync(configure: s => s.AddScoped<LicenceGuard>().AddScoped<ClientService>());
        await SeedAsync(services, "load", "--clients", "10");
        await using var platform = services.OpenPlatform();
        await using var scope = services.Scope((await platform.Companies.SingleAsync()).Id);

        var id = await scope.ServiceProvider.GetRequiredService<ClientService>().CreateAsync(new ClientInput { Name = "One More", Phone = "0712345678" });

        Assert.Equal(AccountNumbers.WithCheckDigit(100_011), (await platform.Clients.AcrossTenants().SingleAsync(c => c.Id == id)).AccountNumber);
    }

    [Theory, EachDatabase]
    public async Task Asked_again_it_leaves_what_is_there_and_refuses_another_number(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider);
        await SeedAsync(services, "load", "--clients", "10");

        var again = await SeedAsync(services, "load", "--clients", "10");
        var other = await SeedAsync(services, "load", "--clients", "11");

        Assert.Equal((0, 1), (again.Exit, other.Exit));
        Assert.Contains("there already", again.Output, StringComparison.Ordinal);
        Assert.Contains("with 10 subscribers, not 11", other.Error, StringComparison.Ordinal);
        await using var db = services.OpenPlatform();
        Assert.Equal((1, 10, 10), (await db.Companies.CountAsync(), await db.Clients.AcrossTenants().CountAsync(), await db.Subscriptions.AcrossTenants().CountAsync()));
    }

    [Fact]
    public async Task A_database_whose_NAS_address_is_taken_is_refused()
    {
        await using var services = await TestServices.CreateAsync();
        await (await TestCompany.CreateAsync(services)).AddNasAsync("127.0.0.1");

        var (exit, _, error) = await SeedAsync(services, "load", "--clients", "10");

        Assert.Equal(1, exit);
        Assert.Contains("127.0.0.1 belongs to another company", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("load")]
    [InlineData("load", "--clients")]
    [InlineData("load", "--clients", "0")]
    [InlineData("load", "--clients", "1000001")]
    [InlineData("load", "clients", "5")]
    [InlineData("demo")]
    [InlineData("harvest")]
    public async Task Words_that_make_no_sense_are_refused_before_the_database_is_touched(params string[] words)
    {
        await using var services = await TestServices.CreateAsync();

        var (exit, _, error) = await SeedAsync(services, words);

        Assert.Equal(2, exit);
        Assert.NotEmpty(error);
        await using var db = services.OpenPlatform();
        Assert.False(await db.Companies.AnyAsync());
    }

    internal static async Task<(int Exit, string Output, string Error)> SeedAsync(TestServices services, params string[] words)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await SeedCommands.RunAsync(services.Provider, words, output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
