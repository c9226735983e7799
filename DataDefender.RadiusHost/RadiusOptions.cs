using System.ComponentModel.DataAnnotations;
using System.Net;

namespace DataDefender.RadiusHost;

/// <summary>Section "Radius".</summary>
public sealed class RadiusOptions : IValidatableObject
{
    /// <summary>The address to listen on. "0.0.0.0" is every IPv4 address, "::" every IPv4 and IPv6 one.</summary>
    [Required]
    public string Address { get; set; } = "0.0.0.0";

    /// <summary>UDP; 0 lets the system choose.</summary>
    [Range(0, 65535)]
    public int AuthenticationPort { get; set; } = 1812;

    /// <summary>UDP; 0 lets the system choose.</summary>
    [Range(0, 65535)]
    public int AccountingPort { get; set; } = 1813;

    /// <summary>Where the accounting journal and the copy of the subscribers are kept. Of one RadiusHost alone; a relative path is meant from the content root.</summary>
    [Required]
    public string JournalDirectory { get; set; } = "../data/radius";

    /// <summary>Where health, metrics and the pulse answer.</summary>
    [Required]
    public string StatusUrl { get; set; } = "http://127.0.0.1:5081";

    /// <summary>What a caller of /pulse must present; empty switches it off.</summary>
    public string StatusToken { get; set; } = "";

    /// <summary>How long a reject waits, so that guessing passwords and a client that redials at once are slow. 0 answers at once.</summary>
    [Range(0, 10_000)]
    public int RejectDelayMilliseconds { get; set; } = 1000;

    /// <summary>
    /// For how long the place of a login that was let in is kept while its session has not reported its start: another device that logs in
    /// meanwhile is refused where the line's sessions are counted. 0 keeps none, for NAS that never report.
    /// </summary>
    [Range(0, 60)]
    public int SessionStartSeconds { get; set; } = 10;

    /// <summary>How many login attempts are stored in a second at most; what is above waits a while, then is dropped and counted, accepted ones first.</summary>
    [Range(1, 100_000)]
    public int LoginAttemptsPerSecond { get; set; } = 2_000;

    /// <summary>How often at most the copy of the subscribers for a start without the database is written anew, seconds.</summary>
    [Range(1, 86_400)]
    public int CopySeconds { get; set; } = 60;

    /// <summary>Asked of the system for each port. Ten thousand customers who redial at once are about 20 MB.</summary>
    [Range(65_536, 1 << 30)]
    public int ReceiveBufferBytes { get; set; } = 16 << 20;

    /// <summary>Requests a second that one source address may send to each UDP port; twice that at once. What is above gets no answer and is counted.</summary>
    [Range(100, 10_000_000)]
    public int RequestsPerSecondPerNas { get; set; } = 20_000;

    /// <summary>Size of one file of the accounting journal.</summary>
    [Range(1, 1024)]
    public int JournalSegmentMegabytes { get; set; } = 16;

    public IPAddress ListenAddress => IPAddress.Parse(Address);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(Address, out _))
        {
            yield return new ValidationResult($"Radius:Address “{Address}” is not an IP address.", [nameof(Address)]);
        }

        if (AuthenticationPort != 0 && AuthenticationPort == AccountingPort)
        {
            yield return new ValidationResult("Radius:AuthenticationPort and Radius:AccountingPort must differ.", [nameof(AccountingPort)]);
        }

        if (!Uri.TryCreate(StatusUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            yield return new ValidationResult($"Radius:StatusUrl “{StatusUrl}” is not an http address.", [nameof(StatusUrl)]);
        }
    }
}
