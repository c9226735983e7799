using System.Diagnostics;
using System.Net.Sockets;
using ClosedXML.Excel;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Billing;
using DataDefender.Sandbox;
using DataDefender.Sandbox.Money;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DataDefender.Web.Tests.Browser;

/// <summary>
/// The loop that pays for everything, walked by two people and two customers in real browsers, over real sockets: the web application with
/// all its background work, a RadiusHost, and outside a router, a phone, an SMS provider and mobile money.
/// </summary>
public sealed class MoneyStoryTests(MoneyStoryTests.WholeInstallation web) : IClassFixture<MoneyStoryTests.WholeInstallation>
{
    private const string Wanjiku = "wanjiku", Brian = "brian";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_activation_over_the_bill_and_the_phone_to_the_receipt_and_from_suspension_back_in_five_seconds()
    {
        await using var owner = await web.OpenAsync();
        await using var finance = await web.OpenAsync();
        await using var outside = await web.OpenAsync();
        var company = await PrepareAsync();
        var (first, second) = await ClientsAsync(company);
        await web.StartRadiusAsync();
        await SignInAsync(owner, await web.AddPersonAsync(company, Role.Owner));
        await SignInAsync(finance, await web.AddPersonAsync(company, Role.Finance));

        // A client is activated and comes on.
        await UntilAsync(() => web.Away[Router].Nas.Session(Brian) is { IsWalled: false }, "The line that was on from the start is online.");
        await owner.Page.GotoAsync($"/clients/{first.Client}");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Activate", Exact = true }).ClickAsync();
        await Expect(owner.Page.GetByRole(AriaRole.Button, new() { Name = "Suspend…" })).ToBeVisibleAsync();
        web.Away.AddSubscriber(new SubscriberOptions { Username = Wanjiku, Password = "pw", Router = Router }); // her box is plugged in
        await UntilAsync(() => web.Away[Router].Nas.Session(Wanjiku) is { IsWalled: false }, "The activated line came on.");

        // What it is billed, previewed by one person, approved by another, written.
        await owner.Page.GotoAsync($"/clients/{first.Client}/billing");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Say how it is billed" }).ClickAsync();
        await owner.Page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new() { Name = "Open contract" }).ClickAsync();
        await Expect(owner.Page.Locator(".facts").First).ToContainTextAsync("Monthly, ahead");
        await owner.Page.GotoAsync("/billing/runs");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "New preview" }).ClickAsync();
        await owner.Page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new() { Name = "Make preview" }).ClickAsync();
        await Expect(owner.Page.Locator(".rz-data-row")).ToContainTextAsync("Wanjiku Kamau", new() { Timeout = 30_000 });
        var file = await owner.Page.APIRequest.GetAsync($"{new Uri(owner.Page.Url).AbsolutePath}/bills.xlsx");
        using (var workbook = new XLWorkbook(new MemoryStream(await file.BodyAsync())))
        {
            var cells = workbook.Worksheets.Single().CellsUsed().ToList();
            Assert.Contains(cells, c => c.DataType is XLDataType.Text && c.GetString() == "Wanjiku Kamau");
            Assert.Contains(cells, c => c.HasFormula && c.FormulaA1.StartsWith("SUM(", StringComparison.Ordinal));
        }

        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).First.ClickAsync();
        await owner.Page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(owner.Page.Locator("body")).ToContainTextAsync("You made this preview; somebody else approves it.");
        await finance.Page.GotoAsync(new Uri(owner.Page.Url).PathAndQuery);
        await finance.Page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).First.ClickAsync();
        await finance.Page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(finance.Page.Locator(".page-head")).ToContainTextAsync("Done", new() { Timeout = 30_000 });
        await Expect(owner.Page.Locator(".page-head")).ToContainTextAsync("Done"); // the other one's screen follows by itself

        // The ladder is taken: who owes soon is reminded, who has owed for long is suspended on the router.
        await finance.Page.GotoAsync("/settings/collections");
        await finance.Page.GetByRole(AriaRole.Button, new() { Name = "Preview", Exact = true }).ClickAsync();
        await Expect(finance.Page.Locator(".preview details[open]")).ToContainTextAsync("Brian Otieno");
        await finance.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await finance.Page.GetByRole(AriaRole.Button, new() { Name = "Take due steps now" }).ClickAsync();
        await finance.Page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new() { Name = "Take the steps" }).ClickAsync();
        await Expect(finance.Page.Locator("body")).ToContainTextAsync("1 line suspended");
        await outside.Page.GotoAsync($"{web.Outside}outbox");
        await Expect(outside.Page.Locator("#list")).ToContainTextAsync("+254712000001");
        await Expect(outside.Page.Locator("article", new() { HasText = "+254712000001" }).Filter(new() { HasText = "for your internet is due on" }).First).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await UntilAsync(() => web.Away[Router].Nas.Session(Brian) is { IsWalled: true }, "The unpaid line is in the walled garden on the router.");
        await Expect(outside.Page.Locator("#list")).ToContainTextAsync("is suspended");
        await finance.Page.GotoAsync($"/clients/{second.Client}");
        await Expect(finance.Page.Locator(".collections .explanations")).ToContainTextAsync("brian is suspended.");
        await Expect(finance.Page.Locator(".collections .explanations")).ToContainTextAsync("Paying what is overdue restores it within seconds");

        // A prompt on her phone, a PIN, a receipt on the screen that nobody reloads, and an SMS.
        await finance.Page.GotoAsync($"/clients/{first.Client}");
        await finance.Page.GetByRole(AriaRole.Button, new() { Name = "Ask for payment" }).ClickAsync();
        await finance.Page.GetByRole(AriaRole.Button, new() { Name = "Send the prompt" }).ClickAsync();
        await outside.Page.GotoAsync($"{web.Outside}phone");
        await outside.Page.GetByRole(AriaRole.Button, new() { Name = "Enter PIN" }).ClickAsync();
        await finance.Page.GetByRole(AriaRole.Link, new() { Name = "See the payment" }).ClickAsync(new() { Timeout = 20_000 });
        var receipt = web.Away.Money.Moved.Single().Receipt;
        await Expect(finance.Page.Locator(".page-head")).ToContainTextAsync(receipt);
        var printed = finance.Page.GetByRole(AriaRole.Link, new() { Name = "Receipt" });
        var pdf = await finance.Page.APIRequest.GetAsync($"{await printed.GetAttributeAsync("href")}/pdf");
        Assert.StartsWith("%PDF-1.4", System.Text.Encoding.Latin1.GetString(await pdf.BodyAsync()), StringComparison.Ordinal);
        await outside.Page.GotoAsync($"{web.Outside}outbox");
        await Expect(outside.Page.Locator("article", new() { HasText = "+254712000001" }).Filter(new() { HasText = "received" }).First).ToBeVisibleAsync(new() { Timeout = 20_000 });

        // The suspended customer pays from his own phone, and is back on the router within five seconds.
        await owner.Page.GotoAsync($"/clients/{second.Client}");
        await Expect(owner.Page.Locator(".collections .explanations")).ToContainTextAsync("brian is suspended.");
        await outside.Page.GotoAsync($"{web.Outside}phone");
        await outside.Page.FillAsync("[name=account]", second.Account);
        await outside.Page.FillAsync("[name=amount]", "2500");
        await outside.Page.FillAsync("[name=msisdn]", "254712000002");
        var watch = Stopwatch.StartNew();
        await outside.Page.GetByRole(AriaRole.Button, new() { Name = "Send money" }).ClickAsync();
        await UntilAsync(() => web.Away[Router].Nas.Session(Brian) is { IsWalled: false }, "The paid line left the walled garden.");
        var took = watch.Elapsed;
        TestContext.Current.TestOutputHelper?.WriteLine($"restored on the router {took.TotalMilliseconds:0} ms after the button on the phone");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await Expect(owner.Page.Locator(".collections")).ToContainTextAsync("Nothing is overdue.", new() { Timeout = 10_000 }); // nobody reloaded it

        Assert.Null((await web.Services.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
        Assert.Empty(owner.Complaints.Concat(finance.Complaints));
    }

    private const string Router = "r1";

    private static async Task SignInAsync(Visit visit, (Guid Id, string Email) person)
    {
        await visit.SignInAsync(person.Email);
        await visit.ShellAsync();
    }

    /// <summary>A company with its accounts at the providers, its router, its taxes and a ladder that may act at any hour.</summary>
    private async Task<TestCompany> PrepareAsync()
    {
        var company = await web.AddCompanyAsync();
        var nas = web.Away[Router];
        var router = await company.AddRouterAsync(Router, "127.0.0.1", nas.ApiEndPoint!.Port, "admin", "pw");
        await company.AddNasAsync("127.0.0.1", "testing123", router, configure: n => n.CoaPort = nas.CoaEndPoint!.Port);
        await using (var scope = Scope(company))
        {
            await scope.ServiceProvider.GetRequiredService<MessagingSettingsService>().SaveAsync(new MessagingInput { SmsOn = true, SmsUsername = "savanna", SmsKey = "key", AnnouncesInvoices = true, AnnouncesPayments = true });
            var billing = scope.ServiceProvider.GetRequiredService<BillingSettingsService>();
            await billing.AddKenyanRatesAsync(Ct);
            await billing.ChangeAsync((await billing.GetAsync(Ct)).Version, new BillingSettingsInput { OwesVat = true, OwesExcise = true, TaxPin = "P051234567X", Paybill = "522522", DueDays = 2 }, Ct);
            await scope.ServiceProvider.GetRequiredService<CollectionsRules>().SaveAsync(CollectionsInput.Of(DunningPolicy.Standard with
            {
                IsOn = true, SuspendDays = (WeekDays)127, SuspendFrom = TimeOnly.MinValue, SuspendUntil = new(23, 59), TellFrom = TimeOnly.MinValue, TellUntil = new(23, 59), MaintenanceFrom = TimeOnly.MinValue, MaintenanceUntil = TimeOnly.MinValue,
            }), Ct);
            await scope.ServiceProvider.GetRequiredService<CollectionsRules>().PauseAsync(TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1), "Until the story comes to it", Ct);
            var channels = scope.ServiceProvider.GetRequiredService<ChannelService>();
            await channels.SaveAsync(null, new ChannelInput
            {
                Kind = ChannelKind.Paybill, IsLive = true, Name = "M-Pesa Paybill", ShortCode = "522522", ClientId = "sandbox-client", ClientSecret = "sandbox-secret", Passkey = "sandbox-passkey",
                BaseUrl = $"{web.Outside}daraja", TokenUrl = $"{web.Outside}daraja/oauth/v1/generate", AllowedSources = "127.0.0.0/8", CanPull = true,
            }, Ct);
            await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(Ct);
            var channel = await db.PaymentChannels.SingleAsync(Ct);
            var cipher = await scope.ServiceProvider.GetRequiredService<ISecretVault>().OpenAsync(company.Id, Ct);
            web.Away.Money.Register("522522", scope.ServiceProvider.GetRequiredService<ICallbackAddresses>().Of(channel, cipher.Reveal(channel.CallbackSecretPlace(), channel.CallbackSecretCipher!), CallbackKind.Confirm)!);
        }

        return company;
    }

    /// <summary>One who is new, and one whose invoice was due ten days ago.</summary>
    private async Task<((Guid Client, string Account) First, (Guid Client, string Account) Second)> ClientsAsync(TestCompany company)
    {
        var package = await company.AddPackageAsync("Home 10", 10_000, 5_000, 2_500m);
        var newcomer = await company.AddClientAsync("Wanjiku Kamau", "0712000001");
        await company.AddSubscriptionAsync(newcomer, package, Wanjiku, "pw", SubscriptionState.Pending);
        var debtor = await company.AddClientAsync("Brian Otieno", "0712000002");
        var late = await company.AddSubscriptionAsync(debtor, package, Brian, "pw");
        await using var scope = Scope(company);
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(Ct);
        await using var turn = await db.TakeLedgerTurnAsync(Ct);
        var invoice = new Invoice(company.Id, debtor.Id, "KES", "test", [new LineDraft(LineKind.OneTime, "Internet", Money.Of(2_500), TaxRule.None, debtor.Id, late.Id)], turn.Now);
        db.Invoices.Add(invoice);
        await Invoicing.IssueAsync(db, turn, [invoice], await CurrentBillingSettings.OfAsync(db, Ct), turn.Today.AddDays(-20), turn.Today.AddDays(-10), Ct);
        await turn.CommitAsync(Ct);
        return ((newcomer.Id, newcomer.AccountNumber), (debtor.Id, debtor.AccountNumber));
    }

    private AsyncServiceScope Scope(TestCompany company)
    {
        var scope = web.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Use(company.Id);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(Actor.System("test"));
        return scope;
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(45), $"Not within 45 seconds: {what}");
            await Task.Delay(20, Ct);
        }
    }

    /// <summary>Everything that runs in life, with the world outside played by the Sandbox.</summary>
    public sealed class WholeInstallation : RadiusWeb
    {
        private SandboxWorld _outside = null!;

        public SandboxWorld Away => _outside;

        /// <summary>Ends with a slash.</summary>
        public string Outside => _outside.ControlUrl!.ToString();

        protected override bool Works => true;

        protected override int Port { get; } = FreePort(ProtocolType.Tcp);

        protected override Dictionary<string, string?> Settings => new(base.Settings)
        {
            ["Payments:PublicUrl"] = $"http://127.0.0.1:{Port}",
            ["Payments:AllowedProviders"] = "127.0.0.1",
            ["Messaging:AfricasTalkingUrl"] = $"{Outside}africastalking",
            ["Messaging:ResendUrl"] = $"{Outside}resend",
            ["RouterOs:DeniedNetworks"] = "",
        };

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            _outside = await SandboxWorld.StartAsync(new SandboxOptions
            {
                HttpPort = 0,
                Radius = new RadiusServerOptions { AuthenticationPort = RadiusPorts.Authentication, AccountingPort = RadiusPorts.Accounting, Secret = "testing123" },
                Routers = [new RouterOptions { Name = Router, Personality = "v7.22", Password = "pw" }],
                Subscribers = [new SubscriberOptions { Username = Brian, Password = "pw", Router = Router }],
                Money = new MoneyOptions { Accounts = [new MoneyAccountOptions { Provider = MoneyProvider.Mpesa, ShortCode = "522522", Name = "SAVANNA FIBRE" }] },
            });
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await _outside.DisposeAsync();
        }
    }
}
