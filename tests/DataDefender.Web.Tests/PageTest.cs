using Bunit;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Infrastructure.Payments;
using DataDefender.Testing;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using DataDefender.Web.Setup;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Radzen;

namespace DataDefender.Web.Tests;

/// <summary>
/// A page in a circuit of its own: the product's services on a SQLite file, routers that answer by script, a clock that stands, and a
/// person of a company who looks. Data is made through <see cref="Company"/> before the page is rendered.
/// </summary>
public abstract class PageTest : BunitContext, IAsyncLifetime
{
    private TestDatabase _database = null!;
    private TestServices _world = null!;

    protected TestCompany Company { get; private set; } = null!;

    protected ManualClock Clock => _world.Clock;

    protected ScriptedRouters Routers { get; } = new();

    protected NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    /// <summary>Who looks; set it before <see cref="InitializeAsync"/> runs.</summary>
    protected virtual Role Role => Role.Owner;

    protected virtual Licence? Licence => null;

    public virtual async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _world = TestServices.Over(_database);
        Company = await TestCompany.CreateAsync(_world, licence: Licence);

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(TestServices.Settings(_database)).Build();
        Services.AddSingleton<IConfiguration>(configuration).AddSingleton(_world.Provider.GetRequiredService<IHostEnvironment>()).AddSingleton<TimeProvider>(_world.Clock);
        Services.AddDataDefenderData(configuration, _world.Provider.GetRequiredService<IHostEnvironment>());
        Services.AddDomainServices();
        Services.AddMonitoring();
        Services.AddPaymentGateways();
        Services.AddSingleton<IRouterGateway>(Routers);
        Services.AddScoped<Workplace>().AddScoped<UiActions>().AddScoped<Confirm>().AddScoped<Formats>();
        Services.AddRadzenComponents();
        AddServices(Services);
        JSInterop.Mode = JSRuntimeMode.Loose;

        var person = AddAuthorization().SetAuthorized($"{Role} of the test");
        person.SetPolicies([.. Permissions.Of(Role)]);
        Services.GetRequiredService<TenantContext>().Use(Company.Id);
        Services.GetRequiredService<CurrentUser>().Use(new Actor(Guid.CreateVersion7(), $"{Role} of the test", Permissions.Of(Role)));
        var company = Company.Company;
        Services.GetRequiredService<Workplace>().Use(
            new CompanyProfile(company.Id, company.Name, company.TimeZone, company.Currency), Role, "person@example.com", Guid.CreateVersion7(), null);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        await _world.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Further services of the page, or others in the place of the product's.</summary>
    protected virtual void AddServices(IServiceCollection services) { }

    /// <summary>Another company of the same installation.</summary>
    protected Task<TestCompany> OtherCompanyAsync(string name = "Coast Net") => TestCompany.CreateAsync(_world, name);

    /// <summary>The buttons of that text.</summary>
    protected static AngleSharp.Dom.IElement Button<T>(IRenderedComponent<T> page, string text) where T : IComponent =>
        page.FindAll("button").Single(b => b.TextContent.Trim() == text);

    /// <summary>What was notified, newest last.</summary>
    protected IReadOnlyList<string> Notified() => [.. Services.GetRequiredService<NotificationService>().Messages.Select(m => m.Summary)];
}
