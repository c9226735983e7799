using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>What one Accounting-Request says about a session, in our terms: octets in the customer's view, times in UTC.</summary>
internal sealed record AccountingReport
{
    /// <summary>A clock that is further off than this is not believed; the time of receipt is.</summary>
    private static readonly TimeSpan Plausible = TimeSpan.FromMinutes(5);

    /// <summary>No NAS holds a report back longer; larger values are nonsense.</summary>
    private const uint MaxDelaySeconds = 30 * 86_400;

    public required long Sequence { get; init; }

    public required Guid TenantId { get; init; }

    public required Guid NasId { get; init; }

    public Guid? SubscriptionId { get; init; }

    /// <summary>By our own clock.</summary>
    public required DateTime ReceivedAt { get; init; }

    public AcctStatusType Status { get; private set; }

    public string AcctSessionId { get; private set; } = "";

    public string Username { get; private set; } = "";

    /// <summary>When it happened at the NAS.</summary>
    public DateTime EventAt { get; private set; }

    public long SessionSeconds { get; private set; }

    /// <summary>Acct-Input: what came from the customer (RFC 2866 §5.3).</summary>
    public OctetCounter Upload { get; private set; }

    public OctetCounter Download { get; private set; }

    public string? FramedAddress { get; private set; }

    /// <summary>Framed-IPv6-Prefix (RFC 3162 §2.3); where there is none, Framed-IPv6-Address (RFC 6911 §3.1) as a /128.</summary>
    public string? Ipv6Prefix { get; private set; }

    public string? DelegatedPrefix { get; private set; }

    public string? CallingStationId { get; private set; }

    public string? CalledStationId { get; private set; }

    public string? NasPortId { get; private set; }

    public string? TerminateCause { get; private set; }

    /// <summary>When the session began, as this report knows it.</summary>
    public DateTime StartedAt => EventAt - TimeSpan.FromSeconds(SessionSeconds);

    /// <summary>False when the record is not an Accounting-Request that can be applied; says why.</summary>
    public static bool TryRead(JournalRecord record, out AccountingReport report, out string? problem)
    {
        report = new AccountingReport
        {
            Sequence = record.Sequence,
            ReceivedAt = record.ReceivedAt,
            TenantId = record.TenantId,
            NasId = record.NasId,
            SubscriptionId = record.SubscriptionId == Guid.Empty ? null : record.SubscriptionId,
        };
        if (record.TenantId == Guid.Empty)
        {
            problem = "The record is of a form that this build does not know.";
            return false;
        }

        if (!RadiusPacket.TryRead(record.Packet.Span, out var packet, out var malformed))
        {
            problem = $"The packet is malformed: {malformed}.";
            return false;
        }

        report.Read(packet);
        problem = report.Status is AcctStatusType.Start or AcctStatusType.InterimUpdate or AcctStatusType.Stop && report.AcctSessionId.Length == 0
            ? "It has no Acct-Session-Id."
            : null;
        return problem is null;
    }

    private void Read(in RadiusPacket packet)
    {
        uint delay = 0, timestamp = 0, seconds = 0;
        uint? inputLow = null, inputHigh = null, outputLow = null, outputHigh = null;
        foreach (var attribute in packet)
        {
            if (attribute.Vendor != 0)
            {
                continue;
            }

            _ = attribute.TryGetUInt32(out var number);
            switch (attribute.Type)
            {
                case RadiusAttributes.AcctStatusType: Status = (AcctStatusType)number; break;
                case RadiusAttributes.AcctDelayTime: delay = number; break;
                case RadiusAttributes.AcctInputOctets: inputLow = number; break;
                case RadiusAttributes.AcctInputGigawords: inputHigh = number; break;
                case RadiusAttributes.AcctOutputOctets: outputLow = number; break;
                case RadiusAttributes.AcctOutputGigawords: outputHigh = number; break;
                case RadiusAttributes.AcctSessionTime: seconds = number; break;
                case RadiusAttributes.EventTimestamp: timestamp = number; break;
                case RadiusAttributes.AcctTerminateCause: TerminateCause = CauseName(number); break;
                case RadiusAttributes.AcctSessionId: AcctSessionId = Text(attribute, 128); break;
                case RadiusAttributes.UserName: Username = Text(attribute, 253); break;
                case RadiusAttributes.CallingStationId: CallingStationId = Text(attribute, 64); break;
                case RadiusAttributes.CalledStationId: CalledStationId = Text(attribute, 100); break;
                case RadiusAttributes.NasPortId: NasPortId = Text(attribute, 100); break;
                case RadiusAttributes.FramedIpAddress:
                    FramedAddress = WireFormat.TryReadAddress(attribute.Value, out var address) ? address.ToString() : null;
                    break;
                case RadiusAttributes.FramedIpv6Prefix: Ipv6Prefix = Prefix(attribute) ?? Ipv6Prefix; break;
                case RadiusAttributes.FramedIpv6Address: Ipv6Prefix ??= attribute.Value.Length == 16 && WireFormat.TryReadAddress(attribute.Value, out var own) ? $"{own}/128" : null; break;
                case RadiusAttributes.DelegatedIpv6Prefix: DelegatedPrefix = Prefix(attribute); break;
            }
        }

        (Upload, Download) = (new OctetCounter(inputLow, inputHigh), new OctetCounter(outputLow, outputHigh));
        SessionSeconds = Math.Min(seconds, int.MaxValue);
        EventAt = Happened(ReceivedAt, delay, timestamp);
    }

    /// <summary>Event-Timestamp when it agrees with our own clock; else the time of receipt less Acct-Delay-Time (RFC 2866 §5.2).</summary>
    private static DateTime Happened(DateTime receivedAt, uint delay, uint timestamp)
    {
        var byDelay = receivedAt - TimeSpan.FromSeconds(delay <= MaxDelaySeconds ? delay : 0);
        var said = DateTime.UnixEpoch.AddSeconds(timestamp);
        return timestamp != 0 && (said - byDelay).Duration() <= Plausible ? said : byDelay;
    }

    private static string CauseName(uint cause) =>
        RadiusDictionary.Default.Find("Acct-Terminate-Cause")?.Values.GetValueOrDefault(cause) ?? cause.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string? Prefix(RadiusAttributeView attribute) => WireFormat.TryReadIPv6Prefix(attribute.Value, out var prefix) ? prefix.ToString() : null;

    // PostgreSQL takes no NUL in a text and no half of a surrogate pair; a value longer than its column is cut.
    private static string Text(RadiusAttributeView attribute, int limit)
    {
        var text = Encoding.UTF8.GetString(attribute.Value).Replace('\0', '\uFFFD');
        return text.Length <= limit ? text : text[..(char.IsHighSurrogate(text[limit - 1]) ? limit - 1 : limit)];
    }
}
