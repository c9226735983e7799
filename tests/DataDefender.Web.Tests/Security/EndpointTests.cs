using System.Net;
using System.Reflection;
using DataDefender.Domain.Security;
using DataDefender.Web.Components;
using DataDefender.Web.Security;
using DataDefender.Web.Setup;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Web.Tests.Security;

public sealed class ReadyWeb : TestWeb
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await ReadyAsync();
    }
}

public sealed class EndpointTests(ReadyWeb web) : IClassFixture<ReadyWeb>
{
    /// <summary>Pages that everybody may open, each with its reason.</summary>
    private static readonly string[] Anonymous = ["NotFound", "Register", "SetPassword", "SignIn", "SignInCode"];

    /// <summary>Pages for whoever is signed in, whatever the role.</summary>
    private static readonly string[] Everybody = ["Account", "Forbidden", "Home", "Notifications"];

    public static TheoryData<string, string> PagesByPermission() =>
        [.. Pages().Where(p => p.GetCustomAttribute<RequirePermissionAttribute>() is not null)
            .SelectMany(p => p.GetCustomAttributes<RouteAttribute>().Select(r => (Fill(r.Template), p.GetCustomAttribute<RequirePermissionAttribute>()!.Permission)))];

    [Fact]
    public void Every_page_demands_a_permission_or_is_on_a_list()
    {
        var pages = Pages().ToList();

        var open = pages.Where(p => p.GetCustomAttribute<AllowAnonymousAttribute>() is not null).Select(p => p.Name).Order();
        var signedIn = pages.Where(p => p.GetCustomAttribute<AllowAnonymousAttribute>() is null && p.GetCustomAttribute<RequirePermissionAttribute>() is null).ToList();

        Assert.True(pages.Count > 12);
        Assert.Equal(Anonymous, open);
        Assert.Equal(Everybody, signedIn.Select(p => p.Name).Order());
        Assert.All(signedIn, p => Assert.NotNull(p.GetCustomAttribute<AuthorizeAttribute>()));
    }

    [Theory]
    [MemberData(nameof(PagesByPermission))]
    public async Task A_stranger_is_sent_to_sign_in_and_a_role_without_the_permission_is_forbidden(string path, string permission)
    {
        using var stranger = web.Browse();
        using var asked = await stranger.GetAsync(path);
        Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        Assert.StartsWith("/sign-in?returnUrl=", asked.Headers.Location!.PathAndQuery, StringComparison.Ordinal);

        var company = await web.AddCompanyAsync();
        var allowed = Enum.GetValues<Role>().First(r => r is not Role.Customer && Permissions.Of(r).Contains(permission));
        var (_, email) = await web.AddPersonAsync(allowed is Role.SuperAdmin ? null : company, allowed);
        using var entitled = web.Browse();
        await entitled.SignInAsync(email);
        using var page = await entitled.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        foreach (var role in StaffService.Roles.Where(r => !Permissions.Of(r).Contains(permission)).Take(1))
        {
            var (_, other) = await web.AddPersonAsync(company, role);
            using var browser = web.Browse();
            await browser.SignInAsync(other);
            using var forbidden = await browser.GetAsync(path);
            Assert.Equal(HttpStatusCode.Redirect, forbidden.StatusCode);
            Assert.StartsWith("/forbidden", forbidden.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_endpoint_demands_somebody_or_says_that_it_does_not()
    {
        var endpoints = web.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();

        var unsaid = endpoints.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            .Select(e => e.RoutePattern.RawText!)
            .Where(p => !p.Contains('.', StringComparison.Ordinal) && !p.StartsWith("_framework", StringComparison.Ordinal) && !p.StartsWith("/_framework", StringComparison.Ordinal))
            .Distinct().Order(StringComparer.Ordinal);

        Assert.True(endpoints.Count > 20);
        Assert.Equal(
            ["/account/passkey/request", "/enrol/{token:length(48)}/home", "/enrol/{token:length(48)}/ran", "/health/live", "/health/ready", "/hooks/africastalking/{company:guid}/{token}", "/hooks/resend/{company:guid}", "/ipn/{company:guid}/{channel:guid}/{kind}/{mark}/{push?}", "/not-found", "/register", "/set-password", "/sign-in", "/sign-in/code", "/sign-out"], unsaid);
    }

    [Theory]
    [InlineData("/sign-out")]
    [InlineData("/account/passkey/request")]
    [InlineData("/account/passkey/creation")]
    [InlineData("/account/passkey")]
    [InlineData("/platform/enter")]
    [InlineData("/platform/leave")]
    public async Task A_post_without_the_forms_token_changes_nothing(string path)
    {
        var (_, email) = await web.AddPersonAsync(null, Role.SuperAdmin);
        using var browser = web.Browse();
        await browser.SignInAsync(email);

        using var answer = await browser.PostAsync(path, ("company", Guid.CreateVersion7().ToString()), ("reason", "x"), ("credential", "{}"), ("name", "x"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var still = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Theory]
    [InlineData("/billing/files/invoices.xlsx", Permissions.ViewBilling)]
    [InlineData("/ledger/files/trial-balance.xlsx?asof=2026-03-01", Permissions.ViewLedger)]
    [InlineData("/payments/files/payments.xlsx", Permissions.ViewPayments)]
    [InlineData("/finance/files/unpaid.xlsx?from=2026-03-01&until=2026-03-31", Permissions.ViewReports)]
    public async Task A_list_is_sent_as_a_file_to_whoever_may_see_it(string path, string permission)
    {
        var company = await web.AddCompanyAsync();
        var (_, email) = await web.AddPersonAsync(company, Role.Finance);
        using var browser = web.Browse();
        await browser.SignInAsync(email);
        using var file = await browser.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment"), (file.StatusCode, file.Content.Headers.ContentType!.MediaType, file.Content.Headers.ContentDisposition!.DispositionType));
        using var workbook = new ClosedXML.Excel.XLWorkbook(await file.Content.ReadAsStreamAsync());
        Assert.Single(workbook.Worksheets);
        var day = path.StartsWith("/finance", StringComparison.Ordinal) || path.Contains("asof", StringComparison.Ordinal) ? "2026-03-" : $"{company.Company.Today(TimeProvider.System):yyyy-MM-dd}.xlsx";
        Assert.Contains(day, file.Content.Headers.ContentDisposition.FileName, StringComparison.Ordinal); // of the company's zone
        using var unknown = await browser.GetAsync(path.Replace(".xlsx", ".pdf", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        var (_, other) = await web.AddPersonAsync(company, StaffService.Roles.First(r => !Permissions.Of(r).Contains(permission)));
        using var stranger = web.Browse();
        await stranger.SignInAsync(other);
        using var forbidden = await stranger.GetAsync(path);
        Assert.StartsWith("/forbidden", forbidden.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_super_admin_enters_a_company_and_leaves_it_again()
    {
        var company = await web.AddCompanyAsync("Coast Net");
        var (_, email) = await web.AddPersonAsync(null, Role.SuperAdmin);
        using var browser = web.Browse();
        await browser.SignInAsync(email);
        using var before = await browser.GetAsync("/staff");

        var token = await browser.TokenAsync("/set-password");
        using var entered = await browser.PostAsync("/platform/enter", ("company", company.Id.ToString()), ("reason", "Ticket 4711: lines do not come back"), ("__RequestVerificationToken", token));
        using var inside = await browser.GetAsync("/staff");
        using var platform = await browser.GetAsync("/platform/companies");
        using var left = await browser.PostAsync("/platform/leave", ("__RequestVerificationToken", await browser.TokenAsync("/set-password")));
        using var after = await browser.GetAsync("/staff");

        Assert.Equal(HttpStatusCode.Redirect, before.StatusCode);
        Assert.Equal("/", entered.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, inside.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, platform.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
        await using var db = company.Open();
        Assert.Equal(["entered by the platform", "left by the platform"], [.. db.AuditEntries.OrderBy(e => e.Sequence).Select(e => e.Action).ToList().Where(a => a.EndsWith("platform", StringComparison.Ordinal))]);
    }

    [Fact]
    public async Task An_owner_cannot_enter_another_company_by_posting_the_form()
    {
        var (ours, theirs) = (await web.AddCompanyAsync(), await web.AddCompanyAsync());
        var (_, email) = await web.AddPersonAsync(ours, Role.Owner);
        using var browser = web.Browse();
        await browser.SignInAsync(email);

        using var answer = await browser.PostAsync(
            "/platform/enter", ("company", theirs.Id.ToString()), ("reason", "I would like to see it"), ("__RequestVerificationToken", await browser.TokenAsync("/set-password")));

        Assert.StartsWith("/forbidden", answer.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        await using var db = theirs.Open();
        Assert.DoesNotContain(db.AuditEntries.ToList(), e => e.Action == "entered by the platform");
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        using var browser = web.Browse();
        foreach (var path in (string[])["/sign-in", "/health/live", "/css/tokens.css", "/nowhere"])
        {
            using var answer = await browser.GetAsync(path);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }

    [Fact]
    public async Task A_websocket_from_another_site_is_refused()
    {
        using var http = web.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_blazor");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Origin", "https://evil.example");

        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private static IEnumerable<Type> Pages() => typeof(App).Assembly.GetTypes().Where(t => t.GetCustomAttributes<RouteAttribute>().Any());

    private static string Fill(string template) =>
        string.Join('/', template.Split('/').Select(part => !part.StartsWith('{') ? part : part.EndsWith(":long}", StringComparison.Ordinal) ? "1" : Guid.CreateVersion7().ToString()));
}

public sealed class ProductionWeb : TestWeb
{
    protected override string EnvironmentName => Environments.Production;

    protected override Dictionary<string, string?> Settings => new() { ["SignIn:AttemptsPerMinutePerAddress"] = "50" };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        ClientOptions.BaseAddress = new Uri("https://localhost");
        await ReadyAsync();
    }
}

public sealed class ProductionTests(ProductionWeb web) : IClassFixture<ProductionWeb>
{
    [Fact]
    public async Task Cookies_are_bound_to_the_host_and_to_https()
    {
        var (_, email) = await web.AddPersonAsync(null, Role.SuperAdmin);
        using var browser = web.Browse();

        using var answer = await browser.SubmitAsync("/sign-in", "sign-in", ("Input.Email", email), ("Input.Password", TestWeb.Password));

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("__Host-DataDefender=", StringComparison.Ordinal));
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; path=/", cookie, StringComparison.OrdinalIgnoreCase);
    }

}

public sealed class RateLimitTests(ProductionWeb web) : IClassFixture<ProductionWeb>
{
    [Fact]
    public async Task Attempts_from_one_address_are_limited_by_the_minute()
    {
        using var browser = web.Browse();
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 60; i++)
        {
            using var answer = await browser.PostAsync("/sign-in", ("Input.Email", "a@example.test"));
            answers.Add(answer.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        using var page = await browser.GetAsync("/sign-in");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }
}

public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task While_the_database_is_away_one_page_says_so_and_the_application_comes_back_by_itself()
    {
        await using var web = new TestWeb();
        await web.InitializeAsync();
        await web.ReadyAsync();
        using var browser = web.Browse();
        var watch = web.Services.GetRequiredService<DatabaseWatch>();
        var file = new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder(web.Database.ConnectionString).DataSource;
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Move(file, file + ".away");
        Directory.CreateDirectory(file); // so that SQLite cannot make itself a new one
        watch.Suspect();

        using var away = await browser.GetAsync("/sign-in");
        using var ready = await browser.GetAsync("/health/ready");
        using var live = await browser.GetAsync("/health/live");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), away.Headers.RetryAfter!.Delta);
        Assert.Contains("The database does not answer", await away.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);

        Directory.Delete(file);
        File.Move(file + ".away", file);
        await web.ReadyAsync();
        using var back = await browser.GetAsync("/sign-in");
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
    }
}
