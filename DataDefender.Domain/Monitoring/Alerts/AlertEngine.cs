namespace DataDefender.Domain.Monitoring.Alerts;

/// <summary>
/// Turns readings into alerts by a company's rules: each rule and subject waits its delay, ends only after being well for a while, and
/// is held while it flaps. Knows no clock and no database. Unknown starts nothing and ends nothing.
/// </summary>
public sealed class AlertEngine
{
    private readonly Dictionary<(Guid? Rule, string Subject), Watched> _watched = [];

    /// <summary>All that is on now.</summary>
    public IReadOnlyList<ActiveAlert> Active => [.. _watched.Values.Select(w => w.Alert).OfType<ActiveAlert>()];

    /// <summary>Takes up what was on before a restart, so that it neither ends nor is told again.</summary>
    /// <param name="raisedAt">When alerts of that rule and subject were raised of late, for the damping.</param>
    public void Restore(ActiveAlert alert, IEnumerable<DateTime> raisedAt)
    {
        var watched = new Watched { Subject = alert.Subject, Alert = alert };
        watched.Raised.AddRange(raisedAt.Order());
        _watched[alert.Key] = watched;
    }

    /// <summary>Judges what is known now.</summary>
    /// <param name="inMaintenance">Subjects that somebody works on: nothing new is raised for them.</param>
    /// <param name="isUnread">Subjects of which nothing can be known now (the interfaces of a router that did not answer): their alerts stay, as stale.</param>
    /// <returns>True when an alert came, went, or changed in what people see of it.</returns>
    public bool Evaluate(
        DateTime now, IReadOnlyList<AlertRule> rules, IReadOnlyList<AlertReading> readings, AlertDamping damping, Func<AlertSubject, bool> inMaintenance,
        Func<AlertSubject, bool>? isUnread = null)
    {
        var changed = false;
        var seen = new HashSet<(Guid?, string)>();
        var byKind = rules.Where(r => r.IsEnabled).ToLookup(r => r.Kind);
        foreach (var reading in readings)
        {
            foreach (var rule in byKind[reading.Kind])
            {
                if (rule.Concerns(reading))
                {
                    seen.Add((rule.Id, reading.Subject.Key));
                    changed |= Judge(now, rule, reading, damping, inMaintenance(reading.Subject));
                }
            }
        }

        // A router that was removed, a rule that was switched off: nobody watches that any more.
        var asked = rules.Where(r => r.IsEnabled).Select(r => (Guid?)r.Id).ToHashSet();
        foreach (var (key, watched) in _watched.Where(w => w.Key.Rule is not null && !seen.Contains(w.Key)).ToList())
        {
            if (asked.Contains(key.Rule) && isUnread?.Invoke(watched.Subject) is true)
            {
                changed |= Unknown(watched);
                continue;
            }

            changed |= watched.Alert is not null;
            _watched.Remove(key);
        }

        return changed;
    }

    /// <summary>Holds what was found without a threshold (a mass disconnect) until it is ended.</summary>
    public void Raise(ActiveAlert alert) => _watched[alert.Key] = new Watched { Subject = alert.Subject, Alert = alert };

    /// <returns>False when it was not on.</returns>
    public bool End(ActiveAlert alert) => _watched.Remove(alert.Key);

    private bool Judge(DateTime now, AlertRule rule, AlertReading reading, AlertDamping damping, bool inMaintenance)
    {
        var key = ((Guid?)rule.Id, reading.Subject.Key);
        _watched.TryGetValue(key, out var watched);
        var value = rule.Measure(reading);
        switch (rule.IsWrong(value, watched?.Alert is not null))
        {
            case null:
                return watched is not null && Unknown(watched);
            case true:
                _watched[key] = watched ??= new Watched { Subject = reading.Subject };
                return Wrong(now, watched, rule, reading, value, damping, inMaintenance);
            default:
                return watched is not null && Well(now, watched, rule, damping);
        }
    }

    private static bool Unknown(Watched watched)
    {
        (watched.WrongSince, watched.WellSince) = (null, null);
        if (watched.Alert is not { IsStale: false } alert)
        {
            return false;
        }

        watched.Alert = alert with { IsStale = true };
        return true;
    }

    private static bool Wrong(DateTime now, Watched watched, AlertRule rule, AlertReading reading, double? value, AlertDamping damping, bool inMaintenance)
    {
        var wellSince = watched.WellSince;
        watched.WellSince = null;
        watched.WrongSince ??= reading.Since < now && !(reading.Since < wellSince) ? reading.Since : now; // one from before it was well is of the time before
        if (watched.Alert is { } alert)
        {
            watched.Alert = alert with
            {
                Value = value, Detail = reading.Detail, Severity = rule.Severity, Notifies = rule.Notifies, IsStale = false, Subject = reading.Subject,
                IsFlapping = alert.IsFlapping && watched.RaisedWithin(now, damping) >= damping.Count,
                AgainSince = wellSince is null ? alert.AgainSince : watched.WrongSince,
            };
            return wellSince is not null || alert.Severity != rule.Severity || alert.IsStale || alert.Subject != reading.Subject || alert.IsFlapping != watched.Alert.IsFlapping;
        }

        if (inMaintenance || now - watched.WrongSince < rule.Delay)
        {
            return false;
        }

        watched.Raised.Add(now);
        watched.Alert = new ActiveAlert(
            rule.Id, rule.Kind, rule.Severity, reading.Subject, watched.WrongSince.Value, value, reading.Detail, rule.Notifies, watched.RaisedWithin(now, damping) >= damping.Count);
        return true;
    }

    private static bool Well(DateTime now, Watched watched, AlertRule rule, AlertDamping damping)
    {
        watched.WrongSince = null;
        watched.WellSince ??= now;
        if (watched.Alert is not { } alert)
        {
            return false;
        }

        if (now - watched.WellSince < (alert.IsFlapping ? damping.Calm : rule.ClearAfter))
        {
            return false;
        }

        watched.Alert = null;
        return true;
    }

    private sealed class Watched
    {
        public required AlertSubject Subject { get; init; }

        public List<DateTime> Raised { get; } = [];

        public DateTime? WrongSince { get; set; }

        public DateTime? WellSince { get; set; }

        public ActiveAlert? Alert { get; set; }

        public int RaisedWithin(DateTime now, AlertDamping damping)
        {
            Raised.RemoveAll(at => now - at > damping.Within);
            return Raised.Count;
        }
    }
}
