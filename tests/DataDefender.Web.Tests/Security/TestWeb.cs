using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Testing;
using DataDefender.Web.Components;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Web.Tests.Security;

/// <summary>
/// The whole web application over a database of its own, in memory or, after <see cref="ServeAsync"/>, on a real port for a browser.
/// What pages need is made through <see cref="World"/>, which is another process's view of the same database.
/// </summary>
public class TestWeb : WebApplicationFactory<App>, IAsyncLifetime
{
    public const string Password = "purple lantern eleven";

    private readonly bool _isShared;
    private TestDatabase _database = null!;

    public TestWeb()
    {
    }

    /// <summary>The application started anew over the database of another, as after a restart.</summary>
    internal TestWeb(TestDatabase database) => (_database, _isShared) = (database, true);

    public TestServices World { get; private set; } = null!;

    public TestDatabase Database => _database;

    /// <summary>Replaces the machine's clock; null leaves it.</summary>
    public virtual TimeProvider? Clock => null;

    protected virtual string EnvironmentName => Environments.Development;

    protected virtual Dictionary<string, string?> Settings => [];

    /// <summary>Zero for any that is free.</summary>
    protected virtual int Port => 0;

    /// <summary>Whether the background work of the product runs too, as it does in life.</summary>
    protected virtual bool Works => false;

    public virtual async ValueTask InitializeAsync()
    {
        _database ??= await TestDatabase.CreateAsync();
        World = TestServices.Over(_database);
    }

    /// <summary>Somebody who signs in with <see cref="Password"/>; the address is made from the role and a number.</summary>
    public async Task<(Guid Id, string Email)> AddPersonAsync(TestCompany? company, Role role, string? name = null)
    {
        var email = $"{role.ToString().ToLowerInvariant()}-{Guid.CreateVersion7():N}@example.test";
        var accounts = Services.GetRequiredService<IAccounts>();
        var id = await accounts.CreateAsync(new NewAccount(company?.Id, name ?? $"Test {role}", email, role, Password), Actor.System("test"));
        return (id, email);
    }

    public Task<TestCompany> AddCompanyAsync(string name = "Savanna Fibre", CompanyStatus status = CompanyStatus.Active) => TestCompany.CreateAsync(World, name, status);

    /// <summary>A browser without scripts: keeps cookies, follows nothing by itself.</summary>
    public PlainBrowser Browse() => new(CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true, BaseAddress = new Uri("https://localhost") }));

    /// <summary>Waits until the application has seen its database.</summary>
    public async Task ReadyAsync()
    {
        using var client = CreateClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await client.GetAsync("/health/ready", patience.Token)).IsSuccessStatusCode)
        {
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Listens on a free port of the loopback address and returns the address.</summary>
    public async Task<string> ServeAsync()
    {
        UseKestrel(Port);
        StartServer();
        await ReadyAsync();
        return ClientOptions.BaseAddress.ToString().TrimEnd('/');
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await World.DisposeAsync();
        if (!_isShared)
        {
            await _database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(EnvironmentName);
        var settings = TestServices.Settings(_database);
        settings["SignIn:AttemptsPerMinutePerAddress"] = "10000";
        settings["Logging:LogLevel:Default"] = "Warning";
        foreach (var (key, value) in settings.Concat(Settings))
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureTestServices(services =>
        {
            // The pollers have their own tests; here they would only ask after routers that are not there.
            foreach (var worker in Works ? [] : services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Namespace?.StartsWith("DataDefender.Infrastructure", StringComparison.Ordinal) is true).ToList())
            {
                services.Remove(worker);
            }

            if (Clock is { } clock)
            {
                services.Replace(ServiceDescriptor.Singleton(clock));
            }
        });
    }
}
