using System.Collections.Immutable;

namespace DataDefender.Sandbox;

/// <summary>What real life does to a router, to its API and to its RADIUS client.</summary>
public enum Fault
{
    /// <summary>API: connections are refused and open ones closed.</summary>
    Refused,

    /// <summary>API: nothing answers, not even the SYN; open connections hang until the fault is off, then answer late.</summary>
    Dark,

    /// <summary>API: every command waits <see cref="FaultSetting.Delay"/> (300 ms when zero).</summary>
    Slow,

    /// <summary>API: accepts the connection and never says a word.</summary>
    SilentAfterAccept,

    /// <summary>API: half of a reply, then RST.</summary>
    ResetMidReply,

    /// <summary>API: half of a reply, then silence on that connection.</summary>
    SilentMidReply,

    /// <summary>API: a kind of reply that no version has yet comes before the answer.</summary>
    StrangeReply,

    /// <summary>API: in place of the answer comes a byte that stands for no length.</summary>
    ControlByte,

    /// <summary>API: in place of the answer comes a word that says it is 256 MiB long.</summary>
    HugeWord,

    /// <summary>API: a write is answered as if it were done and is not.</summary>
    IgnoreWrites,

    /// <summary>API: the connection closes in place of the answer to a write, which was applied.</summary>
    CutAfterWrite,

    /// <summary>API: the connection closes in place of the answer to a write, which was not applied.</summary>
    CutBeforeWrite,

    /// <summary>API: the right password is refused.</summary>
    RefuseLogin,

    /// <summary>A downloaded version is not there after the reboot: the router comes back as it was.</summary>
    UpgradeNotTaken,

    /// <summary>After the reboot of an upgrade the router stays away until the fault is off.</summary>
    LostInUpgrade,

    /// <summary>The update server cannot be reached.</summary>
    NoUpdateServer,

    /// <summary>NAS: the Stop of a session that ends is never sent.</summary>
    LoseStop,

    /// <summary>NAS: each request is sent twice, byte for byte.</summary>
    Retransmit,

    /// <summary>NAS: accounting requests leave in pairs, the later one first.</summary>
    Reorder,

    /// <summary>NAS: no RADIUS packet leaves or arrives.</summary>
    RadiusUplinkDown,

    /// <summary>NAS: CoA and Disconnect-Requests are not answered.</summary>
    IgnoreCoa,

    /// <summary>NAS: CoA and Disconnect-Requests are refused with Error-Cause 501.</summary>
    NakCoa,
}

/// <param name="Delay">For <see cref="Fault.Slow"/>.</param>
/// <param name="Times">How often it strikes before it is over; null: until it is switched off.</param>
/// <param name="Path">Only commands that start with this: <c>/ppp/secret</c>.</param>
public sealed record FaultSetting(TimeSpan Delay = default, int? Times = null, string? Path = null);

/// <summary>The faults of one router. They may be switched from any thread, and strike from then on.</summary>
public sealed class FaultSwitchboard
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<Fault, FaultSetting> _active = ImmutableDictionary<Fault, FaultSetting>.Empty;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyDictionary<Fault, FaultSetting> Active => _active;

    /// <summary>Called after each switch with the fault and whether it is on.</summary>
    internal Action<Fault, bool>? Switched { get; set; }

    public void On(Fault fault, FaultSetting? setting = null) => Change(fault, setting ?? new FaultSetting());

    public void Off(Fault fault) => Change(fault, null);

    public void Clear()
    {
        foreach (var fault in _active.Keys)
        {
            Off(fault);
        }
    }

    internal bool IsOn(Fault fault) => _active.ContainsKey(fault);

    /// <summary>Whether it would strike here; counts nothing.</summary>
    internal bool Threatens(Fault fault, string path) =>
        _active.TryGetValue(fault, out var setting) && (setting.Path is not { } only || path.StartsWith(only, StringComparison.Ordinal));

    /// <summary>Whether the fault strikes here; counts it down when it strikes a limited number of times.</summary>
    internal bool Strikes(Fault fault, string path = "")
    {
        if (!Threatens(fault, path) || !_active.TryGetValue(fault, out var setting))
        {
            return false;
        }

        if (setting.Times is null)
        {
            return true;
        }

        bool over;
        lock (_gate)
        {
            if (!_active.TryGetValue(fault, out setting) || setting.Times is not > 0)
            {
                return false;
            }

            over = setting.Times == 1;
            if (!over)
            {
                _active = _active.SetItem(fault, setting with { Times = setting.Times - 1 });
            }
        }

        if (over)
        {
            Off(fault);
        }

        return true;
    }

    internal TimeSpan Delay(string path) =>
        _active.TryGetValue(Fault.Slow, out var setting) && Strikes(Fault.Slow, path)
            ? setting.Delay > TimeSpan.Zero ? setting.Delay : TimeSpan.FromMilliseconds(300)
            : TimeSpan.Zero;

    internal async Task WhileAsync(Fault fault, CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (!_active.ContainsKey(fault))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(ct);
        }
    }

    private void Change(Fault fault, FaultSetting? setting)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _active = setting is null ? _active.Remove(fault) : _active.SetItem(fault, setting);
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
        Switched?.Invoke(fault, setting is not null);
    }
}
