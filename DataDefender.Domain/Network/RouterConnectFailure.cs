namespace DataDefender.Domain.Network;

/// <summary>Why no connection to a router came about.</summary>
public enum RouterConnectFailureKind
{
    /// <summary>The name has no address.</summary>
    NameNotFound,

    /// <summary>The host answers, nothing listens on the port.</summary>
    ConnectionRefused,

    /// <summary>No route, or nothing came back in time.</summary>
    Unreachable,

    /// <summary>The connection was accepted, and then nothing was said in time.</summary>
    Silent,

    /// <summary>The router hung up before the sign-in was over: often an address restriction of <c>/ip/service</c>.</summary>
    ClosedByRouter,

    /// <summary>TLS could not be agreed: often api-ssl without a certificate, or the plain port.</summary>
    TlsFailed,
    CertificateChanged,
    CertificateExpired,
    WrongPassword,
    NotRouterOs,

    /// <summary>The router's limit of API sessions is reached.</summary>
    ConnectionLimit,

    /// <summary>The sign-in works, but the user may not read.</summary>
    NotPermitted,

    /// <summary>The address lies in a network that this installation does not connect to.</summary>
    AddressNotAllowed,
}

/// <summary>Why no connection came about, in a sentence for the person who set the router up.</summary>
/// <param name="PinnedFingerprint">The fingerprint that was expected, when the certificate changed.</param>
/// <param name="Seen">The certificate that was shown, when it came so far.</param>
public sealed record RouterConnectFailure(
    RouterConnectFailureKind Kind, string Message, string? PinnedFingerprint = null, RouterCertificate? Seen = null);

/// <summary>The result of testing a connection.</summary>
public abstract record RouterTest
{
    private RouterTest() { }

    /// <param name="Certificate">What the router showed; null on a plain connection.</param>
    public sealed record Passed(string Identity, string Version, string Board, RouterCertificate? Certificate) : RouterTest;

    public sealed record Failed(RouterConnectFailure Failure) : RouterTest;
}
