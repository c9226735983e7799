using System.Reflection;
using DataDefender.RadiusHost.Setup;
using DataDefender.Testing;
using DataDefender.Web.Security;
using DataDefender.Web.Setup;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.Architecture.Tests;

/// <summary>The two hosts put together as they start, and looked at: doors without a lock, settings that nobody checks.</summary>
public sealed class HostTests : IAsyncLifetime
{
    /// <summary>For everybody who signed in, whatever he may do.</summary>
    private static readonly Dictionary<string, string> SignedInIsEnough = new()
    {
        ["/"] = "The first screen shows each person what his permissions let him see.",
        ["/account"] = "One's own password, second factor and sessions.",
        ["/notifications"] = "What one was told oneself.",
        ["/forbidden"] = "Says that something else is not allowed.",
        ["/account/passkey"] = "One's own passkeys.",
        ["/account/passkey/creation"] = "One's own passkeys.",
        ["/platform/leave"] = "Ends a visit to a company; without one it does nothing.",
        ["/{**path:file}"] = "Static files in Development, which the framework maps by itself.",
    };

    private TestDatabase _database = null!;
    private WebApplication _web = null!;
    private WebApplication _radius = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        var settings = TestServices.Settings(_database);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "DataDefender.Web", ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Development" });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddDataDefender();
        _web = builder.Build();
        _web.UseDataDefender();
        _radius = RadiusApplication.Create([], host => host.Configuration.AddInMemoryCollection(settings));
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _radius.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public void Every_page_says_who_may_open_it()
    {
        var pages = typeof(RequirePermissionAttribute).Assembly.GetTypes().Where(t => t.GetCustomAttributes<RouteAttribute>().Any()).ToList();

        Assert.True(pages.Count > 8);
        Assert.Contains(pages, p => p.IsDefined(typeof(RequirePermissionAttribute)));
        Expect.None(pages.Where(p => !p.IsDefined(typeof(RequirePermissionAttribute)) && !p.IsDefined(typeof(AllowAnonymousAttribute)) && !SignedIn(p)).Select(p => p.FullName));
        Assert.All(pages.SelectMany(p => p.GetCustomAttributes<RequirePermissionAttribute>()), a => Assert.Contains(a.Permission, Domain.Security.Permissions.All));

        static bool SignedIn(Type page) => page.IsDefined(typeof(AuthorizeAttribute)) && page.GetCustomAttributes<RouteAttribute>().All(r => SignedInIsEnough.ContainsKey(r.Template));
    }

    [Fact]
    public async Task An_endpoint_that_says_nothing_wants_a_signed_in_person()
    {
        var fallback = await _web.Services.GetRequiredService<IAuthorizationPolicyProvider>().GetFallbackPolicyAsync();

        Assert.Contains(fallback!.Requirements, r => r is Microsoft.AspNetCore.Authorization.Infrastructure.DenyAnonymousAuthorizationRequirement);
    }

    [Fact]
    public void Every_endpoint_of_Web_says_who_may_call_it()
    {
        var endpoints = ((IEndpointRouteBuilder)_web).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().ToList();

        Assert.True(endpoints.Count > 20);
        Assert.Contains(endpoints, e => e.RoutePattern.RawText == "/health/live");
        Expect.None(endpoints.Where(Open).Select(e => $"{e.RoutePattern.RawText} ({e.DisplayName})").Distinct());

        static bool Open(RouteEndpoint endpoint) =>
            endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
            && !endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(d => d.Policy is not null)
            && !SignedInIsEnough.ContainsKey("/" + endpoint.RoutePattern.RawText?.Trim('/'))
            && !IsFrameworks(endpoint);
    }

    [Fact]
    public void Every_option_is_checked_when_the_process_starts()
    {
        foreach (var host in (WebApplication[])[_web, _radius])
        {
            var options = BoundOptions(host.Services).ToList();
            var started = StartupChecks(host.Services);

            Assert.True(options.Count >= 2);
            Assert.All(options, type => Assert.NotEmpty(host.Services.GetServices(typeof(IValidateOptions<>).MakeGenericType(type))));
            Expect.None(options.Except(started).Select(t => t.FullName));
        }
    }

    /// <summary>The circuit's own endpoints: a circuit can do nothing but what a page, which was authorised, lets it.</summary>
    private static bool IsFrameworks(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText?.TrimStart('/') is { } path
        && (path.StartsWith("_blazor", StringComparison.Ordinal) || path.StartsWith("_framework/", StringComparison.Ordinal));

    /// <summary>Our own options classes that the host binds to its configuration.</summary>
    private static IEnumerable<Type> BoundOptions(IServiceProvider services) =>
        from assembly in (Assembly[])[typeof(Infrastructure.DependencyInjection).Assembly, typeof(WebApplicationSetup).Assembly, typeof(RadiusApplication).Assembly]
        from type in assembly.GetTypes()
        where type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        where services.GetServices(typeof(IOptionsChangeTokenSource<>).MakeGenericType(type)).Any()
        select type;

    private static HashSet<Type> StartupChecks(IServiceProvider services)
    {
        var options = typeof(IStartupValidator).Assembly.GetType("Microsoft.Extensions.Options.StartupValidatorOptions", throwOnError: true)!;
        var value = typeof(IOptions<>).MakeGenericType(options).GetProperty("Value")!.GetValue(services.GetRequiredService(typeof(IOptions<>).MakeGenericType(options)));
        var checks = (System.Collections.IDictionary)options.GetProperty("_validators", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(value)!;
        return [.. checks.Keys.Cast<(Type Type, string Name)>().Select(k => k.Type)];
    }
}
