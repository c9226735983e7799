using System.Net;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox.RouterOs;

namespace DataDefender.Sandbox.Nas;

/// <summary>From the first packet of a login to the Stop.</summary>
public sealed partial class SimulatedNas
{
    /// <summary>Seconds that a device waits at most after a Reject, and when nobody answers: it does not know who is to blame.</summary>
    private const int Longest = 300;
    private const int LongestWithoutAnswer = 30;

    private static readonly TimeSpan VolumeCheck = TimeSpan.FromSeconds(10);

    /// <summary>Ends a session: its rows go, the Stop leaves, the device dials again unless it was hung up.</summary>
    internal void End(LineSession session, AcctTerminateCause cause)
    {
        lock (_router.Gate)
        {
            if (session.HasEnded)
            {
                return;
            }

            var (subscriber, now) = (session.Subscriber, _router.Clock.Now);
            session.Count(now);
            session.HasEnded = true;
            _router.Sessions.Remove(session);
            foreach (var (table, row) in session.Rows)
            {
                table.Delete(row);
            }

            _router.Pools.Give(session.Address);
            LogEnd(session, cause, now);
            if (session.ByRadius && !_router.Faults.Strikes(Fault.LoseStop))
            {
                Account(AcctStatusType.Stop, session, cause);
            }

            if (subscriber.Session == session)
            {
                subscriber.Session = null;
                subscriber.LastFailure = $"session ended: {cause}";
                if (subscriber.State == LineState.Online)
                {
                    Redial(subscriber, cause == AcctTerminateCause.LostCarrier ? 5 : 2, Longest);
                }
            }

            Changed();
        }
    }

    /// <summary>Another rate for a session that is up; the queue comes, goes or changes.</summary>
    internal void SetLimit(LineSession session, string? text, RateLimit limit)
    {
        session.SetLimit(text, limit);
        var queues = _router.Table("/queue/simple");
        var shown = session.Rows.FirstOrDefault(r => r.Table == queues);
        if (shown.Row is null && text is not null)
        {
            session.Rows.Add((queues, queues.InsertDynamic(session)));
        }
        else if (shown.Row is not null && text is null)
        {
            queues.Delete(shown.Row);
            session.Rows.Remove(shown);
        }
        else if (shown.Row is not null)
        {
            queues.Store.Touch(shown.Row);
        }
    }

    /// <summary>Puts the session's address on these lists (comma-separated) and takes it off the ones it was put on before.</summary>
    internal void SetAddressList(LineSession session, string? lists)
    {
        var table = _router.Table("/ip/firewall/address-list");
        foreach (var old in session.Rows.Where(r => r.Table == table).ToList())
        {
            session.Rows.Remove(old);
            table.Delete(old.Row);
        }

        session.AddressList = string.IsNullOrEmpty(lists) ? null : lists;
        foreach (var list in (lists ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var row = table.InsertDynamic(source: null, ("list", list), ("address", session.Address.ToString()), ("creation-time", RouterFormat.DateTime(_router.LocalTime, _router.Personality)));
            session.Rows.Add((table, row));
        }
    }

    internal void SetSessionTimeout(LineSession session, TimeSpan? timeout)
    {
        session.SessionTimeout = timeout;
        if (timeout is { } time)
        {
            _router.Scheduler.At(session.StartedAt + time, () =>
            {
                if (session.SessionTimeout == time)
                {
                    End(session, AcctTerminateCause.SessionTimeout);
                }
            });
        }
    }

    private void Dial(Subscriber subscriber, IPAddress? hotspotAddress, Action<string?>? outcome)
    {
        var generation = subscriber.Generation;
        subscriber.State = LineState.Dialling;
        var sessionId = NextSessionId(subscriber.Service == SubscriberService.Pppoe ? (byte)0x81 : (byte)0x80);
        if (subscriber.Service == SubscriberService.Hotspot)
        {
            hotspotAddress ??= _router.Pools.Take("hotspot-pool", "hotspot", subscriber.Mac);
            if (hotspotAddress is null)
            {
                Fail(subscriber, "no more free addresses in pool", outcome);
                return;
            }
        }

        if (LocalUser(subscriber) is { } local)
        {
            LetInLocally(subscriber, local, sessionId, hotspotAddress, outcome);
        }
        else if (UsesRadius(subscriber.Service) && Target(subscriber.Service) is { } target)
        {
            var request = _requests.Access(subscriber, sessionId, hotspotAddress, target);
            _socket?.Send(request, target, reply =>
            {
                lock (_router.Gate)
                {
                    if (generation == subscriber.Generation && _isUp)
                    {
                        Judge(subscriber, sessionId, hotspotAddress, request, reply, outcome);
                    }
                    else if (hotspotAddress is not null)
                    {
                        _router.Pools.Give(hotspotAddress);
                    }
                }
            });
        }
        else
        {
            Fail(subscriber, "invalid user name or password", outcome, hotspotAddress);
        }
    }

    private void Judge(Subscriber subscriber, string sessionId, IPAddress? hotspotAddress, RadiusMessage request, RadiusMessage? reply, Action<string?>? outcome)
    {
        switch (reply?.Code)
        {
            case RadiusCode.AccessAccept:
                Counters.CountAccept();
                if (LetIn(subscriber, sessionId, hotspotAddress, request, reply) is { } failure)
                {
                    Fail(subscriber, failure, outcome, hotspotAddress);
                }
                else
                {
                    outcome?.Invoke(null);
                }

                break;
            case RadiusCode.AccessReject:
                Counters.CountReject();
                Fail(subscriber, reply.GetText("Reply-Message") is { Length: > 0 } said ? $"rejected: {said}" : "rejected", outcome, hotspotAddress);
                break;
            case null:
                Fail(subscriber, "RADIUS server is not responding", outcome, hotspotAddress, LongestWithoutAnswer);
                break;
            default:
                Fail(subscriber, $"RADIUS server answered {reply.Code}", outcome, hotspotAddress);
                break;
        }
    }

    /// <summary>Does what an Accept says; null when the session stands, else why it cannot.</summary>
    private string? LetIn(Subscriber subscriber, string sessionId, IPAddress? hotspotAddress, RadiusMessage request, RadiusMessage reply)
    {
        if (subscriber.Method == AuthenticationMethod.MsChapV2 && !request.IsProvenBy(reply, subscriber.Password))
        {
            return "the server's MS-CHAP2-Success is missing or wrong";
        }

        var profile = Profile(reply.GetText("Mikrotik-Group"));
        if (subscriber.Method == AuthenticationMethod.MsChapV2 && profile?["use-encryption"] == "required" && reply.Find("MS-MPPE-Send-Key") is null)
        {
            return "encryption is required and the server sent no keys";
        }

        var limitText = reply.GetText("Mikrotik-Rate-Limit") ?? profile?["rate-limit"];
        var limit = RateLimit.None;
        if (limitText is { Length: > 0 } && !RateLimit.TryParse(limitText, out limit))
        {
            return $"Mikrotik-Rate-Limit '{limitText}' makes no sense";
        }

        var address = hotspotAddress ?? AddressFrom(reply, subscriber, profile);
        if (address is null)
        {
            return "could not determine remote address, using 0.0.0.0";
        }

        var session = new LineSession(_router, subscriber, sessionId, address, _router.Clock.Now, byRadius: true)
        {
            InterfaceName = FreeName(subscriber),
            Classes = [.. reply.All("Class").Select(c => c.Value.ToArray())],
            Volume = VolumeIn(reply),
            InterimInterval = reply.GetNumber("Acct-Interim-Interval") is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : InterimOfRouter(subscriber.Service),
        };
        var timeout = reply.GetNumber("Session-Timeout") is > 0 and var limitSeconds ? TimeSpan.FromSeconds(limitSeconds) : (TimeSpan?)null;
        Stand(session, limitText is { Length: > 0 } ? limitText : null, limit, reply.GetText("Mikrotik-Address-List") ?? profile?["address-list"], timeout);
        return null;
    }

    private void Stand(LineSession session, string? limitText, RateLimit limit, string? lists, TimeSpan? timeout)
    {
        var subscriber = session.Subscriber;
        if (subscriber.Session is { } stale)
        {
            End(stale, AcctTerminateCause.LostCarrier);
        }

        (subscriber.Session, subscriber.State, subscriber.Failures, subscriber.LastFailure) = (session, LineState.Online, 0, null);
        _router.Sessions.Add(session);
        foreach (var menu in subscriber.Service == SubscriberService.Pppoe ? new[] { "/interface", "/ppp/active" } : ["/ip/hotspot/host", "/ip/hotspot/active"])
        {
            var table = _router.Table(menu);
            session.Rows.Add((table, table.InsertDynamic(session)));
        }

        SetLimit(session, limitText, limit);
        SetAddressList(session, lists);
        session.SetWalled(_router.IsWalled(session.Address));
        SetSessionTimeout(session, timeout);
        _router.Log(subscriber.Service == SubscriberService.Pppoe ? "pppoe,ppp,info,account" : "hotspot,info,account", $"{subscriber.Username} logged in, {session.Address} from {subscriber.Mac}");
        if (session.ByRadius)
        {
            Account(AcctStatusType.Start, session);
            ScheduleInterim(session, session.StartedAt);
        }

        if (session.Volume is not (null, null, null))
        {
            ScheduleVolumeCheck(session);
        }

        if (_router.World.MeanSessionHours > 0)
        {
            ScheduleBreak(session);
        }

        Changed();
    }

    private void Account(AcctStatusType type, LineSession session, AcctTerminateCause? cause = null)
    {
        var accounts = session.Subscriber.Service == SubscriberService.Pppoe
            ? _router.Table("/ppp/aaa") is var aaa && aaa.Value(aaa.Only, "accounting") == "true"
            : _router.Table("/ip/hotspot/profile") is var profiles && profiles.Find("default") is { } row && profiles.Value(row, "radius-accounting") == "true";
        if (accounts && Target(session.Subscriber.Service) is { } target)
        {
            _socket?.Send(_requests.Accounting(type, session, _router.Clock.Now, cause), target, CountAnswer);
        }
    }

    /// <summary>Updates keep their rhythm; those that a jump of the clock leapt over are left out.</summary>
    private void ScheduleInterim(LineSession session, DateTimeOffset last)
    {
        if (session.InterimInterval is not { } interval)
        {
            return;
        }

        var now = _router.Clock.Now;
        var due = now - last < interval * 2 ? last + interval : now + interval;
        _router.Scheduler.At(due, () =>
        {
            lock (_router.Gate)
            {
                if (!session.HasEnded)
                {
                    session.Count(_router.Clock.Now);
                    Account(AcctStatusType.InterimUpdate, session);
                    ScheduleInterim(session, due);
                }
            }
        });
    }

    private void ScheduleVolumeCheck(LineSession session) => _router.Scheduler.After(VolumeCheck, () =>
    {
        lock (_router.Gate)
        {
            session.Count(_router.Clock.Now);
            var (up, down, total) = session.Volume;
            if (session.UploadBytes >= up || session.DownloadBytes >= down || session.UploadBytes + session.DownloadBytes >= total)
            {
                End(session, AcctTerminateCause.SessionTimeout);
            }
            else if (!session.HasEnded)
            {
                ScheduleVolumeCheck(session);
            }
        }
    });

    /// <summary>Exponentially distributed, from the seed: when this line will break.</summary>
    private void ScheduleBreak(LineSession session)
    {
        var hours = -_router.World.MeanSessionHours * Math.Log(1 - Seeded.Unit(_router.Seed, session.Id));
        _router.Scheduler.After(TimeSpan.FromHours(Math.Max(hours, 0.02)), () => End(session, AcctTerminateCause.LostCarrier));
    }

    private void Fail(Subscriber subscriber, string reason, Action<string?>? outcome, IPAddress? hotspotAddress = null, int longest = Longest)
    {
        if (hotspotAddress is not null)
        {
            _router.Pools.Give(hotspotAddress);
        }

        subscriber.LastFailure = reason;
        subscriber.Failures++;
        _router.Log(subscriber.Service == SubscriberService.Pppoe ? "pppoe,ppp,error" : "hotspot,info,debug", $"user {subscriber.Username} authentication failed - {reason}");
        if (outcome is null)
        {
            Redial(subscriber, 10, longest);
        }
        else
        {
            subscriber.State = LineState.Idle;
            outcome(reason);
        }

        Changed();
    }

    /// <summary>After the base in simulated seconds, doubled with each failure up to the longest, and a quarter of chance.</summary>
    private void Redial(Subscriber subscriber, int seconds, int longest)
    {
        if (!subscriber.Redials)
        {
            subscriber.State = LineState.Idle;
            return;
        }

        subscriber.State = LineState.Waiting;
        var generation = ++subscriber.Generation;
        var wait = Math.Min(longest, seconds * Math.Pow(2, Math.Max(0, subscriber.Failures - 1))) * (1 + (0.25 * Seeded.Unit(_router.Seed, subscriber.Username, generation)));
        _router.Scheduler.After(TimeSpan.FromSeconds(wait), () =>
        {
            lock (_router.Gate)
            {
                if (generation == subscriber.Generation && _isUp)
                {
                    Queue(subscriber);
                }
            }
        });
    }

    private void LogEnd(LineSession session, AcctTerminateCause cause, DateTimeOffset now)
    {
        var (subscriber, why) = (session.Subscriber, cause switch
        {
            AcctTerminateCause.AdminReset => "administrator request",
            AcctTerminateCause.SessionTimeout => "session timeout",
            AcctTerminateCause.UserRequest => "peer is not responding",
            _ => "hungup",
        });
        if (subscriber.Service == SubscriberService.Pppoe)
        {
            _router.Log("pppoe,ppp,info", $"{session.InterfaceName}: terminating... - {why}");
        }

        _router.Log(subscriber.Service == SubscriberService.Pppoe ? "pppoe,ppp,info,account" : "hotspot,info,account",
            $"{subscriber.Username} logged out, {(long)session.Uptime(now).TotalSeconds} {session.UploadBytes} {session.DownloadBytes} {session.UploadPackets} {session.DownloadPackets} from {subscriber.Mac}");
        if (!session.ByRadius && _router.Table("/ppp/secret").Find(subscriber.Username) is { } secret)
        {
            (secret["last-logged-out"], secret["last-caller-id"], secret["last-disconnect-reason"]) = (RouterFormat.DateTime(_router.LocalTime, _router.Personality), subscriber.Mac, why.Replace(' ', '-'));
        }
    }

    private string FreeName(Subscriber subscriber)
    {
        var kind = subscriber.Service == SubscriberService.Pppoe ? "pppoe" : "hotspot";
        var name = $"<{kind}-{subscriber.Username}>";
        for (var i = 1; _router.Table("/interface").Store.ByName(name) is not null; i++)
        {
            name = $"<{kind}-{subscriber.Username}-{i}>";
        }

        return name;
    }
}
