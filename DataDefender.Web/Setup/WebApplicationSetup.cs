using DataDefender.Infrastructure;
using DataDefender.Infrastructure.Identity;
using DataDefender.Web.Components;
using DataDefender.Web.Components.Layout;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Radzen;

namespace DataDefender.Web.Setup;

/// <summary>What the web application is made of, and the order in which a request passes through it.</summary>
internal static class WebApplicationSetup
{
    public static void AddDataDefender(this WebApplicationBuilder builder)
    {
        builder.UseSharedSettings();

        // Its lines have the whole path, and paths of callbacks and of new routers hold secrets.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        var services = builder.Services;
        services.AddDataDefenderData(builder.Configuration, builder.Environment);
        services.AddDataDefenderIdentity(builder.Configuration);
        services.AddDomainServices();
        services.AddStaffSignIn(builder.Environment);
        services.AddCallerLimits(builder.Configuration);

        services.AddSingleton<DatabaseWatch>().AddHostedService(provider => provider.GetRequiredService<DatabaseWatch>());
        services.AddScoped<Workplace>();
        services.AddScoped<AuthenticationStateProvider, StaffAuthenticationState>();
        services.AddScoped<CircuitHandler, CircuitIdentity>();
        services.AddCascadingAuthenticationState();
        services.AddRadzenComponents();
        services.AddSingleton<StaffPrincipal>().AddScoped<SearchPalette>();
        services.AddScoped<UiActions>().AddScoped<Confirm>().AddScoped<Formats>();
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DetailedErrors = builder.Environment.IsDevelopment();
            circuits.DisconnectedCircuitMaxRetained = 200;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3);
        });
        services.AddHsts(hsts => (hsts.MaxAge, hsts.IncludeSubDomains) = (TimeSpan.FromDays(365), true));
        WebModules.Add(services);
    }

    public static void UseDataDefender(this WebApplication app)
    {
        app.UseCallers();
        if (!app.Environment.IsDevelopment())
        {
            app.UseHsts();
            app.UseHttpsRedirection();
        }

        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<FailurePages>();

        // Only for pages that were asked for: a refused form keeps its own answer.
        app.UseWhen(context => HttpMethods.IsGet(context.Request.Method), get => get.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true));
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseMiddleware<RequestIdentity>();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapHealth();
        app.MapStaticAssets().AllowAnonymous();
        app.MapAccountEndpoints();
        app.MapVisits();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = "'none'");
        WebModules.Map(app);
    }
}
