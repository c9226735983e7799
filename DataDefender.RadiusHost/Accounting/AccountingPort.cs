using System.Runtime.InteropServices;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>
/// The accounting port: everything that one receive brought goes into the journal, is put on disk by one sync, and is answered then.
/// While the disk works the next datagrams gather in the socket, so that the batches grow with the load.
/// </summary>
internal sealed class AccountingPort : IPortHandler
{
    private const int RememberedRequests = 32_768;
    private const int TypicalReply = 64;

    private readonly LineDirectory _directory;
    private readonly HostCounters _counters;
    private readonly Journal _journal;
    private readonly FaultLog _faults;
    private readonly TimeProvider _clock;
    private readonly DuplicateCache _duplicates;
    private readonly Pending[] _pending;
    private readonly Transport _transport;
    private readonly long _requestInterval;
    private readonly long _frequency;
    private long _now;
    private long _utcTicks;

    public AccountingPort(LineDirectory directory, HostCounters counters, Journal journal, FaultLog faults, RadiusOptions options, TimeProvider clock, int batch, Transport transport = Transport.Udp)
    {
        (_directory, _counters, _journal, _faults, _clock) = (directory, counters, journal, faults, clock);
        _duplicates = new DuplicateCache(RememberedRequests, TypicalReply, Duplicates.KeptFor.Ticks * (clock.TimestampFrequency / TimeSpan.TicksPerSecond));
        _pending = new Pending[batch];
        (_requestInterval, _frequency) = (clock.TimestampFrequency / options.RequestsPerSecondPerNas, clock.TimestampFrequency);
        (_transport, Counters) = (transport, transport is Transport.Tls ? counters.TlsAccounting : counters.Accounting);
    }

    public PortCounters Counters { get; }

    /// <summary>How long the answers of each batch took, the disk included.</summary>
    public LatencyHistogram Latency => _counters.AccountingLatency;

    public void Handle(DatagramBatch batch)
    {
        (_now, _utcTicks) = (_clock.GetTimestamp(), _clock.GetUtcNow().UtcTicks);
        var content = _directory.Content;
        var (oldest, newest) = (long.MaxValue, 0L);
        for (var i = 0; i < batch.Count; i++)
        {
            _pending[i] = default;
            try
            {
                batch.SetReply(i, Handle(content, batch.Request(i), batch.PeerOf(i), batch.ReplyBuffer(i), out _pending[i]));
                if (_pending[i].Sequence is > 0 and var sequence)
                {
                    (oldest, newest) = (Math.Min(oldest, sequence), Math.Max(newest, sequence));
                }
            }
            catch (Exception ex)
            {
                _pending[i] = default;
                Counters.Drop(DropReason.InternalError);
                _faults.Report("Accounting", ex);
            }
        }

        if (newest > 0)
        {
            Finish(batch, _journal.Commit(oldest, newest));
        }
    }

    public void Sent(DatagramBatch batch)
    {
        var microseconds = _clock.GetElapsedTime(_now).TotalMicroseconds;
        for (var i = 0; i < batch.Count; i++)
        {
            if (_pending[i].Sequence > 0 && batch.ReplyLength(i) > 0)
            {
                Latency.Record(microseconds);
            }
        }
    }

    private void Finish(DatagramBatch batch, bool durable)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (_pending[i].Nas is not { } nas)
            {
                continue;
            }

            if (durable)
            {
                _duplicates.Answer(_pending[i].Place, batch.Reply(i), _now);
                Count(nas, _pending[i].Status);
            }
            else
            {
                batch.SetReply(i, 0);
                _duplicates.Forget(_pending[i].Place);
                Counters.Drop(DropReason.JournalFailed);
            }
        }
    }

    private int Handle(DirectoryContent content, ReadOnlySpan<byte> datagram, Peer from, Span<byte> buffer, out Pending pending)
    {
        pending = default;
        var behind = content.Nas.Behind(from, _transport);
        if (behind.IsEmpty)
        {
            return DropStranger(from);
        }

        if (_transport is Transport.Udp && !behind[0].State.AccountingLimit.TryTake(_now, _requestInterval, _frequency))
        {
            behind[0].State.Counters.Limited.Increment();
            return Drop(DropReason.RateLimited);
        }

        if (!RadiusPacket.TryRead(datagram, out var packet, out var malformed))
        {
            Counters.DropMalformed(malformed);
            return 0;
        }

        if (packet.Code is not (RadiusCode.AccountingRequest or RadiusCode.StatusServer))
        {
            return Drop(DropReason.UnexpectedCode);
        }

        if (NasTable.Choose(behind, packet) is not { } nas)
        {
            return DropStranger(from);
        }

        if (!IsGenuine(packet, nas))
        {
            nas.State.Counters.BadAccountingAuthenticators.Increment();
            return Drop(DropReason.BadAuthenticator);
        }

        nas.State.LastSeen = _utcTicks;
        if (packet.Code is RadiusCode.StatusServer)
        {
            Counters.StatusRequests++;
            return AccessReply.Alive(buffer, packet, nas.Secret, RadiusCode.AccountingResponse);
        }

        return Record(packet, from, nas, buffer, out pending);
    }

    private int Record(in RadiusPacket packet, Peer from, NasEntry nas, Span<byte> buffer, out Pending pending)
    {
        pending = default;
        switch (_duplicates.Look(from, packet, _now, out var place))
        {
            case Seen.InProgress:
                CountDuplicate(nas);
                return Drop(DropReason.DuplicateInProgress);
            case Seen.Answered:
                CountDuplicate(nas);
                var before = _duplicates.Reply(place);
                before.CopyTo(buffer);
                return before.Length;
            default:
                break;
        }

        var request = AccountingRequest.Read(packet);
        if (!request.IsComplete)
        {
            _duplicates.Forget(place);
            return Drop(DropReason.AccountingIncomplete);
        }

        nas.Company.TryFindOnline(request.UserName, out var subscriber);
        var sequence = _journal.Append(_utcTicks, nas.Company.TenantId, nas.Id, subscriber?.Line.SubscriptionId ?? Guid.Empty, packet.Bytes);
        if (sequence == 0)
        {
            _duplicates.Forget(place);
            return Drop(DropReason.JournalFailed);
        }

        Remember(request, nas, subscriber);
        pending = new Pending(nas, place, sequence, request.Status);
        var reply = new RadiusWriter(buffer, RadiusCode.AccountingResponse, packet.Identifier);
        reply.AddProxyStates(packet);
        return reply.FinishReply(packet.Authenticator, nas.Secret);
    }

    private static bool IsGenuine(in RadiusPacket packet, NasEntry nas) => packet.Code is RadiusCode.StatusServer
        ? RadiusSignature.CheckRequest(packet, nas.Secret) is MessageAuthenticatorState.Valid
        : RadiusSignature.HasValidRequestAuthenticator(packet, nas.Secret)
            && RadiusSignature.CheckRequest(packet, nas.Secret) is not MessageAuthenticatorState.Invalid;

    /// <summary>What the session limit counts.</summary>
    private void Remember(in AccountingRequest request, NasEntry nas, Subscriber? subscriber)
    {
        switch (request.Status)
        {
            case AcctStatusType.AccountingOn or AcctStatusType.AccountingOff:
                nas.State.RestartedAt = _utcTicks++; // what comes after it in the same batch is later
                break;
            case AcctStatusType.Stop:
                subscriber?.Line.Closed(nas.State, request.AcctSessionId, _utcTicks);
                break;
            case AcctStatusType.Start or AcctStatusType.InterimUpdate when subscriber is not null:
                _ = MacAddress.TryRead(request.CallingStationId, out var caller);
                subscriber.Line.Seen(nas.State, request.AcctSessionId, caller, nas.SessionPort(request.NasPort), _utcTicks);
                break;
            default:
                break;
        }
    }

    private static void Count(NasEntry nas, AcctStatusType status)
    {
        nas.State.Counters.Accounting.Increment();
        switch (status)
        {
            case AcctStatusType.Start:
                nas.Company.Counters.Starts.Increment();
                break;
            case AcctStatusType.InterimUpdate:
                nas.Company.Counters.Interims.Increment();
                break;
            case AcctStatusType.Stop:
                nas.Company.Counters.Stops.Increment();
                break;
            default:
                nas.Company.Counters.OtherAccounting.Increment();
                break;
        }
    }

    private void CountDuplicate(NasEntry nas)
    {
        Counters.Duplicates++;
        nas.State.Counters.AccountingDuplicates.Increment();
        nas.Company.Counters.AccountingDuplicates.Increment();
    }

    private int DropStranger(Peer from)
    {
        if (_transport is Transport.Udp)
        {
            _counters.UnknownSources.Seen(from, _utcTicks);
        }

        return Drop(DropReason.UnknownNas);
    }

    private int Drop(DropReason reason)
    {
        Counters.Drop(reason);
        return 0;
    }

    /// <summary>A record in the journal whose answer waits for the disk.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Pending(NasEntry? Nas, DuplicatePlace Place, long Sequence, AcctStatusType Status);
}
