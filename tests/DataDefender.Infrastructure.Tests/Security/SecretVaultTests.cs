using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Security;

public sealed class SecretVaultTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private const string Canary = "canary-7f3a-Zürich";

    [Theory, EachDatabase]
    public async Task A_secret_is_read_back_where_it_was_kept_by_another_process_too(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var place = Place(company.Id);
        var kept = (await services.Vault.OpenAsync(company.Id)).Protect(place, Canary);

        await using var otherProcess = TestServices.Over(services.Database);

        Assert.Equal(Canary, (await otherProcess.Vault.OpenAsync(company.Id)).Reveal(place, kept));
        Assert.DoesNotContain(Canary, kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_cannot_be_read_at_another_row_column_entity_or_company()
    {
        var services = await databases.GetAsync(DatabaseProvider.Sqlite);
        var (mine, theirs) = (await TestCompany.CreateAsync(services), await TestCompany.CreateAsync(services));
        var (cipher, foreign) = (await services.Vault.OpenAsync(mine.Id), await services.Vault.OpenAsync(theirs.Id));
        var place = Place(mine.Id);
        var kept = cipher.Protect(place, Canary);

        foreach (var wrong in (SecretPlace[])[place with { Id = Guid.CreateVersion7() }, place with { Column = "SecretCipher" }, place with { Entity = "Nas" }, place with { TenantId = theirs.Id }])
        {
            Assert.ThrowsAny<CryptographicException>(() => cipher.Reveal(wrong, kept));
        }

        Assert.ThrowsAny<CryptographicException>(() => foreign.Reveal(place with { TenantId = theirs.Id }, kept)); // copied into the other company's row
        Assert.ThrowsAny<CryptographicException>(() => foreign.Reveal(place, kept));
        Assert.Equal(Canary, cipher.Reveal(place, kept));
    }

    [Fact]
    public async Task Any_changed_byte_is_noticed()
    {
        var services = await databases.GetAsync(DatabaseProvider.Sqlite);
        var company = await TestCompany.CreateAsync(services);
        var cipher = await services.Vault.OpenAsync(company.Id);
        var place = Place(company.Id);
        var kept = cipher.Protect(place, Canary);
        var bytes = Convert.FromBase64String(kept[2..]);

        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => cipher.Reveal(place, "1:" + Convert.ToBase64String(bytes)));
            bytes[i] ^= 1;
        }

        Assert.ThrowsAny<CryptographicException>(() => cipher.Reveal(place, "2" + kept[1..]));
        Assert.ThrowsAny<CryptographicException>(() => cipher.Reveal(place, "1:" + Convert.ToBase64String(bytes[..20])));
        Assert.ThrowsAny<CryptographicException>(() => cipher.Reveal(place, "1:not base64!"));
        Assert.ThrowsAny<CryptographicException>(() => cipher.Reveal(place, ""));
    }

    [Fact]
    public async Task The_same_secret_twice_looks_different()
    {
        var services = await databases.GetAsync(DatabaseProvider.Sqlite);
        var company = await TestCompany.CreateAsync(services);
        var cipher = await services.Vault.OpenAsync(company.Id);

        Assert.NotEqual(cipher.Protect(Place(company.Id), Canary), cipher.Protect(Place(company.Id), Canary));
    }

    [Theory, EachDatabase]
    public async Task Processes_that_need_a_companys_first_key_at_once_agree_on_one(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var place = Place(company.Id);
        var processes = Enumerable.Range(0, 8).Select(_ => TestServices.Over(services.Database)).ToList();

        var ciphers = await Task.WhenAll(processes.Select(p => Task.Run(async () => await p.Vault.OpenAsync(company.Id))));
        var kept = ciphers[0].Protect(place, Canary);

        Assert.All(ciphers, cipher => Assert.Equal(Canary, cipher.Reveal(place, kept)));
        await using var db = services.OpenPlatform();
        Assert.Equal(1, await db.TenantKeys.CountAsync(k => k.TenantId == company.Id));
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }
    }

    [Theory, EachDatabase]
    public async Task No_secret_reaches_the_log_the_audit_trail_or_a_column(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var line = await company.AddSubscriptionAsync(password: Canary);
        var router = await company.AddRouterAsync(password: Canary);
        var nas = await company.AddNasAsync(secret: Canary);

        // A save that fails is where databases and frameworks like to quote values.
        await using (var db = company.Open())
        {
            var twin = new Domain.Network.Router(company.Id, new Domain.Network.RouterInput { Name = router.Name, Host = "h", Username = "u" }, services.Clock.Now);
            twin.SetPassword((await services.Vault.OpenAsync(company.Id)).Protect(twin.PasswordPlace(), Canary));
            db.Routers.Add(twin);
            await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
        }

        await using var reading = company.Open();
        var trail = await reading.AuditEntries.ToListAsync();
        string[] secrets = [Canary, line.PasswordCipher, router.PasswordCipher, nas.SecretCipher];
        Assert.Contains(trail, e => e.After?.Contains("\"PasswordCipher\":\"(not shown)\"", StringComparison.Ordinal) is true);
        Assert.All(secrets, secret => Assert.DoesNotContain(trail, e => $"{e.Before}{e.After}{e.Label}".Contains(secret, StringComparison.Ordinal)));
        Assert.All(secrets, secret => Assert.DoesNotContain(services.Log.Lines, l => l.Contains(secret, StringComparison.Ordinal)));
        Assert.NotEmpty(services.Log.Lines);
        Assert.All((string[])[line.PasswordCipher, router.PasswordCipher, nas.SecretCipher], kept => Assert.DoesNotContain(Canary, kept, StringComparison.Ordinal));
    }

    private static SecretPlace Place(Guid tenantId) => new(tenantId, "Subscription", Guid.Parse("0198a000-0000-7000-8000-000000000001"), "PasswordCipher");
}
