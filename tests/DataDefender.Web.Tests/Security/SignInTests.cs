using System.Net;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Identity;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Security;

public sealed class ClockedWeb : TestWeb
{
    public ManualClock Time { get; } = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));

    public override TimeProvider Clock => Time;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _ = Services;
        await ReadyAsync();
    }
}

public sealed class SignInTests(ClockedWeb web) : IClassFixture<ClockedWeb>
{
    private const string WrongPair = "The e-mail address or the password is wrong.";

    [Fact]
    public async Task A_right_password_opens_the_page_that_was_asked_for()
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        using var browser = web.Browse();

        using var asked = await browser.GetAsync("/staff");
        Assert.Equal("/sign-in?returnUrl=%2Fstaff", asked.Headers.Location!.PathAndQuery);
        using var answer = await browser.SubmitAsync("/sign-in?returnUrl=%2Fstaff", "sign-in", ("Input.Email", email), ("Input.Password", TestWeb.Password));
        using var page = await browser.GetAsync("/staff");

        Assert.EndsWith("/staff", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_are_answered_alike()
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        using var browser = web.Browse();

        var wrong = await browser.SignInAsync(email, "not the password at all");
        var unknown = await browser.SignInAsync("nobody@example.test", "not the password at all");

        Assert.Contains(WrongPair, wrong, StringComparison.Ordinal);
        Assert.Contains(WrongPair, unknown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example/")]
    public async Task Signing_in_never_leads_to_another_site(string elsewhere)
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        using var browser = web.Browse();

        using var answer = await browser.SubmitAsync(
            $"/sign-in?returnUrl={Uri.EscapeDataString(elsewhere)}", "sign-in", ("Input.Email", email), ("Input.Password", TestWeb.Password));

        Assert.DoesNotContain("evil", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_from_one_address_is_stopped_before_the_account_is_locked()
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Support);
        using var browser = web.Browse();
        for (var i = 0; i < 5; i++)
        {
            await browser.SignInAsync(email, $"a wrong guess {i}");
        }

        var stopped = await browser.SignInAsync(email);
        await using var db = web.World.OpenPlatform();
        var account = await db.Users.SingleAsync(a => a.Email == email);

        Assert.Contains("Too many attempts", stopped, StringComparison.Ordinal);
        Assert.Null(account.LockoutEnd);
    }

    [Fact]
    public async Task After_five_minutes_the_right_password_works_again()
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Support);
        using var browser = web.Browse();
        for (var i = 0; i < 5; i++)
        {
            await browser.SignInAsync(email, $"a wrong guess {i}");
        }

        web.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.EndsWith("/", await browser.SignInAsync(email), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_owner_of_a_waiting_company_is_told_so_and_not_let_in()
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync("Rift Wireless", CompanyStatus.Pending), Role.Owner);
        using var browser = web.Browse();

        var page = await browser.SignInAsync(email);
        using var home = await browser.GetAsync("/");

        Assert.Contains("Waiting for approval", page, StringComparison.Ordinal);
        Assert.Contains("Rift Wireless", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, home.StatusCode);
    }

    [Theory]
    [InlineData(CompanyStatus.Rejected, "Rejected by the test")]
    [InlineData(CompanyStatus.Suspended, "Suspended by the test")]
    public async Task People_of_a_company_that_may_not_work_read_the_reason(CompanyStatus status, string reason)
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(status: status), Role.Owner);
        using var browser = web.Browse();

        Assert.Contains(reason, await browser.SignInAsync(email), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_reason_is_not_told_to_somebody_without_the_password()
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(status: CompanyStatus.Suspended), Role.Owner);
        using var browser = web.Browse();

        var page = await browser.SignInAsync(email, "a wrong guess at it");

        Assert.DoesNotContain("Suspended", page, StringComparison.Ordinal);
        Assert.Contains(WrongPair, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_of_the_app_is_wanted_and_works_once()
    {
        var (id, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        var (secret, _) = await EnrolAsync(id);
        web.Time.Advance(TimeSpan.FromSeconds(60)); // the code that confirmed the set-up is used up
        var code = SingleUseTotp.CodeAt(secret, web.Time.GetUtcNow());
        using var first = web.Browse();
        using var second = web.Browse();

        Assert.Contains("/sign-in/code", await first.SignInAsync(email), StringComparison.Ordinal);
        Assert.Contains("/sign-in/code", await second.SignInAsync(email), StringComparison.Ordinal);
        using var accepted = await first.SubmitAsync("/sign-in/code", "code", ("Input.Code", code));
        using var again = await second.SubmitAsync("/sign-in/code", "code", ("Input.Code", code));

        Assert.Equal(HttpStatusCode.Redirect, accepted.StatusCode);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Contains("has been used", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var home = await second.GetAsync("/");
        Assert.Equal(HttpStatusCode.Redirect, home.StatusCode);
    }

    [Fact]
    public async Task A_recovery_code_works_once()
    {
        var (id, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        var (_, recovery) = await EnrolAsync(id);
        using var first = web.Browse();
        using var second = web.Browse();
        await first.SignInAsync(email);
        await second.SignInAsync(email);

        using var accepted = await first.SubmitAsync("/sign-in/code?recovery=1", "code", ("Input.Code", recovery[0]));
        using var again = await second.SubmitAsync("/sign-in/code?recovery=1", "code", ("Input.Code", recovery[0]));

        Assert.Equal(HttpStatusCode.Redirect, accepted.StatusCode);
        Assert.Contains("wrong or has been used", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Codes_cannot_be_guessed_without_end()
    {
        var (id, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        await EnrolAsync(id);
        using var browser = web.Browse();
        await browser.SignInAsync(email);
        for (var i = 0; i < 9; i++)
        {
            using var wrong = await browser.SubmitAsync("/sign-in/code", "code", ("Input.Code", "000000"));
        }

        using var last = await browser.SubmitAsync("/sign-in/code?recovery=1", "code", ("Input.Code", "AAAAA-BBBBB"));
        using var locked = await browser.SubmitAsync("/sign-in/code", "code", ("Input.Code", "000000"));

        Assert.Contains("Too many attempts", await locked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_factors_secret_and_the_recovery_codes_lie_encrypted_in_the_database()
    {
        var (id, _) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        var (secret, recovery) = await EnrolAsync(id);
        await using var db = web.World.OpenPlatform();

        var stored = await db.UserTokens.Where(t => t.UserId == id).Select(t => t.Value!).ToListAsync();

        Assert.Equal(2, stored.Count);
        Assert.All(stored, value => Assert.DoesNotContain(secret, value, StringComparison.Ordinal));
        Assert.All(stored, value => Assert.DoesNotContain(recovery[0], value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Passwords_are_hashed_with_at_least_210_000_rounds()
    {
        var (id, _) = await web.AddPersonAsync(null, Role.SuperAdmin);
        await using var db = web.World.OpenPlatform();

        var hash = Convert.FromBase64String((await db.Users.SingleAsync(a => a.Id == id)).PasswordHash!);

        Assert.Equal(1, hash[0]); // version 3: PRF, rounds and salt size follow, each four bytes
        Assert.Equal(2u, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(1))); // HMAC-SHA512
        Assert.True(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(5)) >= 210_000);
    }

    [Fact]
    public async Task A_session_ends_after_eight_idle_hours_and_after_three_days_of_use()
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        using var idle = web.Browse();
        using var busy = web.Browse();
        await idle.SignInAsync(email);
        await busy.SignInAsync(email);

        var answers = new List<HttpStatusCode>();
        for (var hours = 0; hours < 72; hours += 6)
        {
            web.Time.Advance(TimeSpan.FromHours(6));
            using var page = await busy.GetAsync("/account");
            answers.Add(page.StatusCode);
        }

        using var left = await idle.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Redirect, left.StatusCode);
        Assert.All(answers.Take(11), status => Assert.Equal(HttpStatusCode.OK, status));
        web.Time.Advance(TimeSpan.FromMinutes(1));
        using var old = await busy.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Redirect, old.StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_a_copied_cookie_too()
    {
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        using var browser = web.Browse();
        using var answer = await browser.SubmitAsync("/sign-in", "sign-in", ("Input.Email", email), ("Input.Password", TestWeb.Password));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("DataDefender=", StringComparison.Ordinal)).Split(';')[0];
        using var thief = new HttpRequestMessage(HttpMethod.Get, "/account");
        thief.Headers.Add("Cookie", cookie);
        using var plain = web.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });

        using var signedOut = await browser.PostAsync("/sign-out", ("__RequestVerificationToken", await browser.TokenAsync("/set-password")));
        using var page = await plain.SendAsync(thief);

        Assert.Equal(HttpStatusCode.Redirect, signedOut.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Fact]
    public async Task Changing_the_password_ends_every_other_session()
    {
        var (id, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        using var here = web.Browse();
        using var there = web.Browse();
        await here.SignInAsync(email);
        await there.SignInAsync(email);
        await using var scope = ScopeOf(id);
        var own = scope.ServiceProvider.GetRequiredService<IOwnAccount>();
        await using var db = web.World.OpenPlatform();
        var newest = await db.SignInSessions.Where(s => s.AccountId == id).OrderBy(s => s.CreatedAt).ThenBy(s => s.Id).Select(s => s.Id).FirstAsync();

        await own.ChangePasswordAsync(newest, TestWeb.Password, "a quite different sentence");

        using var kept = await here.GetAsync("/account");
        using var ended = await there.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, ended.StatusCode);
        Assert.Contains(WrongPair, await there.SignInAsync(email), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_person_is_out_at_once_and_is_told_why()
    {
        var (id, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Support);
        using var browser = web.Browse();
        await browser.SignInAsync(email);

        await web.Services.GetRequiredService<IAccounts>().SetDisabledAsync(id, disabled: true);

        using var page = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Contains("has been disabled", await browser.SignInAsync(email), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_link_works_once()
    {
        var (id, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Support);
        var token = await web.Services.GetRequiredService<IAccounts>().PasswordTokenAsync(id);
        var link = $"/set-password?u={id}&t={token}";
        const string chosen = "seven quiet herons wade";
        using var browser = web.Browse();

        using var first = await browser.SubmitAsync(link, "set-password", ("Input.Password", chosen), ("Input.Again", chosen));
        using var second = await browser.SubmitAsync(link, "set-password", ("Input.Password", "another long sentence"), ("Input.Again", "another long sentence"));

        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        Assert.Contains("This link has been used", WebUtility.HtmlDecode(await second.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        Assert.EndsWith("/", await browser.SignInAsync(email, chosen), StringComparison.Ordinal);
    }

    private AsyncServiceScope ScopeOf(Guid accountId)
    {
        var scope = web.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(new Actor(accountId, "the test", new HashSet<string>()));
        return scope;
    }

    private async Task<(string Secret, IReadOnlyList<string> Recovery)> EnrolAsync(Guid accountId)
    {
        await using var scope = ScopeOf(accountId);
        var own = scope.ServiceProvider.GetRequiredService<IOwnAccount>();
        var secret = (await own.BeginTotpAsync()).Secret.Replace(" ", "", StringComparison.Ordinal);
        return (secret, await own.ConfirmTotpAsync(SingleUseTotp.CodeAt(secret, web.Time.GetUtcNow())));
    }
}
