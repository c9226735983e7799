using DataDefender.Testing;
using DataDefender.Web.Tests.Security;
using Microsoft.Playwright;

namespace DataDefender.Web.Tests.Browser;

/// <summary>The web application on a real port and Debian's Chromium to look at it.</summary>
public class BrowserWeb : TestWeb
{
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    public string Url { get; private set; } = "";

    /// <summary>A new browser profile; complaints of its console are kept in <see cref="Visit.Complaints"/>.</summary>
    public async Task<Visit> OpenAsync(int width = 1440, int height = 900)
    {
        if (_chromium is null)
        {
            var executable = Requires.Program("chromium", "Chromium is not installed.", "/usr/bin");
            Url = (await ServeAsync()).Replace("127.0.0.1", "localhost", StringComparison.Ordinal); // passkeys want a name, not an address
            _playwright = await Playwright.CreateAsync();
            _chromium = await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = executable,
                Args = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            });
        }

        var context = await _chromium.NewContextAsync(new() { BaseURL = Url, ViewportSize = new() { Width = width, Height = height } });
        return await Visit.StartAsync(context);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
        }

        _playwright?.Dispose();
        await base.DisposeAsync();
    }
}

/// <summary>One browser profile with one page.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    private Visit(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Errors of the page's console and of its scripts: a refused style or script (CSP) shows here.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<Visit> StartAsync(IBrowserContext context)
    {
        var visit = new Visit(context, await context.NewPageAsync());
        visit.Page.SetDefaultTimeout(20_000);
        visit.Page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                visit._complaints.Add(message.Text);
            }
        };
        visit.Page.PageError += (_, error) => visit._complaints.Add(error);
        return visit;
    }

    public async Task SignInAsync(string email, string password = TestWeb.Password)
    {
        await Page.GotoAsync("/sign-in");
        await Page.FillAsync("#email", email);
        await Page.FillAsync("#password", password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Waits until the app's shell stands, which needs its circuit.</summary>
    public Task ShellAsync() => Page.Locator(".shell main h1").First.WaitForAsync();

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
