using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>The attributes of an Accounting-Request that the port looks at before it is on disk, found in one pass.</summary>
internal ref struct AccountingRequest
{
    public ReadOnlySpan<byte> UserName;
    public ReadOnlySpan<byte> AcctSessionId;
    public ReadOnlySpan<byte> CallingStationId;
    public AcctStatusType Status;

    /// <summary>0 when it is not said.</summary>
    public uint NasPort;

    /// <summary>RFC 2866 §5.13 demands both: without a type a record means nothing, without a session id it is nobody's.</summary>
    public readonly bool IsComplete => Status is not AcctStatusType.None
        && (!AcctSessionId.IsEmpty || Status is AcctStatusType.AccountingOn or AcctStatusType.AccountingOff);

    public static AccountingRequest Read(in RadiusPacket packet)
    {
        AccountingRequest request = default;
        for (var rest = packet.Attributes; rest.Length > 0; rest = rest[rest[1]..])
        {
            var value = rest[2..rest[1]];
            switch (rest[0])
            {
                case RadiusAttributes.UserName:
                    request.UserName = value;
                    break;
                case RadiusAttributes.AcctSessionId:
                    request.AcctSessionId = value;
                    break;
                case RadiusAttributes.CallingStationId:
                    request.CallingStationId = value;
                    break;
                case RadiusAttributes.NasPort:
                    _ = WireFormat.TryReadUInt32(value, out request.NasPort);
                    break;
                case RadiusAttributes.AcctStatusType:
                    _ = WireFormat.TryReadUInt32(value, out var status);
                    request.Status = (AcctStatusType)status;
                    break;
            }
        }

        return request;
    }
}
