using System.Globalization;
using System.Text;

namespace DataDefender.Domain.Compliance;

/// <summary>
/// An answer as a CSV file (RFC 4180) for the authority: the question in the first lines, then one line a session. Times are given in UTC
/// and by the company's clock. A cell that a spreadsheet would run as a formula is led by an apostrophe.
/// </summary>
public static class DisclosureCsv
{
    private static readonly string[] Columns =
    [
        "Client", "Account", "Phone", "Address of client", "User name", "Caller (MAC)", "IP address", "Behind (shared address)", "Uncertain because", "IPv6 prefix", "Delegated IPv6 prefix", "NAS", "Port", "Session", "Started (UTC)", "Ended (UTC)",
        "Last heard (UTC)", "Started (local)", "Ended (local)",
    ];

    public static string Write(DisclosureInput asked, IReadOnlyList<DisclosedSession> sessions, string company, TimeZoneInfo zone, DateTime answeredAt)
    {
        var csv = new StringBuilder();
        Line(csv, "Company", company);
        Line(csv, "Case", asked.CaseNumber.Trim());
        Line(csv, "Authority", asked.Authority.Trim());
        Line(csv, "Address asked about", asked.Address.Trim() + (asked.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $" port {port}") : ""));
        Line(csv, "From (UTC)", Utc(asked.From));
        Line(csv, "Until (UTC)", Utc(asked.Until));
        Line(csv, "Answered (UTC)", Utc(answeredAt));
        Line(csv, "Local time zone", zone.Id);
        Line(csv);
        Line(csv, Columns);
        foreach (var s in sessions)
        {
            Line(
                csv, s.Client, s.AccountNumber, s.Phone, s.Address, s.Username, s.CallingStationId, s.FramedAddress, s.Behind, s.Uncertain, s.Ipv6Prefix, s.DelegatedPrefix, s.Nas, s.Port, s.AcctSessionId, Utc(s.StartedAt),
                s.EndedAt is { } ended ? Utc(ended) : "open", Utc(s.LastHeardAt), Local(s.StartedAt, zone), s.EndedAt is { } local ? Local(local, zone) : "open");
        }

        return csv.ToString();
    }

    private static void Line(StringBuilder csv, params ReadOnlySpan<string?> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            csv.Append(i > 0 ? "," : "").Append(Cell(cells[i] ?? ""));
        }

        csv.Append("\r\n");
    }

    /// <summary>Always in quotes. What begins like a formula is made text: a client's name may have been chosen by an attacker.</summary>
    private static string Cell(string text)
    {
        var inert = text.AsSpan().TrimStart(' ') is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? "'" + text : text;
        return $"\"{inert.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Utc(DateTime at) => at.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Local(DateTime at, TimeZoneInfo zone) => Utc(TimeZoneInfo.ConvertTimeFromUtc(at, zone));
}
