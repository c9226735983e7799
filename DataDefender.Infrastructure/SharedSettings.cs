using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace DataDefender.Infrastructure;

/// <summary>The development settings are one file of all processes at the top of the checkout, copied beside each program.</summary>
public static class SharedSettings
{
    /// <summary>What the environment or the command line says still goes before the file.</summary>
    public static void UseSharedSettings(this WebApplicationBuilder builder)
    {
        var file = new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
            Path = $"appsettings.{builder.Environment.EnvironmentName}.json",
            Optional = true,
        };
        var sources = builder.Configuration.Sources;
        var environment = sources.OfType<EnvironmentVariablesConfigurationSource>().LastOrDefault();
        sources.Insert(environment is null ? sources.Count : sources.IndexOf(environment), file);
    }
}
