using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace DataDefender.Sandbox;

/// <summary>Where a world's options come from: <c>--config FILE</c>, then environment and command line (<c>Sandbox:Seed=7</c>).</summary>
internal static class SandboxConfiguration
{
    private const string Section = "Sandbox";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, NumberHandling = JsonNumberHandling.AllowReadingFromString, Converters = { new JsonStringEnumConverter() },
    };

    /// <exception cref="SandboxConfigurationException">The file is missing or broken, or the options make no world.</exception>
    public static SandboxOptions Load(string[] args)
    {
        var switches = new ConfigurationBuilder().AddCommandLine(args).Build();
        var builder = new ConfigurationBuilder();
        var options = new SandboxOptions();
        if (switches["config"] is { Length: > 0 } file)
        {
            var told = Read(file);
            options.Subscribers.AddRange(TakeSubscribers(file, told));
            builder.AddInMemoryCollection(Flatten(told));
        }

        try
        {
            builder.AddEnvironmentVariables().AddCommandLine(args).Build().GetSection(Section).Bind(options, static b => b.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException ex)
        {
            throw new SandboxConfigurationException($"The Sandbox's configuration cannot be read: {ex.Message}", ex);
        }

        Check(options);
        return options;
    }

    /// <exception cref="SandboxConfigurationException">Says which option makes no world.</exception>
    public static void Check(SandboxOptions options)
    {
        var names = options.Routers.Select(r => r.Name).ToList();
        foreach (var router in options.Routers)
        {
            Demand(router.Name.Length > 0 && names.Count(n => n == router.Name) == 1, $"Sandbox:Routers need names of their own; '{router.Name}' is not.");
            Demand(RouterOs.Personality.All.Any(p => p.Name.TrimStart('v') == router.Personality.TrimStart('v')), $"Router {router.Name}: there is no personality '{router.Personality}'; there are {string.Join(", ", RouterOs.Personality.All.Select(p => p.Name))}.");
            Demand(IPAddress.TryParse(router.Address, out _), $"Router {router.Name}: '{router.Address}' is not an address.");
            Demand(IsPort(router.ApiPort) && IsPort(router.TlsPort) && IsPort(router.CoaPort), $"Router {router.Name}: a port is out of range.");
            Demand(router.BootSeconds is >= 0 and <= 3600, $"Router {router.Name}: BootSeconds are 0 to 3600.");
        }

        foreach (var line in options.Subscribers)
        {
            Demand(line.Username.Length > 0, "A subscriber has no Username.");
            Demand(line.Router.Length == 0 || names.Contains(line.Router, StringComparer.Ordinal), $"Subscriber {line.Username}: there is no router '{line.Router}'.");
        }

        foreach (var pattern in options.Patterns)
        {
            Demand(pattern.Count is >= 0 and <= 1_000_000 && pattern.Digits is >= 1 and <= 12, $"Pattern {pattern.UserPrefix}: Count or Digits is out of range.");
            Demand(pattern.Router.Length == 0 || names.Contains(pattern.Router, StringComparer.Ordinal), $"Pattern {pattern.UserPrefix}: there is no router '{pattern.Router}'.");
        }

        Demand(options.Speed is >= 0 and <= 100_000, "Sandbox:Speed is 0 to 100,000.");
        Demand(options.DialRate > 0, "Sandbox:DialRate must be positive.");
        Demand(IsPort(options.HttpPort), "Sandbox:HttpPort is out of range.");
        Demand(IPAddress.TryParse(options.HttpAddress, out _), "Sandbox:HttpAddress is not an address.");
        Demand(IPAddress.TryParse(options.Radius.Address, out _), "Sandbox:Radius:Address is not an address.");
        Demand(options.Radius.AuthenticationPort is > 0 and <= 65535 && options.Radius.AccountingPort is > 0 and <= 65535, "Sandbox:Radius: a port is out of range.");
    }

    private static bool IsPort(int? port) => port is null or (>= 0 and <= 65535);

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SandboxConfigurationException(otherwise);
        }
    }

    /// <summary>The options may stand under <c>"Sandbox"</c> or be the whole file.</summary>
    private static JsonObject Read(string file)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(File.ReadAllText(file), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SandboxConfigurationException($"{file}: {ex.Message}", ex);
        }

        var options = root is JsonObject whole && whole.FirstOrDefault(p => string.Equals(p.Key, Section, StringComparison.OrdinalIgnoreCase)).Value is { } section ? section : root;
        return options as JsonObject ?? throw new SandboxConfigurationException($"{file}: the options are no JSON object.");
    }

    /// <summary>The one long list, read as a whole: the binder looks through all keys for each entry, which takes minutes for 20,000 lines.</summary>
    private static List<SubscriberOptions> TakeSubscribers(string file, JsonObject options)
    {
        var key = options.Select(p => p.Key).FirstOrDefault(k => string.Equals(k, nameof(SandboxOptions.Subscribers), StringComparison.OrdinalIgnoreCase));
        if (key is null || options[key] is not JsonArray list)
        {
            return [];
        }

        options.Remove(key);
        try
        {
            return list.Deserialize<List<SubscriberOptions>>(Json) ?? [];
        }
        catch (JsonException ex)
        {
            throw new SandboxConfigurationException($"{file}: {key}: {ex.Message}", ex);
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> Flatten(JsonObject options)
    {
        using var stream = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new JsonObject { [Section] = options.DeepClone() }));
        return [.. new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable()];
    }
}

/// <summary>The options make no world; the message says which.</summary>
public sealed class SandboxConfigurationException(string message, Exception? cause = null) : Exception(message, cause);
