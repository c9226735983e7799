using System.ComponentModel.DataAnnotations;
using System.Net;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>How long routers may take, and how much they may send. Section <c>RouterOs</c>.</summary>
public sealed class RouterOsOptions : IValidatableObject
{
    public const string Section = "RouterOs";

    /// <summary>Name look-up and TCP handshake. The operating system alone would wait about two minutes.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>TLS handshake and sign-in, which a busy router may stall for seconds.</summary>
    public TimeSpan LoginTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a command may go without a sign of life from the router before its outcome counts as unknown.</summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the router may refuse to take the bytes of one command.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection that nobody used for this long is closed.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The longest sentence taken from a router, in bytes. A file chunk is at most 32 KiB, a whole small file 60 KiB.</summary>
    [Range(16 * 1024, 64 * 1024 * 1024)]
    public int MaxSentenceBytes { get; set; } = 1024 * 1024;

    /// <summary>The longest answer to one command, in bytes over all its rows.</summary>
    [Range(1024, int.MaxValue)]
    public int MaxAnswerBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Rows of a stream that may wait for a slow reader before the stream is given up.</summary>
    [Range(16, 1_000_000)]
    public int MaxWaitingRows { get; set; } = 4096;

    /// <summary>
    /// Networks that routers may never be in, comma-joined in CIDR form: a company types the address of its router itself, and must
    /// not reach this server's own services or a cloud's metadata address with it.
    /// </summary>
    public string DeniedNetworks { get; set; } = "0.0.0.0/8,127.0.0.0/8,169.254.0.0/16,224.0.0.0/4,::/127,fe80::/10,ff00::/8";

    /// <summary><see cref="DeniedNetworks"/>, read.</summary>
    internal IReadOnlyList<IPNetwork> Denied() =>
        [.. DeniedNetworks.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(n => IPNetwork.Parse(n))];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ConnectTimeout <= TimeSpan.Zero || LoginTimeout <= TimeSpan.Zero || ReadTimeout <= TimeSpan.Zero || WriteTimeout <= TimeSpan.Zero || IdleTimeout <= TimeSpan.Zero)
        {
            yield return new ValidationResult("Time-outs must be longer than zero.");
        }

        if (!DeniedNetworks.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(n => IPNetwork.TryParse(n, out _)))
        {
            yield return new ValidationResult("Each network must be in CIDR form, such as 169.254.0.0/16.", [nameof(DeniedNetworks)]);
        }
    }
}
