using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Access;

/// <summary>The authentication port: answers each datagram on the thread that received it, from memory, without allocating.</summary>
internal sealed class AccessPort : IPortHandler
{
    private const int RememberedRequests = 32_768;
    private const int TypicalReply = 448; // MS-CHAPv2 with its keys, a rate with bursts, pools of both families and CUI

    private readonly LineDirectory _directory;
    private readonly HostCounters _counters;
    private readonly LoginLog _log;
    private readonly LearnedAuthenticators _learned;
    private readonly LearnedCallers _callers;
    private readonly DelayedRejects _delayed;
    private readonly FaultLog _faults;
    private readonly TimeProvider _clock;
    private readonly DuplicateCache _duplicates;
    private readonly long _rejectDelay;
    private readonly long _requestInterval;
    private readonly long _frequency;
    private readonly double _ticksPerMicrosecond;
    private readonly Transport _transport;
    private readonly NasEntry?[] _answered;
    private readonly long _sessionStart;
    private long _now;
    private long _utcTicks;
    private ushort _salt = (ushort)Random.Shared.Next(ushort.MaxValue);

    public AccessPort(
        LineDirectory directory, HostCounters counters, LoginLog log, LearnedAuthenticators learned, LearnedCallers callers, DelayedRejects delayed, FaultLog faults, RadiusOptions options, TimeProvider clock, int batch,
        Transport transport = Transport.Udp)
    {
        (_directory, _counters, _log, _learned, _callers, _delayed, _faults, _clock) = (directory, counters, log, learned, callers, delayed, faults, clock);
        _duplicates = new DuplicateCache(RememberedRequests, TypicalReply, Duplicates.KeptFor.Ticks * (clock.TimestampFrequency / TimeSpan.TicksPerSecond));
        _sessionStart = TimeSpan.FromSeconds(options.SessionStartSeconds).Ticks;
        _rejectDelay = options.RejectDelayMilliseconds * clock.TimestampFrequency / 1000;
        (_requestInterval, _frequency) = (clock.TimestampFrequency / options.RequestsPerSecondPerNas, clock.TimestampFrequency);
        _ticksPerMicrosecond = clock.TimestampFrequency / 1_000_000.0;
        _answered = new NasEntry?[batch];
        (_transport, Counters) = (transport, transport is Transport.Tls ? counters.TlsAuthentication : counters.Authentication);
    }

    public PortCounters Counters { get; }

    public void Handle(DatagramBatch batch)
    {
        (_now, _utcTicks) = (_clock.GetTimestamp(), _clock.GetUtcNow().UtcTicks);
        var content = _directory.Content;
        for (var i = 0; i < batch.Count; i++)
        {
            try
            {
                batch.SetReply(i, Handle(content, batch.Request(i), batch.PeerOf(i), batch.ReplyBuffer(i), out _answered[i]));
            }
            catch (Exception ex)
            {
                Drop(DropReason.InternalError);
                _answered[i] = null;
                _faults.Report("Authentication", ex);
            }
        }
    }

    public void Sent(DatagramBatch batch)
    {
        var microseconds = (_clock.GetTimestamp() - _now) / _ticksPerMicrosecond;
        for (var i = 0; i < batch.Count; i++)
        {
            if (_answered[i] is { } nas)
            {
                nas.Company.Counters.Latency.Record(microseconds);
                nas.State.Counters.Latency.Record(microseconds);
            }
        }
    }

    private int Handle(DirectoryContent content, ReadOnlySpan<byte> datagram, Peer from, Span<byte> buffer, out NasEntry? decidedFor)
    {
        decidedFor = null;
        var behind = content.Nas.Behind(from, _transport);
        if (behind.IsEmpty)
        {
            return DropStranger(from);
        }

        if (_transport is Transport.Udp && !behind[0].State.LoginLimit.TryTake(_now, _requestInterval, _frequency))
        {
            behind[0].State.Counters.Limited.Increment();
            return Drop(DropReason.RateLimited);
        }

        if (!RadiusPacket.TryRead(datagram, out var packet, out var malformed))
        {
            Counters.DropMalformed(malformed);
            return 0;
        }

        if (packet.Code is not (RadiusCode.AccessRequest or RadiusCode.StatusServer))
        {
            return Drop(DropReason.UnexpectedCode);
        }

        if (NasTable.Choose(behind, packet) is not { } nas)
        {
            return DropStranger(from);
        }

        if (MayBeForged(packet, nas) is { } reason)
        {
            return Drop(reason);
        }

        nas.State.LastSeen = _utcTicks;
        if (packet.Code is RadiusCode.StatusServer)
        {
            Counters.StatusRequests++;
            return AccessReply.Alive(buffer, packet, nas.Secret, RadiusCode.AccessAccept);
        }

        return Answer(packet, from, nas, buffer, out decidedFor);
    }

    private int Answer(in RadiusPacket packet, Peer from, NasEntry nas, Span<byte> buffer, out NasEntry? decidedFor)
    {
        decidedFor = null;
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

        var request = AccessRequest.Read(packet);
        var verdict = LoginDecider.Decide(request, packet, nas, _callers, _utcTicks, _utcTicks + _sessionStart);
        if (verdict.Learned != 0 && !_callers.TryAdd(verdict.Subscriber!.Line.SubscriptionId, verdict.Learned))
        {
            verdict = LoginDecider.Decide(request, packet, nas, _callers, _utcTicks, _utcTicks + _sessionStart); // another device came first, on another port
        }

        var length = verdict.IsAccepted
            ? AccessReply.Accept(buffer, packet, request, nas, verdict, _utcTicks, _salt += 2)
            : AccessReply.Reject(buffer, packet, request, nas, verdict);
        if (length == 0)
        {
            _duplicates.Forget(place);
            return Drop(DropReason.ReplyTooLong);
        }

        nas.Company.Counters.Login(verdict.Outcome);
        nas.State.Counters.Logins.Increment(verdict.Outcome);
        _log.Add(nas.Company.TenantId, nas.Id, request, verdict, _utcTicks, isTest: false);
        decidedFor = nas;
        if (!verdict.IsAccepted && _rejectDelay > 0 && _delayed.TryAdd(buffer[..length], from, _now + _rejectDelay))
        {
            _duplicates.Answer(place, buffer[..length], _now + _rejectDelay);
            return 0;
        }

        _duplicates.Answer(place, buffer[..length], _now);
        return length;
    }

    /// <summary>
    /// What Message-Authenticator says against taking the request (RFC 3579 §3.2). One without it may be taken under the rules Off and
    /// Learn, but never with a Proxy-State, which is what the attack of CVE-2024-3596 needs.
    /// </summary>
    private DropReason? MayBeForged(in RadiusPacket packet, NasEntry nas)
    {
        switch (RadiusSignature.CheckRequest(packet, nas.Secret))
        {
            case MessageAuthenticatorState.Invalid:
                nas.State.Counters.BadLoginAuthenticators.Increment();
                return DropReason.BadAuthenticator;
            case MessageAuthenticatorState.Valid:
                // With EAP it must be there whatever the NAS does elsewhere (RFC 3579 §3.2), so that teaches nothing about PPP.
                if (nas.Rule is MessageAuthenticatorRule.Learn && packet is { Code: RadiusCode.AccessRequest, HasEapMessage: false } && nas.State.SawMessageAuthenticator())
                {
                    _learned.Add(nas.State);
                }

                return null;
            default:
                break;
        }

        if (nas.Rule is MessageAuthenticatorRule.Required || (nas.Rule is MessageAuthenticatorRule.Learn && nas.State.MessageAuthenticatorSeen))
        {
            return DropReason.MessageAuthenticatorMissing;
        }

        return packet.HasProxyState && nas.Rule is not MessageAuthenticatorRule.Off ? DropReason.ProxyStateWithoutMessageAuthenticator : null;
    }

    private void CountDuplicate(NasEntry nas)
    {
        Counters.Duplicates++;
        nas.State.Counters.LoginDuplicates.Increment();
        nas.Company.Counters.LoginDuplicates.Increment();
    }

    private int DropStranger(Peer from)
    {
        if (_transport is Transport.Udp) // a certificate that is not known was noted when it connected, with its address
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
}
