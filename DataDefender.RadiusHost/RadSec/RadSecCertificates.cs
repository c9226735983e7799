using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataDefender.Domain.Network;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.RadSec;

/// <summary>
/// Our certificate and the authorities that routers' certificates must come from. Files that have changed are read again, so that a
/// renewed certificate needs no restart; while the new ones cannot be used the old ones stay.
/// </summary>
internal sealed partial class RadSecCertificates : IDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    private readonly RadSecOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<RadSecCertificates> _log;
    private readonly Lock _loading = new();
    private Loaded _current;
    private long _checkedAt;

    /// <exception cref="InvalidOperationException">A file cannot be used; the message says which.</exception>
    public RadSecCertificates(RadSecOptions options, TimeProvider clock, ILogger<RadSecCertificates> log)
    {
        (_options, _clock, _log) = (options, clock, log);
        _current = Load();
        _checkedAt = clock.GetTimestamp();
    }

    /// <summary>The last moment of the certificate that is shown to routers, UTC.</summary>
    public DateTime ExpiresAt => Current().ExpiresAt;

    /// <summary>Mutual TLS 1.2 or 1.3. No resumption: a resumed session would not show its certificate again.</summary>
    public SslServerAuthenticationOptions ForHandshake()
    {
        var loaded = Current();
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = loaded.Server,
            ClientCertificateRequired = true,
            CertificateChainPolicy = PolicyOf(loaded),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowTlsResume = false,
            AllowRenegotiation = false,
            RemoteCertificateValidationCallback = static (_, certificate, _, errors) => certificate is not null && errors is SslPolicyErrors.None,
        };
    }

    /// <summary>What a NAS may be known by, the most exact first: the fingerprint, the DNS names, the common name (RFC 6614 §2.3).</summary>
    public static IEnumerable<UInt128> KeysOf(X509Certificate2 certificate)
    {
        IEnumerable<string?> names =
        [
            NasCertificate.Fingerprint(certificate.RawDataMemory.Span),
            .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(n => n.EnumerateDnsNames()),
            CommonNameOf(certificate),
        ];
        return names.Select((name, i) => i == 0 ? name : NasCertificate.Canonical(name)).OfType<string>().Distinct(StringComparer.Ordinal).Select(Peer.KeyOfCertificate);
    }

    /// <summary>Null when the subject has none or more than one: two would let a certificate pass for two routers.</summary>
    public static string? CommonNameOf(X509Certificate2 certificate)
    {
        const string CommonName = "2.5.4.3";
        try
        {
            var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(n => !n.HasMultipleElements && n.GetSingleElementType().Value == CommonName).Select(n => n.GetSingleElementValue()).ToList();
            return names is [{ } only] ? only : null;
        }
        catch (CryptographicException)
        {
            return null; // a subject that cannot be read names nobody
        }
    }

    public void Dispose() => _current.Dispose();

    private static X509ChainPolicy PolicyOf(Loaded loaded)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // a router is revoked by taking its certificate from its NAS
            DisableCertificateDownloads = true, // the peer's certificate names addresses: we fetch nothing that a stranger asks us to
        };
        policy.CustomTrustStore.AddRange(loaded.Authorities);
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // client authentication
        return policy;
    }

    private Loaded Current()
    {
        lock (_loading)
        {
            if (_clock.GetElapsedTime(_checkedAt) < CheckInterval)
            {
                return _current;
            }

            _checkedAt = _clock.GetTimestamp();
            if (Stamp() == _current.Stamp)
            {
                return _current;
            }

            try
            {
                _current = Load(); // handshakes under way still use the old one, so it is left to the collector
                Renewed(_log, _options.RadSecCertificate);
            }
            catch (InvalidOperationException unusable)
            {
                NotRenewed(_log, unusable.Message);
            }

            return _current;
        }
    }

    private (DateTime, DateTime, DateTime) Stamp() => (
        File.GetLastWriteTimeUtc(_options.RadSecCertificate), File.GetLastWriteTimeUtc(_options.RadSecCertificateKey), File.GetLastWriteTimeUtc(_options.RadSecClientAuthorities));

    private Loaded Load()
    {
        var stamp = Stamp();
        var chain = Read(_options.RadSecCertificate, nameof(RadSecOptions.RadSecCertificate), path =>
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(path);
            return all;
        });
        var certificate = Read(_options.RadSecCertificateKey, nameof(RadSecOptions.RadSecCertificateKey), path => X509Certificate2.CreateFromPemFile(_options.RadSecCertificate, path));
        var authorities = Read(_options.RadSecClientAuthorities, nameof(RadSecOptions.RadSecClientAuthorities), path =>
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(path);
            return all.Count > 0 ? all : throw new CryptographicException("it holds no certificate");
        });
        return new Loaded(SslStreamCertificateContext.Create(certificate, chain, offline: true), authorities, certificate, stamp);
    }

    private static T Read<T>(string path, string setting, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception unusable) when (unusable is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidOperationException($"Radius:{setting}: {path} cannot be used: {unusable.Message}", unusable);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "RadSec certificates read again from {Path}")]
    private static partial void Renewed(ILogger log, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "Changed RadSec certificates are not taken, the old ones stay: {Reason}")]
    private static partial void NotRenewed(ILogger log, string reason);

    private sealed record Loaded(SslStreamCertificateContext Server, X509Certificate2Collection Authorities, X509Certificate2 Certificate, (DateTime, DateTime, DateTime) Stamp) : IDisposable
    {
        public DateTime ExpiresAt { get; } = Certificate.NotAfter.ToUniversalTime();

        public void Dispose() => Certificate.Dispose();
    }
}
