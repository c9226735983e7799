using System.ComponentModel.DataAnnotations;
using System.Net;

namespace DataDefender.Web.Setup;

/// <summary>Who calls where nobody is signed in, and how often. The limits of sign-in and of payment callbacks are with theirs.</summary>
internal sealed class CallerOptions : IValidatableObject
{
    /// <summary>
    /// Reverse proxies, as addresses or networks (<c>10.0.0.5</c>, <c>10.0.0.0/24</c>): only what comes from them may say in X-Forwarded-For and
    /// X-Forwarded-Proto who calls and over what. Empty: these headers are not read, and the caller is who is connected.
    /// </summary>
    public List<string> KnownProxies { get; } = [];

    /// <summary>What one address may ask for with the line of a new router.</summary>
    [Range(1, 1_000_000)]
    public int EnrolmentsPerMinutePerAddress { get; set; } = 120;

    /// <summary>Reports of delivery that one address may send.</summary>
    [Range(1, 1_000_000)]
    public int MessageReportsPerMinutePerAddress { get; set; } = 6_000;

    /// <summary>The proxies as networks: an address is a network of one.</summary>
    public IEnumerable<IPNetwork> ProxyNetworks => KnownProxies.Select(p => Read(p)!.Value);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from proxy in KnownProxies
        where Read(proxy) is null
        select new ValidationResult($"Callers:KnownProxies has \"{proxy}\", which is neither an address nor a network like 10.0.0.0/24.", [nameof(KnownProxies)]);

    private static IPNetwork? Read(string text) =>
        IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(text, out var network) ? network
        : null;
}
