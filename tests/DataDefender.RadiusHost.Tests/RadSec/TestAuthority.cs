using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DataDefender.RadiusHost.Tests.RadSec;

/// <summary>A certificate authority that lives as long as its test.</summary>
internal sealed class TestAuthority
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2060, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public TestAuthority(string name = "Test authority")
    {
        var request = new CertificateRequest($"CN={name}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        Certificate = request.CreateSelfSigned(From, Until);
    }

    public X509Certificate2 Certificate { get; }

    public X509Certificate2 ForServer(string name = "radius.example") => Issue($"CN={name}", ServerAuthentication, null);

    public X509Certificate2 ForRouter(string name, string? dnsName = null, DateTimeOffset? until = null) => Issue($"CN={name}", ClientAuthentication, dnsName, until);

    public X509Certificate2 Issue(string subject, string purpose, string? dnsName, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        if (dnsName is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(dnsName);
            request.CertificateExtensions.Add(names.Build());
        }

        using var issued = request.Create(Certificate, From, until ?? Until, RandomNumberGenerator.GetBytes(12));
        using var whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Writes what RadiusHost is told to use, and gives its settings.</summary>
    public (string Key, string Value)[] Write(string folder, X509Certificate2 server)
    {
        var (certificate, key, authorities) = (Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"), Path.Combine(folder, "routers-ca.pem"));
        File.WriteAllText(certificate, server.ExportCertificatePem());
        using (var privateKey = server.GetECDsaPrivateKey()!)
        {
            File.WriteAllText(key, privateKey.ExportPkcs8PrivateKeyPem());
        }

        File.WriteAllText(authorities, Certificate.ExportCertificatePem());
        return [("Radius:RadSecCertificate", certificate), ("Radius:RadSecCertificateKey", key), ("Radius:RadSecClientAuthorities", authorities)];
    }
}
