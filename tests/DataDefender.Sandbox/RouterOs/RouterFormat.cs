using System.Globalization;
using System.Net;
using System.Text;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>How RouterOS writes values, and what it understands when it reads them.</summary>
internal static class RouterFormat
{
    private static readonly (string Unit, long Milliseconds)[] Units =
        [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];

    /// <summary><c>2w3d4h5m6s</c>, parts that are zero left out, <c>0s</c> for nothing; below a second <c>12ms345us</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time > TimeSpan.Zero && time < TimeSpan.FromSeconds(1))
        {
            var us = time.Ticks / TimeSpan.TicksPerMicrosecond;
            return us >= 1000 ? us % 1000 == 0 ? $"{us / 1000}ms" : $"{us / 1000}ms{us % 1000}us" : $"{us}us";
        }

        var rest = (long)time.TotalSeconds * 1000;
        var text = new StringBuilder(16);
        foreach (var (unit, length) in Units)
        {
            if (rest >= length)
            {
                text.Append(CultureInfo.InvariantCulture, $"{rest / length}{unit}");
                rest %= length;
            }
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    /// <summary>Seconds, <c>1h30m</c>, <c>1d02:03:04</c>, <c>02:03:04</c>, <c>300ms</c>.</summary>
    public static bool TryDuration(string text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        if (text.Length == 0)
        {
            return false;
        }

        long total = 0, number = 0;
        var digits = 0;
        var colons = new List<long>();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiDigit(c))
            {
                (number, digits) = ((number * 10) + (c - '0'), digits + 1);
                if (digits > 12)
                {
                    return false;
                }

                continue;
            }

            if (digits == 0)
            {
                return false;
            }

            if (c == ':')
            {
                colons.Add(number);
            }
            else if (c == 'm' && i + 1 < text.Length && text[i + 1] == 's')
            {
                (total, i) = (total + number, i + 1);
            }
            else if (Array.FindIndex(Units, u => u.Unit[0] == c) is >= 0 and var unit)
            {
                total += number * Units[unit].Milliseconds;
            }
            else
            {
                return false;
            }

            (number, digits) = (0, 0);
        }

        if (colons.Count > 0)
        {
            colons.Add(number);
            total += colons.Aggregate(0L, (sum, part) => (sum * 60) + part) * (colons.Count == 3 ? 1000 : 60_000);
        }
        else if (digits > 0)
        {
            total += number * 1000;
        }

        time = TimeSpan.FromMilliseconds(total);
        return true;
    }

    /// <summary>A number of bits with k, M or G (1000, 1 000 000, 1 000 000 000); raw bits come out.</summary>
    public static bool TryRate(string text, out long bits)
    {
        bits = 0;
        if (text.Length == 0)
        {
            return false;
        }

        var factor = text[^1] switch { 'k' or 'K' => 1_000L, 'M' or 'm' => 1_000_000L, 'G' or 'g' => 1_000_000_000L, _ => 1L };
        if (!decimal.TryParse(factor == 1 ? text : text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        bits = (long)(number * factor);
        return true;
    }

    public static bool TryIp(string text, out IPAddress address)
    {
        address = IPAddress.None;
        return text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out address!)
            && string.Equals(address.ToString(), text, StringComparison.Ordinal);
    }

    public static bool TryMac(string text, out string mac)
    {
        mac = "";
        var hex = text.Replace(":", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal);
        if (hex.Length != 12 || !hex.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        mac = string.Join(':', hex.ToUpperInvariant().Chunk(2).Select(pair => new string(pair)));
        return true;
    }

    public static bool TryBool(string text, out string value)
    {
        value = text is "yes" or "true" ? "true" : "false";
        return text is "yes" or "true" or "no" or "false";
    }

    public static string Bool(bool value) => value ? "true" : "false";

    public static string Tenths(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    public static string DateTime(DateTimeOffset time, Personality personality) => personality.IsoDates
        ? time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        : time.ToString("MMM/dd/yyyy HH:mm:ss", CultureInfo.InvariantCulture).ToLowerInvariant();

    public static string Date(DateTimeOffset time, Personality personality) => DateTime(time, personality).Split(' ')[0];

    public static string Time(DateTimeOffset time) => time.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    public static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out var length) && length == 4
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : throw new ArgumentException($"{address} is not an IPv4 address.", nameof(address));
    }

    public static IPAddress ToAddress(uint number)
    {
        var bytes = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
