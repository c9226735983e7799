using System.Text;

namespace DataDefender.Domain.Network;

/// <summary>Where a router answers and how to sign in.</summary>
/// <param name="Port">8728 plain, 8729 TLS unless the router's owner moved it.</param>
/// <param name="CertificateFingerprint">SHA-256 of the certificate in hex, with or without colons; null trusts the first certificate seen.</param>
public sealed record RouterEndpoint(
    Guid RouterId, string Host, int Port, bool UseTls, string? CertificateFingerprint, string Username, string Password)
{
    public const int PlainPort = 8728;
    public const int TlsPort = 8729;

    // A record prints all its members; the password must not reach a log that way.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(nameof(RouterId)).Append(" = ").Append(RouterId)
            .Append(", ").Append(Host).Append(':').Append(Port).Append(UseTls ? " TLS" : " plain");
        return true;
    }
}

/// <summary>The certificate a router showed.</summary>
/// <param name="Fingerprint">SHA-256, lower-case hex, as <c>/certificate</c> prints it.</param>
/// <param name="ExpiresAt">UTC.</param>
public sealed record RouterCertificate(string Fingerprint, string Subject, DateTime ExpiresAt);
