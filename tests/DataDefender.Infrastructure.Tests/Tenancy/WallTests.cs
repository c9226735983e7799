using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Tenancy;

/// <summary>
/// The walls of the model: filter, write guard, concurrency token, composite keys. Each has a test that it holds and one that takes it
/// away and sees the leak, so that the first is known to depend on it. Row-level security has tests of its own.
/// </summary>
public sealed class WallTests(TestDatabases databases) : IClassFixture<TestDatabases>, IAsyncLifetime
{
    private TestServices _services = null!;
    private TestCompany _mine = null!;
    private TestCompany _theirs = null!;

    public async ValueTask InitializeAsync()
    {
        _services = await databases.GetAsync(DatabaseProvider.Sqlite); // no row-level security: here the model's walls stand alone
        _mine = await TestCompany.CreateAsync(_services, "Mine");
        _theirs = await TestCompany.CreateAsync(_services, "Theirs");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_query_returns_the_companys_own_rows_only()
    {
        await _theirs.AddClientAsync();
        var own = await _mine.AddClientAsync();

        await using var db = _mine.Open();

        Assert.Equal(own.Id, (await db.Clients.SingleAsync()).Id);
    }

    [Fact]
    public async Task Without_the_filter_every_companys_rows_come_back()
    {
        var foreign = await _theirs.AddClientAsync();
        await using var db = _mine.Open();

        Assert.Contains(await db.Clients.AcrossTenants().ToListAsync(), c => c.Id == foreign.Id);
    }

    [Fact]
    public async Task A_company_sees_itself_and_no_other_company()
    {
        await using var db = _mine.Open();
        await using var platform = _services.OpenPlatform();

        Assert.Equal(_mine.Id, (await db.Companies.SingleAsync()).Id);
        Assert.Contains(await platform.Companies.ToListAsync(), c => c.Id == _theirs.Id);
    }

    [Fact]
    public async Task A_company_reads_nothing_of_the_platform()
    {
        await using var db = _mine.Open();
        await using var platform = _services.OpenPlatform();
        platform.JournalPositions.Add(new JournalPosition { JournalId = Guid.CreateVersion7(), AppliedAt = _services.Clock.Now });
        await platform.SaveChangesAsync();

        Assert.NotEmpty(await platform.JournalPositions.ToListAsync());
        Assert.NotEmpty(await platform.RadiusChanges.ToListAsync());
        Assert.Empty(await db.JournalPositions.ToListAsync());
        Assert.Empty(await db.RadiusChanges.AcrossTenants().ToListAsync());
    }

    [Fact]
    public async Task Writing_a_row_of_another_company_is_refused()
    {
        await using var db = _mine.Open();
        db.Clients.Add(Smuggled());

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync());

        Assert.Contains("another company", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_write_guard_a_row_is_smuggled_into_another_company()
    {
        await using var db = Unguarded();
        var smuggled = Smuggled();
        db.Clients.Add(smuggled);

        await db.SaveChangesAsync();

        await using var theirs = _theirs.Open();
        Assert.True(await theirs.Clients.AnyAsync(c => c.Id == smuggled.Id));
    }

    [Fact]
    public async Task A_company_may_not_write_to_the_platform()
    {
        await using var db = _mine.Open();
        db.JournalPositions.Add(new JournalPosition { JournalId = Guid.CreateVersion7() });
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync());

        await using var other = _mine.Open();
        other.Companies.Attach(_theirs.Company);
        _theirs.Company.Suspend("By a rival", _services.Clock.Now);
        await Assert.ThrowsAsync<InvalidOperationException>(() => other.SaveChangesAsync());
    }

    [Fact]
    public async Task A_scope_without_a_company_opens_no_database()
    {
        await using var scope = _services.Provider.CreateAsyncScope();
        var factory = scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>();

        await Assert.ThrowsAsync<InvalidOperationException>(() => factory.OpenAsync());
    }

    [Fact]
    public async Task Changing_a_foreign_row_by_its_id_changes_nothing()
    {
        var foreign = await _theirs.AddClientAsync("Theirs");
        await using var db = _mine.Open();
        StubOf(db, foreign).Property(c => c.Name).CurrentValue = "Taken over";

        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());

        await using var theirs = _theirs.Open();
        Assert.Equal("Theirs", (await theirs.Clients.SingleAsync(c => c.Id == foreign.Id)).Name);
    }

    [Fact]
    public async Task Without_the_tenant_as_concurrency_token_a_foreign_row_is_changed_by_its_id()
    {
        var foreign = await _theirs.AddClientAsync("Theirs");
        var options = new DbContextOptionsBuilder<SqliteDbContext>(Providers.Sqlite(_services.Database.ConnectionString)).ReplaceService<IModelCustomizer, WithoutTenantToken>().Options;
        await using var db = new SqliteDbContext(options);
        db.Stamp(_mine.Id, null, _services.Clock);
        StubOf(db, foreign).Property(c => c.Name).CurrentValue = "Taken over";

        await db.SaveChangesAsync();

        await using var theirs = _theirs.Open();
        Assert.Equal("Taken over", (await theirs.Clients.SingleAsync(c => c.Id == foreign.Id)).Name);
    }

    [Fact]
    public async Task A_row_cannot_hang_under_another_companys_parent()
    {
        var (client, package) = (await _theirs.AddClientAsync(), await _mine.AddPackageAsync());
        await using var db = _mine.Open();
        db.Subscriptions.Add(new Subscription(_mine.Id, client.Id, package.Id, "crossed", _services.Clock.Now));

        await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
    }

    [Fact]
    public async Task Without_the_composite_foreign_key_a_row_hangs_under_another_companys_parent()
    {
        var (client, package) = (await _theirs.AddClientAsync(), await _mine.AddPackageAsync());
        var noForeignKeys = new SqliteConnectionStringBuilder(_services.Database.ConnectionString) { ForeignKeys = false }.ConnectionString;
        await using var db = new SqliteDbContext(new DbContextOptionsBuilder<SqliteDbContext>().UseSqlite(noForeignKeys).Options);
        db.Stamp(_mine.Id, null, _services.Clock);
        db.Subscriptions.Add(new Subscription(_mine.Id, client.Id, package.Id, "crossed2", _services.Clock.Now));

        await db.SaveChangesAsync();

        await using var mine = _mine.Open();
        Assert.Equal(client.Id, (await mine.Subscriptions.SingleAsync(s => s.Username == "crossed2")).ClientId);
    }

    [Fact]
    public async Task Saving_and_opening_synchronously_is_refused()
    {
        await using var db = _mine.Open();
        db.Clients.Add(new Client(_mine.Id, "1000017", new ClientInput { Name = "Sync", Phone = "0712000000" }, _services.Clock.Now));

        Assert.Throws<NotSupportedException>(() => db.SaveChanges());
    }

    /// <summary>What an attacker who knows an id would attach: the right id under his own company.</summary>
    private Microsoft.EntityFrameworkCore.ChangeTracking.EntityEntry<Client> StubOf(DataDefenderDbContext db, Client foreign)
    {
        var stub = db.Entry(new Client(_mine.Id, foreign.AccountNumber, new ClientInput { Name = "Stub", Phone = foreign.Phone }, _services.Clock.Now));
        stub.Property(c => c.Id).CurrentValue = foreign.Id;
        stub.Property(c => c.Version).CurrentValue = foreign.Version;
        stub.State = EntityState.Unchanged;
        return stub;
    }

    private Client Smuggled() => new(_theirs.Id, "1000017", new ClientInput { Name = "Smuggled", Phone = "0712000000" }, _services.Clock.Now);

    private SqliteDbContext Unguarded()
    {
        var db = new SqliteDbContext(new DbContextOptionsBuilder<SqliteDbContext>().UseSqlite(_services.Database.ConnectionString).Options);
        db.Stamp(_mine.Id, null, _services.Clock);
        return db;
    }

    private sealed class WithoutTenantToken(ModelCustomizerDependencies dependencies) : RelationalModelCustomizer(dependencies)
    {
        public override void Customize(ModelBuilder modelBuilder, DbContext context)
        {
            base.Customize(modelBuilder, context);
            modelBuilder.Entity<Client>().Property(c => c.TenantId).IsConcurrencyToken(false);
        }
    }
}
