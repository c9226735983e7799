using DataDefender.Domain.Security;
using DataDefender.Web.Security;

namespace DataDefender.Web.Components;

/// <summary>A page that the navigation and the search offer. A null permission is for everybody who works in a company.</summary>
/// <param name="Icon">A name of <c>Ui/Icon.razor</c>.</param>
/// <param name="Words">What else people call it, for the search.</param>
public sealed record NavigationItem(string Text, string Href, string Icon, string Group, string? Permission, string Words = "");

/// <summary>The pages by module, in the order of the left navigation. A new page is a new line here.</summary>
public static class Navigation
{
    public static IReadOnlyList<NavigationItem> All { get; } =
    [
        new("Home", "/", "home", "", null, "dashboard start"),
        new("Network", "/noc", "activity", "Operations", Permissions.ViewNetwork, "noc live dashboard sessions throughput"),
        new("Incidents", "/incidents", "alert", "Operations", Permissions.ViewNetwork, "alerts alarms outage down acknowledge"),
        new("Alert rules", "/alert-rules", "filter", "Operations", Permissions.ManageNetwork, "thresholds notify alarm"),
        new("Planned work", "/maintenance", "calendar", "Operations", Permissions.ManageNetwork, "maintenance window mute"),
        new("Wall display", "/wall", "eye", "Operations", Permissions.ViewNetwork, "noc screen tv rotate full"),
        new("Clients", "/clients", "users", "Customers", Permissions.ViewClients, "customers subscribers lines accounts"),
        new("Packages", "/packages", "package", "Customers", Permissions.ViewPackages, "plans prices speeds"),
        new("Policies", "/policies", "clock", "Customers", Permissions.ViewPackages, "fair use fup quota schedule throttle bundle"),
        new("Messages", "/messages", "phone", "Customers", Permissions.ViewMessages, "sms email outbox reminders delivered failed cost"),
        new("Routers", "/routers", "router", "Operations", Permissions.ViewNetwork, "mikrotik devices"),
        new("RADIUS devices", "/nas", "server", "Operations", Permissions.ViewNetwork, "nas secret coa"),
        new("Sessions", "/sessions", "link", "Operations", Permissions.ViewNetwork, "online subscribers accounting"),
        new("Logins", "/logins", "key", "Operations", Permissions.ViewLogins, "radius rejects authentication"),
        new("Test login", "/test-login", "play", "Operations", Permissions.TestLogins, "radius try radtest packets decode"),
        new("Firmware", "/firmware", "arrow-up", "Operations", Permissions.ViewNetwork, "routeros version upgrade update routerboard"),
        new("Configurations", "/configurations", "history", "Operations", Permissions.ViewNetwork, "export backup rsc diff search restore"),
        new("Addresses", "/addresses", "filter", "Operations", Permissions.ViewNetwork, "ipam ip prefixes pools subnets cgnat conflicts delegation utilisation"),
        new("Topology", "/topology", "link", "Operations", Permissions.ViewNetwork, "map graph links weather neighbours sites"),
        new("Sites", "/sites", "building", "Operations", Permissions.ViewNetwork, "locations masts towers cabinets pop coordinates"),
        new("Network settings", "/settings/network", "wall", "Operations", Permissions.ManageNetwork, "walled garden interim interval"),
        new("Network design", "/settings/design", "server", "Operations", Permissions.ManageNetwork, "provisioning radius server portal ntp dns plan apply"),
        new("Roll-outs", "/rollouts", "unfold", "Operations", Permissions.ViewNetwork, "provisioning fleet canary change many routers apply"),
        new("New router", "/routers/new", "plus", "Operations", Permissions.ManageNetwork, "enrol bootstrap wireguard script paste register"),
        new("Drift", "/drift", "alert", "Operations", Permissions.ViewNetwork, "provisioning differs adopt repair leak faster than sold"),
        new("Line states", "/settings/line-states", "pause", "Operations", Permissions.ViewNetwork, "suspended expired grace walled garden unpaid treatment refuse"),
        new("Collections", "/settings/collections", "clock", "Finance", Permissions.SetCollections, "dunning reminders suspend unpaid late fee ladder grace promise"),
        new("Reports", "/finance", "activity", "Finance", Permissions.ViewReports, "collected unpaid aging revenue tax vat excise mrr arpu churn excel"),
        new("Message channels", "/settings/messages", "phone", "Company", Permissions.ManageMessaging, "sms email africa's talking resend sender quiet hours api key"),
        new("Message texts", "/settings/message-texts", "edit", "Company", Permissions.ManageMessaging, "templates wording english swahili segments"),
        new("Invoices", "/invoices", "invoice", "Finance", Permissions.ViewBilling, "bills credit notes unpaid overdue"),
        new("Billing runs", "/billing/runs", "play", "Finance", Permissions.ViewBilling, "preview approve commit nightly"),
        new("Unbilled lines", "/billing/unbilled", "alert", "Finance", Permissions.ViewBilling, "unbilled contract leak free"),
        new("Coupons", "/billing/coupons", "percent", "Finance", Permissions.ViewBilling, "discount code voucher promotion"),
        new("eTIMS", "/billing/etims", "shield", "Finance", Permissions.ViewBilling, "kra tax authority control unit cu number signed refused transmission"),
        new("Ledger", "/ledger", "ledger", "Finance", Permissions.ViewLedger, "books accounts journal trial balance close period"),
        new("Payments", "/payments", "phone", "Finance", Permissions.ViewPayments, "mpesa receipts paid money"),
        new("Custody board", "/payments/custody", "activity", "Finance", Permissions.ViewPayments, "where is the money stuck unknown"),
        new("Orphans", "/payments/orphans", "unknown", "Finance", Permissions.ViewPayments, "unmatched suspense wrong account"),
        new("Cash desk", "/cash-desk", "badge", "Finance", Permissions.TakePayments, "cashier drawer float count"),
        new("Scratch cards", "/payments/cards", "badge", "Finance", Permissions.HandlePayments, "vouchers batches print redeem codes dealers"),
        new("Statements", "/payments/statements", "copy", "Finance", Permissions.HandlePayments, "import csv excel pairing bank reconciliation"),
        new("Settlement", "/payments/settlement", "calendar", "Finance", Permissions.ViewPayments, "daily expected received difference"),
        new("Provider messages", "/payments/messages", "link", "Finance", Permissions.HandlePayments, "callbacks ipn inbound raw"),
        new("Opening balances", "/payments/opening-balances", "history", "Finance", Permissions.HandlePayments, "import migration control total"),
        new("Payment channels", "/settings/payments", "key", "Finance", Permissions.ManagePayments, "mpesa daraja family bank paybill till credentials"),
        new("Billing and taxes", "/settings/billing", "percent", "Finance", Permissions.ViewBilling, "vat excise tax rates pin series"),
        new("Staff", "/staff", "badge", "Company", Permissions.ManageStaff, "people users roles invite"),
        new("Disclosures", "/compliance/disclosures", "shield", "Company", Permissions.Disclose, "lawful request authority ip address who compliance"),
        new("Audit", "/audit", "history", "Company", Permissions.ViewAudit, "trail changes who"),
        new("Company", "/company", "building", "Company", Permissions.ManageCompany, "settings licence"),
        new("Companies", "/platform/companies", "building", "Platform", Permissions.ManagePlatform, "tenants approve licence"),
    ];

    /// <summary>What the person may open. A super admin outside a company sees the platform only.</summary>
    public static IEnumerable<NavigationItem> For(CurrentUser user, Workplace workplace) =>
        All.Where(item => item.Permission is { } permission ? user.Has(permission) : workplace.Company is not null || workplace.Role is Role.SuperAdmin);
}
