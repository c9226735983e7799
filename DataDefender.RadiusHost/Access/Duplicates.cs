namespace DataDefender.RadiusHost.Access;

/// <summary>How long an answer is kept for a NAS that did not get it.</summary>
internal static class Duplicates
{
    /// <summary>Longer than any NAS goes on asking with the same identifier (RFC 5080 §2.2.2: "a short period of time").</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);
}
