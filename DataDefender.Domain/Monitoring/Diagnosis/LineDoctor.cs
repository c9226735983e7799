using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;

namespace DataDefender.Domain.Monitoring.Diagnosis;

/// <summary>
/// Says why a line is offline: rules over a snapshot, each of which may give a verdict with what it rests on. Nothing is certain that
/// rests on something old. Pure.
/// </summary>
public static class LineDoctor
{
    public const int Certain = 90;

    /// <summary>The most that a verdict gets that rests on something old.</summary>
    public const int MostWhenStale = 60;

    private static readonly TimeSpan Live = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Started = TimeSpan.FromMinutes(2);

    /// <summary>A change reaches RadiusHost within this time: a refusal so soon after one is still the old state's.</summary>
    private static readonly TimeSpan Carried = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(12);

    private static readonly Func<LineFacts, IEnumerable<Verdict>>[] Rules = [OfSale, OfSession, OfLogins, OfRadius, OfNetwork, OfEnd, OfHistory, OfRouter];

    /// <summary>The likeliest first; never empty.</summary>
    public static IReadOnlyList<Verdict> Diagnose(LineFacts facts)
    {
        var verdicts = Rules.SelectMany(rule => rule(facts)).Select(v => Weigh(v, facts.Now))
            .GroupBy(v => v.Fault).Select(g => g.MaxBy(v => v.Confidence)!)
            .OrderByDescending(v => v.Confidence).ThenBy(v => v.Fault).ToList();
        return verdicts.Count > 0 ? verdicts : [new Verdict(Fault.Unknown, "Nothing is known that explains it", 20, "Ask the client to restart the equipment, then look at the logins here.", [])];
    }

    private static Verdict Weigh(Verdict verdict, DateTime now) =>
        verdict.Evidence.Any(e => e.IsStale(now)) ? verdict with { Confidence = Math.Min(verdict.Confidence, MostWhenStale) } : verdict;

    private static bool IsFresh(LineFacts facts, SessionFact session) => facts.Now - session.UpdatedAt <= (2 * facts.Interim) + TimeSpan.FromSeconds(30);

    private static bool IsOnline(LineFacts facts) => facts.Sessions.Any(s => IsFresh(facts, s)) || facts.OnRouter is { IsOnline: true };

    /// <summary>RADIUS has nothing to do with it.</summary>
    private static bool IsPushed(LineFacts facts) =>
        facts is { OnRouter: { } on, Sessions.Count: 0 } && (on.IsBound || on.Seen is not null || facts is { Logins.Count: 0, LastEnd: null });

    /// <summary>What was sold, and what the company's rules say of it.</summary>
    private static IEnumerable<Verdict> OfSale(LineFacts f)
    {
        var state = new Evidence($"The line is {f.State.ToString().ToLowerInvariant()}{(f.SuspendReason is { } why ? $" ({why.ToString().ToLowerInvariant()})" : "")}.", f.StateSince);
        if (f.Company is not CompanyStatus.Active)
        {
            yield return new Verdict(Fault.CompanySuspended, "The company is not active, so no line is let in", 98, "The owner settles this with the platform.", [new Evidence($"The company is {f.Company.ToString().ToLowerInvariant()}.", null)]);
        }

        switch (f.State)
        {
            case SubscriptionState.Pending:
                yield return new Verdict(Fault.NotActivated, "The line was never switched on", 97, "Activate the line when the installation is done.", [state]);
                break;
            case SubscriptionState.Disconnected:
                yield return new Verdict(Fault.Disconnected, "The line was ended for good", 98, "Sell a new line.", [state]);
                break;
            case SubscriptionState.Suspended when IsOnline(f):
                yield return new Verdict(
                    Fault.WalledGarden, "It is online, but suspended: it reaches the payment page only", 97, f.SuspendReason is Subscriptions.SuspendReason.Unpaid ? "Take the payment, then restore the line." : "Settle the reason, then restore the line.",
                    [state, Report(f)]);
                break;
            case SubscriptionState.Suspended:
                yield return new Verdict(Fault.Suspended, "The line is suspended", 95, f.SuspendReason is Subscriptions.SuspendReason.Unpaid ? "Take the payment, then restore the line." : "Settle the reason, then restore the line.", [state]);
                break;
            case SubscriptionState.Active when f.Limit is LimitKind.Expired:
                yield return new Verdict(
                    Fault.Expired, "The paid time is over", 96, "Take a payment, or set a new end of the paid time.", [new Evidence(f.LimitReason ?? "The paid time has ended.", f.ExpiresAt ?? f.LimitSince)]);
                break;
            case SubscriptionState.Active when f.LimitAction is QuotaAction.Refuse or QuotaAction.WalledGarden:
                yield return new Verdict(
                    Fault.OverQuota, "It has used up what its package allows", 96, f.LimitUntil is { } until ? $"Sell a top-up, or wait until {until:d MMM HH:mm} UTC." : "Sell a top-up or a larger package.",
                    [new Evidence(f.LimitReason ?? "Its quota is used up.", f.LimitSince)]);
                break;
        }
    }

    private static IEnumerable<Verdict> OfSession(LineFacts f)
    {
        if (IsOnline(f) && f.State is SubscriptionState.Active && f.Limit is not LimitKind.Expired)
        {
            // One that waits for the router is a matter of moments; after minutes it is what the client notices.
            if (f.Command is { Status: LineCommandStatus.Failed or LineCommandStatus.Pending } failed
                && (failed.Status is LineCommandStatus.Failed ? f.Now - failed.At < TimeSpan.FromHours(12) : f.Now - failed.At > TimeSpan.FromMinutes(2)))
            {
                yield return new Verdict(
                    Fault.ChangeNotApplied, "It is online with what it had before: the last change did not reach the router", 93, "Drop the session; the client dials in again and gets the new state.",
                    [new Evidence($"{failed.By}, {failed.Because}: {failed.Detail ?? "it has not come through"}", failed.At), Report(f)]);
            }

            if (f.Limit is not LimitKind.None)
            {
                yield return new Verdict(Fault.OnlineSlowed, "It is online, and slowed by a rule", 94, "Explain the rule, or sell a top-up.", [new Evidence(f.LimitReason ?? "A rule slows it.", f.LimitSince), Report(f)]);
            }

            yield return new Verdict(
                Fault.Online, "The line is online", 92, "Ask the client to restart the Wi-Fi router and to try with a cable: the fault is behind the line.", [Report(f)]);
        }
    }

    private static Evidence Report(LineFacts f)
    {
        if (f.OnRouter is { IsOnline: true, Seen: { } seen } on && !f.Sessions.Any(s => IsFresh(f, s)))
        {
            return new Evidence($"{on.Router}: {seen.Evidence}.", on.At, on.GoodFor);
        }

        var session = f.Sessions.OrderByDescending(s => s.UpdatedAt).First();
        return new Evidence($"{session.Nas} reported its session.", session.UpdatedAt, (2 * f.Interim) + TimeSpan.FromSeconds(30));
    }

    /// <summary>The newest login, when nothing came after it.</summary>
    private static IEnumerable<Verdict> OfLogins(LineFacts f)
    {
        var last = f.Logins.Count > 0 ? f.Logins[0] : null;
        if (IsOnline(f) && !(last is { Outcome: LoginOutcome.TooManySessions } && f.Sessions.All(s => s.StartedAt < last.At)))
        {
            yield break;
        }

        if (f.Strangers is [var stranger, ..] && (last is null || stranger.At > last.At))
        {
            yield return new Verdict(
                Fault.TypedUsername, $"Its equipment dials in with another user name: “{stranger.Username}”", 91, $"Have the client type {f.Username} and its password again.",
                [new Evidence($"{stranger.Nas}: nobody is called “{stranger.Username}”, from {stranger.Mac}.", stranger.At, Recent)], "/logins?refused=true");
        }

        if (last is null || last.At < f.LastEnd?.StartedAt)
        {
            yield break;
        }

        var said = new Evidence($"{last.Nas} was told: {LoginExplanation.Of(last.Outcome).Title.ToLowerInvariant()}. {last.Detail}", last.At, Recent);
        if (!LoginExplanation.IsRefusal(last.Outcome))
        {
            if (f.Sessions.Count == 0 && (f.LastEnd is null || f.LastEnd.StoppedAt < last.At) && f.Now - last.At > Started)
            {
                yield return new Verdict(
                    Fault.AcceptedNoSession, "It was let in, and no session began", 84, $"Look on {last.Nas} whether the address pool is full and what the log says of {f.Username}.",
                    [said, new Evidence("No Start came after it.", f.Now, Live)]);
            }

            yield break;
        }

        if (Mending(f, last) is { } mending)
        {
            yield return Mended(f, last, mending, said);
            yield break;
        }

        var (fault, title, confidence) = last.Outcome switch
        {
            LoginOutcome.WrongPassword => (Fault.WrongPassword, "It dials in with a wrong password", 93),
            LoginOutcome.WrongCaller => (Fault.WrongCaller, "It dials in from other equipment than the line is locked to", 95),
            LoginOutcome.WrongPlace => (Fault.WrongPlace, "It dials in from another place than the line is locked to", 95),
            LoginOutcome.UnsupportedMethod => (Fault.UnsupportedMethod, "Its NAS signs in by a method that we do not take", 95),
            LoginOutcome.NotActivated => (Fault.NotActivated, "The line was never switched on", 97),
            LoginOutcome.Disconnected => (Fault.Disconnected, "The line was ended for good", 98),
            LoginOutcome.CompanySuspended => (Fault.CompanySuspended, "The company is not active, so no line is let in", 98),
            LoginOutcome.OverQuota => (Fault.OverQuota, "It has used up what its package allows", 96),
            LoginOutcome.Suspended => (Fault.Suspended, "The line is suspended", 96),
            LoginOutcome.Expired => (Fault.Expired, "The paid time is over", 96),
            LoginOutcome.TooManySessions => Sessions(f, last),
            _ => (Fault.Unknown, LoginExplanation.Of(last.Outcome).Title, 70),
        };
        var next = LoginExplanation.Of(last.Outcome).NextAction;
        List<Evidence> evidence = [said];
        switch (fault)
        {
            case Fault.WrongPassword when f.Nas is { AcceptedLately: 0, WrongPasswordsLately: >= 3 } nas:
                yield return new Verdict(
                    Fault.SecretMismatch, $"Nobody gets in on {nas.Name}: its secret is probably another", 88, "Compare the secret on the router with the one here.",
                    [new Evidence($"{nas.WrongPasswordsLately} user names were refused on it for a wrong password, and none was let in.", last.At, Recent)], $"/nas?edit={nas.Id}");
                confidence = 55;
                break;
            case Fault.WrongPassword when Changed(f, "Password") is { } change && (f.LastEnd is null || f.LastEnd.StartedAt < change.At):
                (fault, title) = (Fault.PasswordChanged, "The password was changed here, and its equipment still has the old one");
                next = "Send the client the credentials, or type them into the equipment.";
                evidence.Add(new Evidence($"{change.By} changed the password.", change.At));
                break;
            case Fault.WrongCaller when f.CallerLock is { } locked:
                evidence.Add(new Evidence($"The line is locked to {locked}; {last.Mac ?? "no address"} dialled in.", last.At));
                break;
            case Fault.GhostSession:
                evidence.AddRange(f.Sessions.Select(s => new Evidence($"A session on {s.Nas} is open and last reported then.", s.UpdatedAt)));
                next = "Drop the open session; the next try gets in.";
                break;
            case Fault.SharedCredentials:
                evidence.AddRange(f.Sessions.Select(s => new Evidence($"{s.Mac ?? "Somebody"} is online with it on {s.Nas}.", s.UpdatedAt)));
                next = "Change the password: somebody else uses it.";
                break;
        }

        yield return new Verdict(fault, title, confidence, next, evidence);
    }

    /// <summary>Whether what a login was refused for still stands.</summary>
    /// <param name="At">When it was mended; null when that is not known.</param>
    private readonly record struct Cure(DateTime? At);

    /// <summary>Null while the refusal still stands, or nothing here can say whether it does.</summary>
    private static Cure? Mending(LineFacts f, LoginFact refused)
    {
        Cure? When(bool cured, DateTime? at) => cured ? new Cure(at) : null;
        DateTime? Changes(params string[] fields) => f.Changes.Where(c => c.At > refused.At && c.Fields.Any(x => fields.Any(field => x.Contains(field, StringComparison.OrdinalIgnoreCase)))).Select(c => (DateTime?)c.At).Min();
        switch (refused.Outcome)
        {
            case LoginOutcome.NotActivated:
                return When(f.State is not SubscriptionState.Pending, f.StateSince);
            case LoginOutcome.Disconnected:
                return When(f.State is not SubscriptionState.Disconnected, f.StateSince);
            case LoginOutcome.Suspended:
                return When(f.State is not SubscriptionState.Suspended, f.StateSince);
            case LoginOutcome.CompanySuspended:
                return When(f.Company is CompanyStatus.Active, null);
            case LoginOutcome.Expired:
                return When(f.Limit is not (LimitKind.Expired or LimitKind.Grace) && !(f.ExpiresAt <= f.Now), Changes(nameof(Subscription.ExpiresAt)));
            case LoginOutcome.OverQuota:
                return When(f.LimitAction is not (QuotaAction.Refuse or QuotaAction.WalledGarden), null);
            case LoginOutcome.WrongCaller:
                return When(f.Binding.TakesAnyCaller(f.CallerLock) || (refused.Mac is { } mac && (mac == f.CallerLock || f.Binding.MoreCallers.Contains(mac))), Changes(nameof(Subscription.CallerLock), nameof(LineBinding.MoreCallers)));
            case LoginOutcome.WrongPlace:
                // On which port it came in is not kept: a lock on one may fit now, when it was changed since.
                var changed = Changes(nameof(Subscription.Binding), nameof(LineBinding.NasId), nameof(LineBinding.PortId), nameof(LineBinding.Vlan));
                return When((f.Binding.NasId is null || f.Binding.NasId == refused.NasId) && ((f.Binding.PortId is null && f.Binding.Vlan is null) || changed is not null), changed);
            case LoginOutcome.WrongPassword:
                var password = Changes("Password");
                return When(password is not null, password);
            case LoginOutcome.TooManySessions:
                return When(f.Sessions.Count == 0, f.LastEnd?.StoppedAt > refused.At ? f.LastEnd.StoppedAt : null);
            default:
                return null;
        }
    }

    private static Verdict Mended(LineFacts f, LoginFact refused, Cure mending, Evidence said)
    {
        var what = LoginExplanation.Of(refused.Outcome).Title.ToLowerInvariant();
        if (mending.At <= refused.At - Carried)
        {
            return new Verdict(
                Fault.Unknown, $"It was refused ({what}), which is not so any more for what is known here", MostWhenStale, $"Read what {refused.Nas} was told, and see whether RadiusHost hears of changes.",
                [said, new Evidence($"The line is {f.State.ToString().ToLowerInvariant()}.", f.StateSince)]);
        }

        var since = mending.At is { } at ? new Evidence("That was mended.", at) : new Evidence("That does not hold any more.", f.Now, Live);
        return new Verdict(
            Fault.NotDialledSince, $"It was refused ({what}), that was mended, and it has not dialled in since", 82,
            "Have the client restart the equipment: it would be let in now.", [said with { GoodFor = null }, since]);
    }

    private static (Fault, string, int) Sessions(LineFacts f, LoginFact login) =>
        f.Sessions.Any(s => s.Mac is not null && login.Mac is not null && s.Mac != login.Mac && IsFresh(f, s))
            ? (Fault.SharedCredentials, "Somebody else is online with its credentials", 94)
            : (Fault.GhostSession, "An old session that is not there any more holds its place", 91);

    private static ChangeFact? Changed(LineFacts f, string field) =>
        f.Changes.FirstOrDefault(c => f.Now - c.At < TimeSpan.FromDays(3) && c.Fields.Any(x => x.Contains(field, StringComparison.OrdinalIgnoreCase)));

    private static IEnumerable<Verdict> OfRadius(LineFacts f)
    {
        if (IsPushed(f))
        {
            yield break;
        }

        if (IsOnline(f) && !f.Sessions.Any(s => f.Logins.Count > 0 && f.Logins[0].At > s.UpdatedAt))
        {
            // It is online, so RADIUS did its part.
            if (f.Feed.IsHeard || f.Feed.Since is null)
            {
                yield break;
            }
        }

        if (f.Feed is { Problem: { } problem, Since: { } since })
        {
            yield return new Verdict(Fault.RadiusDown, "RADIUS is not heard: nobody new comes online", IsOnline(f) ? 40 : 91, "See whether RadiusHost runs.", [new Evidence(problem, since)], "/incidents");
        }

        if (f.Nas is not { } nas || IsOnline(f))
        {
            yield break;
        }

        if (!nas.IsEnabled)
        {
            yield return new Verdict(Fault.NasDisabled, $"{nas.Name} is switched off here, so RADIUS does not answer it", 93, "Switch the NAS on.", [new Evidence($"{nas.Name} is switched off.", null)], $"/nas?edit={nas.Id}");
            yield break;
        }

        if (f.Feed.IsHeard && nas is { BadNow: >= 3 } && nas.BadNow > nas.GoodNow)
        {
            yield return new Verdict(
                Fault.SecretMismatch, $"{nas.Name} and RADIUS have different secrets", 94, "Paste the secret into the router again.",
                [new Evidence($"{nas.BadNow} packets with a wrong signature in the last minute, {nas.GoodNow} right ones.", f.Feed.HeardAt, Live)], $"/nas?edit={nas.Id}");
        }
        else if (f.Feed.IsHeard && f.Router is not { State: RouterState.Down } && nas.HeardAt is { } heard && f.Now - heard > Silence && (f.Logins.Count == 0 || f.Logins[0].At < heard))
        {
            yield return new Verdict(
                Fault.NasSilent, $"{nas.Name} has sent RADIUS nothing for a while", 83, "See whether the router reaches RadiusHost: its RADIUS entry, route and firewall.", [new Evidence("Its last packet.", heard)], $"/nas?edit={nas.Id}");
        }
    }

    private static IEnumerable<Verdict> OfNetwork(LineFacts f)
    {
        if (IsOnline(f))
        {
            yield break;
        }

        if (f.Work is { } work && f.Router is not { State: RouterState.Up })
        {
            yield return new Verdict(Fault.PlannedWork, "Planned work is going on where it hangs", 96, $"Tell the client: {work.Reason}, until {work.Until:HH:mm} UTC.", [new Evidence(work.Reason, work.From)], "/maintenance");
        }

        if (f.Incident is { CutsClients: true } incident)
        {
            var mass = incident.CauseKey.StartsWith("mass:", StringComparison.Ordinal);
            var own = f.Router is { } at && incident.CauseKey == $"router:{at.Id:N}";
            var (fault, title, confidence) = mass ? (Fault.AreaOutage, "It went together with its neighbours", incident.NamesLine ? 95 : 72)
                : own ? (Fault.RouterDown, $"Its router is down: {f.Router!.Name}", 95)
                : (Fault.UpstreamDown, "What its router hangs on is down", incident.NamesLine ? 94 : 85);
            yield return new Verdict(fault, title, confidence, $"Tell the client that incident #{incident.Number} is being worked on.", [new Evidence($"Incident #{incident.Number}: {incident.Title}.", incident.OpenedAt)], $"/incidents/{incident.Id}");
        }

        if (f.Router is not { } router)
        {
            yield break;
        }

        var read = new Evidence($"{router.Name} is {router.State.ToString().ToLowerInvariant()}{(router.Reason is { } why ? $": {why}" : "")}", router.At, Live);
        switch (router.State)
        {
            case RouterState.Down:
                // Dark together with what it hangs on, it is not the cause.
                var behind = f.Incident is { CutsClients: true } other && other.CauseKey != $"router:{router.Id:N}";
                yield return new Verdict(Fault.RouterDown, $"Its router is down: {router.Name}", behind ? 80 : 94, "Check the router's power and uplink.", [read], $"/routers/{router.Id}");
                break;
            case RouterState.Unknown:
                yield return new Verdict(Fault.RouterUnknown, $"Nothing is known of its router {router.Name}", 35, "Test the connection to the router; the client may well be fine.", [read], $"/routers/{router.Id}");
                break;
            default:
                if (router.Port is { Disabled: true } off)
                {
                    yield return new Verdict(Fault.PortDisabled, $"Its port {off.Name} on {router.Name} is switched off", 95, $"Enable {off.Name} on the router.", [read, new Evidence($"{off.Name} is disabled.", router.At, Live)], $"/routers/{router.Id}");
                }
                else if (router.Port is { Running: false } dead)
                {
                    yield return new Verdict(Fault.PortDown, $"Its port {dead.Name} on {router.Name} has no link", 94, $"Check what is plugged into {dead.Name}: cable, injector, radio or switch.", [read, new Evidence($"{dead.Name} has no link.", router.At, Live)], $"/routers/{router.Id}");
                }
                else if (router.CpuPercent >= 97)
                {
                    yield return new Verdict(Fault.RouterOverloaded, $"{router.Name} is overloaded", 66, "See what loads the router before anything else.", [read, new Evidence($"Its load is {router.CpuPercent}%.", router.At, Live)], $"/routers/{router.Id}");
                }

                break;
        }
    }

    /// <summary>How its last session ended, while nothing came after it.</summary>
    private static IEnumerable<Verdict> OfEnd(LineFacts f)
    {
        if (f.Sessions.Count > 0 || f.LastEnd is not { } end || (f.Logins.Count > 0 && f.Logins[0].At > end.StoppedAt && f.Logins[0].At > end.StartedAt.AddMinutes(1)))
        {
            yield break;
        }

        var ended = new Evidence($"Its session on {end.Nas} ended: {end.Cause}.", end.StoppedAt);
        if (f.EndedLastHour >= 5)
        {
            yield return new Verdict(Fault.UnstableLine, "Its connection breaks again and again", 86, "Send a technician: radio signal, cable or power at the client's.", [new Evidence($"{f.EndedLastHour} sessions ended within an hour.", end.StoppedAt), ended]);
        }

        switch (end.Cause)
        {
            case "Admin-Reset" when f.Command is { } command && (end.StoppedAt - command.At).Duration() < TimeSpan.FromMinutes(2):
                yield return new Verdict(
                    Fault.DroppedByUs, "It was dropped from here and has not dialled in again", 85, "Have the client restart the equipment.", [new Evidence($"{command.By}: {command.Because}.", command.At), ended]);
                break;
            case "Admin-Reset":
                yield return new Verdict(Fault.DroppedOnRouter, "Somebody dropped it on the router, and it has not dialled in again", 80, "Have the client restart the equipment; ask who dropped it.", [ended]);
                break;
            case "User-Request":
                yield return new Verdict(Fault.ClientHungUp, "Its own equipment hung up", 80, "Ask whether the router was switched off or restarted; have it switched on.", [ended]);
                break;
            case "Session-Timeout":
                yield return new Verdict(Fault.SessionTimeout, "Its session reached its time limit, and it has not dialled in again", 86, "Have the client dial in again.", [ended]);
                break;
            case "Idle-Timeout":
                yield return new Verdict(Fault.IdleTimeout, "Nothing flowed for so long that the router closed its session", 86, "Have the client use the line: it dials in by itself.", [ended]);
                break;
            case OwnCauses.NasRestart or "NAS-Reboot":
                yield return new Verdict(Fault.NasRestarted, $"{end.Nas} restarted, and its equipment has not dialled in again", 84, "Have the client restart the equipment.", [ended]);
                break;
            case "NAS-Error" or "NAS-Request" or "Port-Error" or "Service-Unavailable" or "Port-Suspended":
                yield return new Verdict(Fault.NasEnded, $"{end.Nas} ended its session", 78, $"Look into the log of {end.Nas}.", [ended]);
                break;
            default:
                var neighbours = f.Nas is { OpenOnPort: > 0 } nas ? nas.OpenOnPort : 0;
                yield return new Verdict(
                    Fault.CustomerSide, "The connection to its equipment was lost: power, cable or radio at the client's", neighbours > 0 ? 82 : 68, "Ask whether the power is on and what the lights show; else send a technician.",
                    neighbours > 0 ? [ended, new Evidence($"{neighbours} other {(neighbours == 1 ? "line is" : "lines are")} online on the same port.", f.Now, Live)] : [ended]);
                break;
        }
    }

    /// <summary>A line that its router has itself, and does not show as online.</summary>
    private static IEnumerable<Verdict> OfRouter(LineFacts f)
    {
        if (!IsPushed(f) || IsOnline(f) || f.State is not SubscriptionState.Active)
        {
            yield break;
        }

        var on = f.OnRouter!;
        var read = new Evidence($"{on.Router} was read, and did not show it.", on.At, on.GoodFor);
        var failed = f.Command is { Status: LineCommandStatus.Failed or LineCommandStatus.Pending } command && f.Now - command.At > TimeSpan.FromMinutes(2) ? command : null;
        if (failed is not null)
        {
            yield return new Verdict(
                Fault.ChangeNotApplied, $"What was last changed did not reach {on.Router}, which lets it in by what it has itself", 88, "See on the router's configuration what is in the way, and have it tried again.",
                [new Evidence($"{failed.By}, {failed.Because}: {failed.Detail ?? "it has not come through"}", failed.At), read], $"/routers/{on.RouterId}/configuration");
        }

        yield return !on.IsFresh
            ? new Verdict(Fault.RouterUnknown, $"{on.Router} has not said for a while who is online on it", 50, "Test the connection to the router; the client may well be fine.", [on.Seen is null ? read : new Evidence($"{on.Router}: {on.Seen.Evidence}.", on.At, on.GoodFor)], $"/routers/{on.RouterId}")
            : on.TellsAbsence
                ? new Verdict(Fault.NotOnRouter, $"It is not online on {on.Router}, which lets its lines in without RADIUS", 80, "Ask whether the equipment is on and dials in; the router's log says under its user name or address why not.", [read], $"/routers/{on.RouterId}")
                : new Verdict(Fault.NotOnRouter, $"Nothing was seen of it on {on.Router}", 55, "Equipment with a fixed address that sends nothing is not seen: ping it from the router before sending anybody.", [read], $"/routers/{on.RouterId}");
    }

    private static IEnumerable<Verdict> OfHistory(LineFacts f)
    {
        if (!IsPushed(f) && f is { State: SubscriptionState.Active, Sessions.Count: 0, LastEnd: null, Logins.Count: 0, Strangers.Count: 0 })
        {
            yield return new Verdict(
                Fault.NeverDialled, "It has never dialled in", 82, "Finish the installation: type the credentials into the client's equipment.", [new Evidence("Active, and no login was ever seen.", f.StateSince)]);
        }

        if (f.Sessions.Count > 0 && !IsOnline(f) && (f.Logins.Count == 0 || f.Logins[0].At < f.Sessions[0].UpdatedAt))
        {
            var session = f.Sessions.OrderByDescending(s => s.UpdatedAt).First();
            yield return new Verdict(
                Fault.Unknown, "Its session is open, and has not reported for a while", 45, $"See whether {session.Nas} reports at all; then drop the session.",
                [new Evidence($"The last report from {session.Nas}.", session.UpdatedAt, (2 * f.Interim) + TimeSpan.FromSeconds(30))]);
        }
    }
}
