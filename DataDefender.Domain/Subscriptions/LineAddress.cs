using System.Net;
using System.Net.Sockets;

namespace DataDefender.Domain.Subscriptions;

/// <summary>A fixed IPv4 address for a line.</summary>
public static class LineAddress
{
    /// <summary>The address in its usual form, or null when the text is not one a customer can have.</summary>
    public static string? Normalise(string? text)
    {
        // "10.1" parses as 10.0.0.1, and 127/8 and 224/3 tell MikroTik "take one of the pool" in Framed-IP-Address.
        var trimmed = (text ?? "").Trim();
        return IPAddress.TryParse(trimmed, out var address)
            && address.AddressFamily is AddressFamily.InterNetwork
            && address.ToString() == trimmed
            && address.GetAddressBytes()[0] is not (0 or 127 or >= 224)
                ? trimmed
                : null;
    }
}
