using System.Reflection;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Compliance;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Identity;
using DataDefender.Infrastructure.Security;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>The model, the same for all providers. A context belongs to one company or to the platform for its whole life.</summary>
public abstract partial class DataDefenderDbContext(DbContextOptions options) : IdentityUserContext<SignInAccount, Guid>(options), IDataDefenderDb
{
    /// <summary>The filter of platform-owned rows; nothing switches it off.</summary>
    public const string PlatformFilter = "Platform";

    private readonly List<AuditAct> _acts = [];
    private TimeProvider _clock = TimeProvider.System;

    /// <summary>Stamped by the factory that made it; never changed after.</summary>
    public Guid TenantId { get; private set; }

    /// <summary>A platform context sees and writes rows of all companies, where a query says so.</summary>
    public bool IsPlatform { get; private set; }

    /// <summary>False for migrations, which belong to nobody.</summary>
    public bool IsStamped { get; private set; }

    /// <summary>Who acts, for the audit trail.</summary>
    public Actor Actor { get; private set; } = new(null, "system", new HashSet<string>());

    /// <summary>A bulk load writes one audit entry of its own instead of one a row.</summary>
    public bool AuditEachRow { get; set; } = true;

    public DbSet<Company> Companies => Set<Company>();
    public DbSet<NumberSequence> NumberSequences => Set<NumberSequence>();
    public DbSet<StaffMember> Staff => Set<StaffMember>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<AuditHead> AuditHeads => Set<AuditHead>();
    public DbSet<Client> Clients => Set<Client>();
    public DbSet<ServicePackage> Packages => Set<ServicePackage>();
    public DbSet<Subscription> Subscriptions => Set<Subscription>();
    public DbSet<LineCommand> LineCommands => Set<LineCommand>();
    public DbSet<UsagePolicy> UsagePolicies => Set<UsagePolicy>();
    public DbSet<TopUp> TopUps => Set<TopUp>();
    public DbSet<PolicyCheck> PolicyChecks => Set<PolicyCheck>();
    public DbSet<Router> Routers => Set<Router>();
    public DbSet<Nas> NasDevices => Set<Nas>();
    public DbSet<NetworkSettings> NetworkSettings => Set<NetworkSettings>();
    public DbSet<LiveSession> LiveSessions => Set<LiveSession>();
    public DbSet<SessionRecord> SessionRecords => Set<SessionRecord>();
    public DbSet<UsageHour> UsageHours => Set<UsageHour>();
    public DbSet<UsageDelta> UsageDeltas => Set<UsageDelta>();
    public DbSet<LoginAttempt> LoginAttempts => Set<LoginAttempt>();
    public DbSet<RadiusChange> RadiusChanges => Set<RadiusChange>();
    public DbSet<SessionChange> SessionChanges => Set<SessionChange>();
    public DbSet<JournalPosition> JournalPositions => Set<JournalPosition>();
    public DbSet<NetworkEvent> NetworkEvents => Set<NetworkEvent>();
    public DbSet<Disclosure> Disclosures => Set<Disclosure>();
    public DbSet<ProvisioningRun> ProvisioningRuns => Set<ProvisioningRun>();
    public DbSet<ProvisioningStep> ProvisioningSteps => Set<ProvisioningStep>();
    public DbSet<SignInSession> SignInSessions => Set<SignInSession>();
    public DbSet<TenantKey> TenantKeys => Set<TenantKey>();

    /// <summary>Version 3 carries passkeys.</summary>
    protected override Version SchemaVersion => IdentitySchemaVersions.Version3;

    /// <summary>Called once by the factory, before anything else uses the context.</summary>
    internal void Stamp(Guid? tenantId, Actor? actor, TimeProvider clock)
    {
        (TenantId, IsPlatform, IsStamped) = (tenantId ?? Guid.Empty, tenantId is null, true);
        Actor = actor ?? Actor;
        _clock = clock;
    }

    public void Record(string action, IAudited row, object? details = null) => _acts.Add(new AuditAct(action, row, AuditTrail.ToJson(details)));

    public Task<AccountingTurn> TakeAccountingTurnAsync(CancellationToken ct = default) => AccountingLock.TakeAsync(this, ct);

    public override int SaveChanges(bool acceptAllChangesOnSuccess) => throw new NotSupportedException("Save with SaveChangesAsync.");

    /// <summary>More rows than this are looked at once in a save.</summary>
    private const int Many = 500;

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        ChangeTracker.DetectChanges();
        var detects = ChangeTracker.AutoDetectChangesEnabled;
        // Everything was looked at, and what follows says its own changes: looking again costs at size. EF wants to look after a save that
        // failed, or it takes the numbers of rows that were rolled back for taken; such a save is small, and is done again on its context.
        ChangeTracker.AutoDetectChangesEnabled = false;
        ChangeTracker.AutoDetectChangesEnabled = detects && ChangeTracker.Entries().Take(Many + 1).Count() <= Many;
        try
        {
            return await SaveDetectedAsync(acceptAllChangesOnSuccess, cancellationToken);
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = detects;
        }
    }

    private async Task<int> SaveDetectedAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        SaveRules.RaiseVersions(ChangeTracker);
        SaveRules.TellRadius(this, now);
        List<AuditAct> acts = [.. AuditEachRow ? AuditTrail.Collect(ChangeTracker) : [], .. _acts];
        using var turn = await SqliteWriteQueue.EnterAsync(this, cancellationToken);
        var many = PostgresBulk.Find(this);
        if (acts.Count == 0 && many.Count == 0)
        {
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }

        await using var transaction = Database.CurrentTransaction is null ? await Database.BeginTransactionAsync(cancellationToken) : null;
        if (acts.Count > 0)
        {
            await AuditTrail.AppendAsync(this, acts, now, cancellationToken);
        }

        await PostgresBulk.SendAsync(this, many, cancellationToken);
        var written = many.Sum(g => g.Rows.Count) + await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        _acts.Clear();
        return written;
    }

    public IReadOnlyList<T> Held<T>()
        where T : class
    {
        var detects = ChangeTracker.AutoDetectChangesEnabled;
        ChangeTracker.AutoDetectChangesEnabled = false;
        try
        {
            return [.. ChangeTracker.Entries<T>().Where(e => e.State is not EntityState.Deleted).Select(e => e.Entity)];
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = detects;
        }
    }

    public async Task WriteAsync<T>(RowWrite write, IReadOnlyList<T> rows, CancellationToken ct = default)
        where T : class
    {
        if (rows.Count == 0 || await PostgresRows.TrySendAsync(this, write, rows, ct))
        {
            return;
        }

        foreach (var row in rows)
        {
            Entry(row).State = write switch { RowWrite.Insert => EntityState.Added, RowWrite.Update => EntityState.Modified, _ => EntityState.Deleted };
        }

        await SaveChangesAsync(ct);
        foreach (var row in rows)
        {
            Entry(row).State = EntityState.Detached;
        }
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        NameIdentityTables(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(DataDefenderDbContext).Assembly);

        foreach (var entity in builder.Model.GetEntityTypes().Where(e => RowPolicies.OwnerOf(e) is not RowOwner.Nobody).ToList())
        {
            var wall = RowPolicies.OwnerOf(entity) is RowOwner.Company ? nameof(OwnByTenant) : nameof(KeepForPlatform);
            typeof(DataDefenderDbContext).GetMethod(wall, BindingFlags.Instance | BindingFlags.NonPublic)!.MakeGenericMethod(entity.ClrType).Invoke(this, [builder]);
        }

        foreach (var entity in builder.Model.GetEntityTypes().Where(e => typeof(Entity).IsAssignableFrom(e.ClrType)))
        {
            entity.FindProperty(nameof(Entity.Version))!.IsConcurrencyToken = true;
        }

        HangUnderParents(builder.Model);
        ModelConventions.Apply(builder.Model);
        RowPolicies.Annotate(builder.Model);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(40);
        configurationBuilder.Properties<string>().HaveMaxLength(200);
    }

    private static void NameIdentityTables(ModelBuilder builder)
    {
        builder.Entity<SignInAccount>(account =>
        {
            account.ToTable("sign_in_accounts");
            account.Property(a => a.DisplayName).HasMaxLength(120);
            account.HasIndex(a => a.TenantId);
        });
        builder.Entity<IdentityUserClaim<Guid>>(claim => claim.ToTable("sign_in_claims").Property(c => c.ClaimValue).HasMaxLength(1000));
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("sign_in_logins");
        builder.Entity<IdentityUserToken<Guid>>(token => token.ToTable("sign_in_tokens").Property(t => t.Value).HasMaxLength(1000)); // ten recovery codes
        builder.Entity<IdentityUserPasskey<Guid>>(passkey =>
        {
            passkey.ToTable("sign_in_passkeys");
            passkey.HasKey(p => p.CredentialId).IsClustered(false); // up to 1,024 bytes: a clustered key of SQL Server holds 900
            passkey.Property(p => p.CredentialId).HasMaxLength(1024);
            passkey.OwnsOne(p => p.Data).ToJson("data");
            passkey.HasOne<SignInAccount>().WithMany().HasForeignKey(p => p.UserId).IsRequired();
        });
    }

    private void OwnByTenant<T>(ModelBuilder builder) where T : class, ITenantOwned
    {
        var entity = builder.Entity<T>();
        entity.HasQueryFilter(PlatformQueries.TenantFilter, row => row.TenantId == TenantId);

        // The filter guards queries only. As concurrency token the tenant is in every UPDATE and DELETE too, and the alternate key
        // is what foreign keys point at, so that a row can hang only under a parent of its own company.
        entity.Property(row => row.TenantId).IsConcurrencyToken();
        if (typeof(Entity).IsAssignableFrom(typeof(T)))
        {
            entity.HasAlternateKey(nameof(ITenantOwned.TenantId), nameof(Entity.Id));
        }

        BelongToCompany(entity);
    }

    /// <summary>A company's context reads none of the platform's rows but the company's own entry.</summary>
    private void KeepForPlatform<T>(ModelBuilder builder) where T : class
    {
        if (typeof(T) == typeof(Company))
        {
            builder.Entity<Company>().HasQueryFilter(PlatformQueries.TenantFilter, company => IsPlatform || company.Id == TenantId);
        }
        else
        {
            builder.Entity<T>().HasQueryFilter(PlatformFilter, _ => IsPlatform);
        }
    }

    /// <summary>
    /// A row that must have a parent of its own company belongs to that company by it: a second key to the company would be looked up for each
    /// row that is written, and say nothing more.
    /// </summary>
    private static void HangUnderParents(IMutableModel model)
    {
        foreach (var entity in model.GetEntityTypes().Where(e => typeof(ITenantOwned).IsAssignableFrom(e.ClrType)))
        {
            var keys = entity.GetForeignKeys().ToList();
            if (keys.Exists(k => k is { IsRequired: true, Properties.Count: > 1 } && k.PrincipalEntityType != entity && k.Properties[0].Name == nameof(ITenantOwned.TenantId)))
            {
                foreach (var key in keys.Where(k => k.PrincipalEntityType.ClrType == typeof(Company) && k.Properties is [{ Name: nameof(ITenantOwned.TenantId) }]))
                {
                    entity.RemoveForeignKey(key);
                }
            }
        }
    }

    private static void BelongToCompany<T>(EntityTypeBuilder<T> entity) where T : class, ITenantOwned =>
        entity.HasOne<Company>().WithMany().HasForeignKey(row => row.TenantId).OnDelete(DeleteBehavior.Restrict);
}

/// <summary>The embedded default.</summary>
public sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options) : DataDefenderDbContext(options);

/// <summary>PostgreSQL, with row-level security.</summary>
public sealed class PostgresDbContext(DbContextOptions<PostgresDbContext> options) : DataDefenderDbContext(options);

/// <summary>SQL Server, with row-level security.</summary>
public sealed class SqlServerDbContext(DbContextOptions<SqlServerDbContext> options) : DataDefenderDbContext(options);
