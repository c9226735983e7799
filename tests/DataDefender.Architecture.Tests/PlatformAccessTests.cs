using System.Reflection;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;

namespace DataDefender.Architecture.Tests;

/// <summary>Who may look across companies, and why. A new name here is a decision, not an accident.</summary>
public sealed class PlatformAccessTests
{
    private const string Domain = "DataDefender.Domain.";
    private const string Infrastructure = "DataDefender.Infrastructure.";
    private const string RadiusHost = "DataDefender.RadiusHost.";

    /// <summary>Take <see cref="IPlatformDbFactory"/> or the source behind it.</summary>
    private static readonly Dictionary<string, string> MayReachThePlatform = new()
    {
        [Domain + "Network.NasService"] = "Asks whether an address or a certificate is another company's already, and nothing else.",
        [Domain + "Overview.OverviewService"] = "The super admin's first screen counts companies; it demands the platform's permission.",
        [Domain + "Tenancy.CompanyAdministration"] = "The super admin's work on companies; each act demands the platform's permission.",
        [Domain + "Tenancy.CompanyRegistration"] = "A company that registers itself does not exist yet.",
        [Infrastructure + "Accounting.AccountingRegistration"] = "Registers what is below.",
        [Infrastructure + "Accounting.LedgerUpkeep"] = "Folds and prunes every company's ledger at night.",
        [Infrastructure + "Accounting.Retention"] = "Removes what is too old of every company.",
        [Infrastructure + "Accounting.RefusedLogins"] = "Finds which companies refused a login for a session that may be gone; the router is asked in each one's scope.",
        [Infrastructure + "Accounting.UsageVerifier"] = "Recounts one company's usage, named by its id.",
        [Infrastructure + "Billing.BillingRegistration"] = "Registers what is below.",
        [Infrastructure + "Billing.BillingNight"] = "Lists companies; the night of each is in its own scope.",
        [Infrastructure + "Billing.BillingRunWorker"] = "Finds which companies have runs to carry on; each is done in its company's scope.",
        [Infrastructure + "Billing.LedgerVerifier"] = "Lists companies; the books of each are read in a context of its own.",
        [Infrastructure + "Billing.Etims.TaxInvoiceWorker"] = "Finds which companies have documents due at the tax authority; each company's are sent in its scope.",
        [Infrastructure + "Collections.CollectionsRound"] = "Lists companies; the debtors of each are looked at in its scope.",
        [Infrastructure + "Collections.PaidLineWatch"] = "Finds which companies have paid lines to restore; each is done in its company's scope.",
        [Infrastructure + "DependencyInjection"] = "Registers it.",
        [Infrastructure + "Identity.Accounts"] = "Sign-in comes before the company is known.",
        [Infrastructure + "Identity.IdentityServices"] = "Sign-in comes before the company is known.",
        [Infrastructure + "Identity.OwnAccount"] = "A person's own sign-in account, by the id of the session.",
        [Infrastructure + "Identity.SessionDirectory"] = "Sessions belong to accounts, which are the platform's.",
        [Infrastructure + "Jobs.JobLeases"] = "Which process does which job is the platform's business.",
        [Infrastructure + "Lines.LineCommandDispatcher"] = "Finds which companies have commands due; each is then done in its company's scope.",
        [Infrastructure + "Lines.LineReview"] = "Finds changes of all companies that left a session behind; each is taken up again in its company's scope.",
        [Infrastructure + "Lines.WalledGardenSweep"] = "Lists companies; the work is done in each one's scope.",
        [Infrastructure + "Monitoring.Alerts.AlertWatch"] = "Lists companies; each is judged in its own scope.",
        [Infrastructure + "Monitoring.History.MetricRollUp"] = "Lists companies; each one's metrics are rolled up in its own scope.",
        [Infrastructure + "Monitoring.Alerts.StopFeed"] = "Follows the sessions of all companies, as RadiusHosts do.",
        [Infrastructure + "Network.Fleet.FirmwareConductor"] = "Finds which companies have upgrades open; each is led in its company's scope.",
        [Infrastructure + "Network.Fleet.FleetWorker"] = "Lists companies with their time zones; their routers are looked after in each one's scope.",
        [Infrastructure + "Messaging.MessageDispatcher"] = "Finds which companies have messages due; each is sent in its company's scope.",
        [Infrastructure + "Network.Polling.RouterDirectory"] = "One poller serves the routers of all companies.",
        [Infrastructure + "Network.Provisioning.DriftWatch"] = "Finds which routers are due to be read; each is read in its company's scope.",
        [Infrastructure + "Network.Provisioning.EnrolmentDesk"] = "A new router is known by its token alone; what follows is done in its company's scope.",
        [Infrastructure + "Network.Provisioning.TunnelKeeper"] = "Finds which companies have tunnels to look after; each is done in its company's scope.",
        [Infrastructure + "Network.Provisioning.ProvisioningWorker"] = "Finds which routers have approved changes due; each is made in its company's scope.",
        [Infrastructure + "Payments.PaymentWorker"] = "Finds which companies have messages and pushes to look after; each is done in its company's scope.",
        [Infrastructure + "Payments.ProviderRequestLog"] = "Writes the log of requests of all companies in batches.",
        [Infrastructure + "Network.Provisioning.RolloutDriver"] = "Finds which companies have roll-outs under way; each is brought on in its company's scope.",
        [Infrastructure + "Persistence.AuditVerifier"] = "Reads one company's chain with its head.",
        [Infrastructure + "Persistence.DatabaseMigration"] = "Migrations belong to nobody.",
        [Infrastructure + "Persistence.RowSecurityWatch"] = "Asks the catalogue whether the role is bound; reads no rows.",
        [Infrastructure + "Persistence.PlatformDbFactory"] = "Is it.",
        [Infrastructure + "Persistence.TenantDbFactory"] = "Makes contexts of the scope's company.",
        [Infrastructure + "Policies.PolicyClock"] = "Finds which companies have lines to look at; each is done in its company's scope.",
        [Infrastructure + "Security.SecretVault"] = "The companies' wrapped keys are the platform's rows.",
        [Infrastructure + "Seeding.DemoPayments"] = "Seeding, from the command line.",
        [Infrastructure + "Seeding.DemoHistory"] = "Seeding, from the command line.",
        [Infrastructure + "Seeding.DemoTill"] = "Seeding, from the command line.",
        [Infrastructure + "Seeding.DemoLarge"] = "Seeding, from the command line.",
        [Infrastructure + "Seeding.DemoSandbox"] = "Seeding, from the command line.",
        [Infrastructure + "Seeding.DemoSeed"] = "Seeding, from the command line.",
        [Infrastructure + "Seeding.SeedLoad"] = "Seeding, from the command line.",
        [RadiusHost + "Access.LoginLogWriter"] = "One server answers all companies' NAS and writes their logins in batches.",
        [RadiusHost + "Access.RouterLoginTrail"] = "A login to a router of any company, written with its audit line.",
        [RadiusHost + "Accounting.SessionStore"] = "One server takes all companies' accounting and writes it in batches.",
        [RadiusHost + "Lines.ChangeFeed"] = "Reads what changed in any company.",
        [RadiusHost + "Lines.DirectoryLoader"] = "Holds the lines and NAS of all companies in memory.",
        [RadiusHost + "Lines.SessionFeed"] = "Holds the open sessions of all companies' lines in memory, for their limits.",
        [RadiusHost + "Lines.LearnedCallers"] = "Binds a line of any company to its first caller.",
        [RadiusHost + "Lines.LearnedAuthenticators"] = "Notes what a NAS of any company was seen to do.",
    };

    /// <summary>Call <see cref="PlatformQueries.AcrossTenants{T}"/>.</summary>
    private static readonly Dictionary<string, string> MayReadAcrossCompanies = new()
    {
        [Domain + "Network.NasService"] = "An address or a certificate belongs to one company of the installation.",
        [Domain + "Overview.OverviewService"] = "Counts the subscribers of the platform, for the super admin.",
        [Domain + "Tenancy.CompanyAdministration"] = "How many subscribers, routers and people each company has.",
        [Infrastructure + "Accounting.LedgerUpkeep"] = "Folds and prunes one company after the other, each named by its id.",
        [Infrastructure + "Accounting.Retention"] = "Prunes one company after the other, each named by its id.",
        [Infrastructure + "Accounting.RefusedLogins"] = "The refused logins of all companies are one queue.",
        [Infrastructure + "Accounting.UsageVerifier"] = "Recounts one company's usage, named by its id.",
        [Infrastructure + "Billing.BillingRunWorker"] = "The queue of runs is one for all companies.",
        [Infrastructure + "Billing.Etims.TaxInvoiceWorker"] = "The documents due of all companies are one queue.",
        [Infrastructure + "Collections.PaidLineWatch"] = "Payments of all companies restore lines within seconds.",
        [Infrastructure + "Lines.LineCommandDispatcher"] = "The queue of commands is one for all companies.",
        [Infrastructure + "Lines.LineReview"] = "Ended changes and open sessions of all companies, each row with its company.",
        [Infrastructure + "Monitoring.Alerts.StopFeed"] = "What ended on any company's network, each row with its company.",
        [Infrastructure + "Network.Fleet.FirmwareConductor"] = "The open upgrades are one list for all companies.",
        [Infrastructure + "Messaging.MessageDispatcher"] = "The queue of messages is one for all companies.",
        [Infrastructure + "Network.Polling.RouterDirectory"] = "One poller serves the routers of all companies.",
        [Infrastructure + "Network.Provisioning.DriftWatch"] = "The routers of all companies are read in turn.",
        [Infrastructure + "Network.Provisioning.EnrolmentDesk"] = "One token, and the list of routers that have called home.",
        [Infrastructure + "Network.Provisioning.TunnelKeeper"] = "Whose enrolments hold a tunnel address.",
        [Infrastructure + "Network.Provisioning.ProvisioningWorker"] = "The queue of approved changes is one for all companies.",
        [Infrastructure + "Payments.PaymentWorker"] = "The queues of messages and of looks are one for all companies.",
        [Infrastructure + "Network.Provisioning.RolloutDriver"] = "The list of roll-outs under way is one for all companies.",
        [Infrastructure + "Persistence.AuditTrail"] = "Locks the chain of the company whose row is saved, also for the platform.",
        [Infrastructure + "Persistence.AuditVerifier"] = "Reads one company's chain, named by its id.",
        [Infrastructure + "Seeding.SeedLoad"] = "Looks whether another company has the NAS address.",
        [RadiusHost + "Access.RouterLoginTrail"] = "One NAS, and one member of its company's staff.",
        [RadiusHost + "Accounting.SessionStore"] = "Accounting of all companies in one batch, each row with its company.",
        [RadiusHost + "Lines.DirectoryLoader"] = "The lines and NAS of all companies.",
        [RadiusHost + "Lines.SessionFeed"] = "The open sessions of all companies.",
        [RadiusHost + "Lines.LearnedAuthenticators"] = "One NAS, named by its id.",
        [RadiusHost + "Lines.LearnedCallers"] = "One line, named by its id.",
    };

    [Fact]
    public void Only_these_open_the_database_across_companies() => Matches(MayReachThePlatform, UsersOf(typeof(IPlatformDbFactory), typeof(ContextSource)));

    [Fact]
    public void Only_these_switch_the_tenant_filter_off() => Matches(MayReadAcrossCompanies, UsersOf(typeof(PlatformQueries)));

    private static void Matches(Dictionary<string, string> reviewed, List<string> found)
    {
        Assert.NotEmpty(found);
        Expect.None(found.Except(reviewed.Keys));
        Expect.None(reviewed.Keys.Except(found)); // the list holds nothing that is gone
    }

    private static List<string> UsersOf(params Type[] types)
    {
        var names = types.Select(t => t.FullName!).ToList();
        return [.. from assembly in (Assembly[])[typeof(Entity).Assembly, typeof(DataDefenderDbContext).Assembly, Assembly.Load("DataDefender.Web"), Assembly.Load("DataDefender.RadiusHost")]
                   from type in AssemblyReader.Uses(assembly)
                   where !names.Contains(type.Key) && type.Value.Overlaps(names)
                   orderby type.Key
                   select type.Key];
    }
}
