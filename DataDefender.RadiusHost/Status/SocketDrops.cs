using System.Globalization;
using System.Net;

namespace DataDefender.RadiusHost.Status;

/// <summary>How many datagrams the system has lost on a UDP port for want of room, from /proc/net/udp and udp6. Null where there is none of that.</summary>
internal static class SocketDrops
{
    private const int LocalAddress = 1;
    private const int Drops = 12;

    public static long? Of(IPEndPoint local)
    {
        long? drops = null;
        foreach (var table in (string[])["/proc/net/udp", "/proc/net/udp6"])
        {
            if (!File.Exists(table))
            {
                continue;
            }

            // e.g. "  3: 0100007F:0714 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9637 2 0000000000000000 17"
            var port = string.Create(CultureInfo.InvariantCulture, $":{local.Port:X4}");
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (columns.Length > Drops && columns[LocalAddress].EndsWith(port, StringComparison.Ordinal) && long.TryParse(columns[Drops], CultureInfo.InvariantCulture, out var lost))
                {
                    drops = (drops ?? 0) + lost;
                }
            }
        }

        return drops;
    }
}
