using System.ComponentModel.DataAnnotations;

namespace DataDefender.RadiusHost.RadSec;

/// <summary>RADIUS over TLS (RFC 6614); of section "Radius" as well.</summary>
public sealed class RadSecOptions : IValidatableObject
{
    /// <summary>TCP; 2083 is the assigned one. 0 switches RADIUS over TLS off.</summary>
    [Range(0, 65535)]
    public int RadSecPort { get; set; }

    /// <summary>The server's certificate, PEM, with what is between it and its authority; read again when it changes.</summary>
    public string RadSecCertificate { get; set; } = "";

    /// <summary>The certificate's private key, PEM, readable by the service alone.</summary>
    public string RadSecCertificateKey { get; set; } = "";

    /// <summary>The authorities that sign routers' certificates, PEM, one or more. Nothing else is trusted.</summary>
    public string RadSecClientAuthorities { get; set; } = "";

    /// <summary>How many connections may be open at once.</summary>
    [Range(1, 60_000)]
    public int RadSecConnections { get; set; } = 1000;

    /// <summary>How many of them from one address (of IPv6, one /64), and how many handshakes: several routers may be behind one.</summary>
    [Range(1, 60_000)]
    public int RadSecConnectionsPerAddress { get; set; } = 64;

    /// <summary>How many handshakes may be under way, on top of the connections; when one more comes the oldest is given up.</summary>
    [Range(1, 10_000)]
    public int RadSecHandshakes { get; set; } = 256;

    /// <summary>A connection over which nothing has come for so long is closed, seconds.</summary>
    [Range(10, 86_400)]
    public int RadSecIdleSeconds { get; set; } = 900;

    /// <summary>How long a handshake, a packet that has begun, or an answer that is not read may take, seconds.</summary>
    [Range(1, 60)]
    public int RadSecPatienceSeconds { get; set; } = 10;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RadSecPort == 0)
        {
            yield break;
        }

        foreach (var (path, name) in ((string, string)[])[(RadSecCertificate, nameof(RadSecCertificate)), (RadSecCertificateKey, nameof(RadSecCertificateKey)), (RadSecClientAuthorities, nameof(RadSecClientAuthorities))])
        {
            if (path.Length == 0)
            {
                yield return new ValidationResult($"Radius:{name} is needed while Radius:RadSecPort is not 0.", [name]);
            }
            else if (!File.Exists(path))
            {
                yield return new ValidationResult($"Radius:{name}: there is no file {path}.", [name]);
            }
        }
    }
}
