using System.Runtime.InteropServices;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>
/// One direction's counter as a report gives it: octets modulo 2^32 (RFC 2866 §5.3), and how often that ran over (RFC 2869 §5.1). Each is
/// null when the NAS does not say it.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OctetCounter(uint? Low, uint? Gigawords)
{
    // Four bits of the gigawords are dropped: what they count has not flowed through any access line, and sums must not overflow.
    private const uint Believed = 0x0FFF_FFFF;

    /// <summary>As it stands in the report.</summary>
    public long Value => ((long)((Gigawords ?? 0) & Believed) << 32) | (Low ?? 0);

    /// <summary>
    /// Octets that came to a count that is known of the same session. A counter without gigawords that is lower than before has run over
    /// when the way forward is the shorter one, as numbers in sequence are compared (RFC 1982 §3.2): then under 2 GiB have come since the
    /// report before. Any other that is lower adds nothing: an older report came late, or the NAS is wrong.
    /// </summary>
    /// <param name="known">Octets.</param>
    /// <param name="isLater">Whether the report is of later in the session than what is known.</param>
    public long Since(long known, bool isLater)
    {
        if (Low is { } low && Gigawords is null && isLater)
        {
            var (before, forward) = ((uint)known, unchecked(low - (uint)known));
            return low >= before || forward <= int.MaxValue ? forward : 0;
        }

        return Math.Max(0, Value - known);
    }
}
