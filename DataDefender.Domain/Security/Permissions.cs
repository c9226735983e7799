using System.Collections.Frozen;

namespace DataDefender.Domain.Security;

/// <summary>Who somebody is in a company; <see cref="SuperAdmin"/> stands above all companies.</summary>
public enum Role
{
    Owner,
    NocOperator,
    Technician,
    Support,
    Sales,
    Finance,
    Customer,
    SuperAdmin,
}

/// <summary>Every permission there is. Services demand them; pages only show or hide by them.</summary>
public static class Permissions
{
    public const string ViewClients = "clients.view";
    public const string ManageClients = "clients.manage";
    public const string ControlLines = "lines.control";
    public const string RevealCredentials = "lines.credentials";
    public const string ViewPackages = "packages.view";
    public const string ManagePackages = "packages.manage";
    public const string ViewNetwork = "network.view";
    public const string ManageNetwork = "network.manage";
    public const string ProvisionNetwork = "network.provision";
    public const string ViewLogins = "radius.logins";
    public const string TestLogins = "radius.test";
    public const string ViewMessages = "messages.view";
    public const string WriteMessages = "messages.write";
    public const string ManageMessaging = "messages.manage";
    public const string ManageCollections = "collections.manage";
    public const string SetCollections = "collections.settings";
    public const string ViewReports = "finance.reports";
    public const string ViewAudit = "audit.view";
    public const string Disclose = "compliance.disclose";
    public const string ViewBilling = "billing.view";
    public const string ManageBilling = "billing.manage";
    public const string ApproveBilling = "billing.approve";
    public const string ManageTaxes = "billing.settings";
    public const string ViewLedger = "ledger.view";
    public const string CloseLedger = "ledger.close";
    public const string ViewPayments = "payments.view";

    /// <summary>Send a prompt to a phone.</summary>
    public const string AskForPayment = "payments.ask";

    /// <summary>Take cash, cheques and transfers, and keep a cash desk.</summary>
    public const string TakePayments = "payments.take";

    /// <summary>Match, give back, reverse, import statements, settle.</summary>
    public const string HandlePayments = "payments.handle";

    /// <summary>Be the second person for a large match or refund.</summary>
    public const string ApprovePayments = "payments.approve";

    /// <summary>Set up the channels with their secrets.</summary>
    public const string ManagePayments = "payments.manage";
    public const string ManageStaff = "staff.manage";
    public const string ManageCompany = "company.manage";
    public const string ManagePlatform = "platform.manage";

    private static readonly FrozenDictionary<Role, FrozenSet<string>> Grants = new Dictionary<Role, FrozenSet<string>>
    {
        [Role.Owner] =
        [
            ViewClients, ManageClients, ControlLines, RevealCredentials, ViewPackages, ManagePackages, ViewNetwork, ManageNetwork,
            ProvisionNetwork, ViewLogins, TestLogins, ViewAudit, Disclose, ManageStaff, ManageCompany,
            ViewBilling, ManageBilling, ApproveBilling, ManageTaxes, ViewLedger, CloseLedger,
            ViewPayments, AskForPayment, TakePayments, HandlePayments, ApprovePayments, ManagePayments,
            ViewMessages, WriteMessages, ManageMessaging, ManageCollections, SetCollections, ViewReports,
        ],
        [Role.NocOperator] = [ViewClients, ControlLines, ViewPackages, ViewNetwork, ManageNetwork, ProvisionNetwork, ViewLogins, TestLogins],
        [Role.Technician] = [ViewClients, RevealCredentials, ViewPackages, ViewNetwork, ViewLogins, TestLogins],
        [Role.Support] = [ViewClients, ManageClients, ControlLines, RevealCredentials, ViewPackages, ViewNetwork, ViewLogins, TestLogins, ViewBilling, ViewPayments, AskForPayment, TakePayments, ViewMessages, WriteMessages, ManageCollections],
        [Role.Sales] = [ViewClients, ManageClients, ViewPackages, ViewBilling, ViewPayments, AskForPayment],
        [Role.Finance] =
        [
            ViewClients, ControlLines, ViewPackages, ViewAudit, ViewBilling, ManageBilling, ApproveBilling, ManageTaxes, ViewLedger, CloseLedger,
            ViewPayments, AskForPayment, TakePayments, HandlePayments, ApprovePayments, ManagePayments,
            ViewMessages, WriteMessages, ManageMessaging, ManageCollections, SetCollections, ViewReports,
        ],
        [Role.Customer] = [],
        [Role.SuperAdmin] = [ManagePlatform],
    }.ToFrozenDictionary();

    public static IReadOnlyList<string> All { get; } =
    [
        ViewClients, ManageClients, ControlLines, RevealCredentials, ViewPackages, ManagePackages, ViewNetwork, ManageNetwork,
        ProvisionNetwork, ViewLogins, TestLogins, ViewAudit, Disclose, ManageStaff, ManageCompany, ManagePlatform,
        ViewBilling, ManageBilling, ApproveBilling, ManageTaxes, ViewLedger, CloseLedger,
        ViewPayments, AskForPayment, TakePayments, HandlePayments, ApprovePayments, ManagePayments,
        ViewMessages, WriteMessages, ManageMessaging, ManageCollections, SetCollections, ViewReports,
    ];

    public static IReadOnlySet<string> Of(Role role) => Grants[role];
}
