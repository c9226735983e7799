using DataDefender.Domain.Clients;
using DataDefender.Domain.Compliance;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

/// <summary>A unit of work on the database, for one company or for the platform. Open it, use it, dispose it; never keep it in a field.</summary>
public partial interface IDataDefenderDb : IAsyncDisposable
{
    /// <summary>Whose rows this context sees and may write; <see cref="Guid.Empty"/> for the platform.</summary>
    Guid TenantId { get; }

    DbSet<Company> Companies { get; }
    DbSet<NumberSequence> NumberSequences { get; }
    DbSet<StaffMember> Staff { get; }
    DbSet<AuditEntry> AuditEntries { get; }
    DbSet<Client> Clients { get; }
    DbSet<ServicePackage> Packages { get; }
    DbSet<Subscription> Subscriptions { get; }
    DbSet<LineCommand> LineCommands { get; }
    DbSet<UsagePolicy> UsagePolicies { get; }
    DbSet<TopUp> TopUps { get; }
    DbSet<PolicyCheck> PolicyChecks { get; }
    DbSet<Router> Routers { get; }
    DbSet<Nas> NasDevices { get; }
    DbSet<NetworkSettings> NetworkSettings { get; }
    DbSet<LiveSession> LiveSessions { get; }
    DbSet<SessionRecord> SessionRecords { get; }
    DbSet<UsageHour> UsageHours { get; }
    DbSet<UsageDelta> UsageDeltas { get; }
    DbSet<LoginAttempt> LoginAttempts { get; }
    DbSet<RadiusChange> RadiusChanges { get; }
    DbSet<SessionChange> SessionChanges { get; }
    DbSet<JournalPosition> JournalPositions { get; }
    DbSet<NetworkEvent> NetworkEvents { get; }
    DbSet<Disclosure> Disclosures { get; }
    DbSet<ProvisioningRun> ProvisioningRuns { get; }
    DbSet<ProvisioningStep> ProvisioningSteps { get; }

    /// <summary>
    /// Writes an act that changes no value (a secret was revealed, somebody entered the company) to the audit trail with the next save.
    /// <paramref name="action"/> is a verb in the past; <paramref name="details"/> becomes a JSON object, so never put a secret in it.
    /// </summary>
    void Record(string action, IAudited row, object? details = null);

    /// <summary>
    /// Begins a transaction in which no other process moves sessions or usage. Whoever reads them to write them anew takes this first.
    /// </summary>
    /// <exception cref="NoAccountingTurnException">It was not to be had in good time.</exception>
    Task<AccountingTurn> TakeAccountingTurnAsync(CancellationToken ct = default);

    /// <summary>
    /// Rows that this context has read or been given and that are not to be deleted, whether saved or not. <c>Local</c> of a set says the same, but
    /// looks through all rows of all sets for changes first, which in a batch of thousands costs more than saving them.
    /// </summary>
    IReadOnlyList<T> Held<T>()
        where T : class;

    Task<int> SaveChangesAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes rows that were read without tracking, or are new, at once and without keeping them: for the platform's streams of many rows,
    /// of which a context would hold several times their size. Updates write every column.
    /// </summary>
    Task WriteAsync<T>(RowWrite write, IReadOnlyList<T> rows, CancellationToken ct = default)
        where T : class;
}

/// <summary>What <see cref="IDataDefenderDb.WriteAsync"/> does with its rows.</summary>
public enum RowWrite
{
    Insert,
    Update,
    Delete,
}

/// <summary>Opens the signed-in company's database. Scoped: the tenant comes from <see cref="TenantContext"/>, which throws when none is set.</summary>
public interface IDataDefenderDbFactory
{
    Task<IDataDefenderDb> OpenAsync(CancellationToken ct = default);
}

/// <summary>
/// Opens the database across companies, for the platform's own work: sign-in, approval of companies, the RADIUS snapshot.
/// Queries on tenant-owned sets must say <see cref="PlatformQueries.AcrossTenants{T}"/>. Who may take this is listed in an architecture test.
/// </summary>
public interface IPlatformDbFactory
{
    Task<IDataDefenderDb> OpenAsync(CancellationToken ct = default);

    /// <summary>The same, with the person who acts named in the audit trail.</summary>
    Task<IDataDefenderDb> OpenAsync(Actor actor, CancellationToken ct = default);
}

/// <summary>The one way round the tenant filter.</summary>
public static class PlatformQueries
{
    public const string TenantFilter = "Tenant";

    /// <summary>Rows of all companies. On a company's own context the database's row-level security still hides the others.</summary>
    public static IQueryable<T> AcrossTenants<T>(this IQueryable<T> rows) where T : class => rows.IgnoreQueryFilters([TenantFilter]);
}
