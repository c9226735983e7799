using System.Globalization;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Infrastructure.Network.Provisioning;

internal enum DeadManState
{
    None,

    /// <summary>The router takes everything back unless it hears of us in time.</summary>
    Armed,

    /// <summary>It has done so.</summary>
    Fired,

    /// <summary>The router does not answer.</summary>
    Unknown,
}

/// <summary>
/// The dead-man's switch on the router itself: a script that takes the change back, and a scheduler that runs it unless we keep putting
/// it off. It counts the scheduler's own ticks, because a router's clock may jump, above all when its time servers are what is changed.
/// </summary>
internal sealed class DeadMan(IRouterGateway gateway, RouterEndpoint router, ProvisioningOptions options, TimeProvider clock, string markPrefix)
{
    /// <summary>Ticks of <see cref="Interval"/> without a sign of life: three minutes at most.</summary>
    private const int Ticks = 6;

    private const string Scripts = "/system/script";
    private const string Schedulers = "/system/scheduler";
    private const string Policy = "read,write,test";
    private const string UsersPolicy = "read,write,policy,test"; // RouterOS demands it for users and their groups, of a script as of a person

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly string _name = $"dd-{markPrefix.Split(':')[1]}-way-back";
    private long _put;
    private bool _isArmed;

    private string Mark => $"{markPrefix}way-back";

    private string FiredMark => $"{markPrefix}way-back/gone";

    public async Task<DeadManState> LookAsync(CancellationToken ct)
    {
        if (await RowsAsync(Scripts, ["name", "comment"], ct) is not { } scripts || await RowsAsync(Schedulers, ["name"], ct) is not { } schedulers)
        {
            return DeadManState.Unknown;
        }

        _isArmed |= schedulers.Count > 0;
        return scripts.Any(s => s["comment"] == FiredMark) ? DeadManState.Fired : schedulers.Count > 0 ? DeadManState.Armed : DeadManState.None;
    }

    /// <summary>Whether the router has gone back since we know of its switch.</summary>
    public async Task<bool> HasFiredAsync(CancellationToken ct) => _isArmed && await LookAsync(ct) is DeadManState.Fired;

    /// <summary>Null when it is armed and read back; else why not.</summary>
    public async Task<WriteResult?> ArmAsync(IReadOnlyList<StepUndo> undosLastFirst, CancellationToken ct)
    {
        var policy = undosLastFirst.Any(u => u.Menu == RouterMenu.User.Path || u.Menu == RouterMenu.UserGroup.Path) ? UsersPolicy : Policy;

        // The mark first: whatever becomes of the rest, we have to know that the router went back.
        var source = $"/system script set [find name={NasSetup.Quote(_name)}] comment={NasSetup.Quote(FiredMark)}\n{WayBack.Script(undosLastFirst)}/log warning {NasSetup.Quote("DataDefender was not heard of and its change is taken back")}\n";
        var trouble = await PutAsync(Scripts, [("source", source), ("comment", Mark), ("policy", policy)], row => row["source"] == source && row["comment"] == Mark && May(row), ct)
            ?? await PutAsync(
                Schedulers,
                [("interval", RouterOsValues.FormatDuration(Interval)), ("on-event", Event(Ticks)), ("policy", policy), ("comment", Mark)],
                row => row["on-event"] == Event(Ticks) && RouterOsValues.Duration(row["interval"]) == Interval && May(row), ct);
        _isArmed |= trouble is null;
        return trouble;

        bool May(RouterRow row) => RouterOsValues.List(policy).All(p => RouterOsValues.List(row["policy"]).Contains(p));
    }

    /// <summary>Puts it off when it has been ticking for a while. A router that does not answer is noticed by whoever writes next.</summary>
    /// <returns>True when it is too late: the router has gone back.</returns>
    public async Task<bool> PutOffAsync(CancellationToken ct)
    {
        if (_put != 0 && clock.GetElapsedTime(_put) < Interval)
        {
            return false;
        }

        _put = clock.GetTimestamp();
        var schedulers = await RowsAsync(Schedulers, [".id", "name", "run-count"], ct);
        if (schedulers is [var ticking, ..] && RouterOsValues.Number(ticking["run-count"]) is > 0 and var count)
        {
            await gateway.SetAsync(router, Schedulers, ticking.Id, [("on-event", Event(count + Ticks))], ct);
        }

        return schedulers is [] && await HasFiredAsync(ct);
    }

    /// <summary>False when the router does not answer: it will go back by itself.</summary>
    public async Task<bool> DisarmAsync(CancellationToken ct)
    {
        foreach (var menu in (string[])[Schedulers, Scripts])
        {
            for (var attempt = 0; ; attempt++)
            {
                if (await RowsAsync(menu, [".id", "name"], ct) is not { } rows || attempt > options.Writes)
                {
                    return false;
                }

                if (rows.Count == 0)
                {
                    break;
                }

                await gateway.RemoveAsync(router, menu, [.. rows.Select(r => r.Id!)], ct);
            }
        }

        return true;
    }

    private string Event(long ticks) => string.Create(
        CultureInfo.InvariantCulture,
        $":if ([/system scheduler get [find name=\"{_name}\"] run-count] >= {ticks}) do={{ /system scheduler remove [find name=\"{_name}\"]; /system script run {_name} }}");

    private async Task<WriteResult?> PutAsync(string menu, (string Name, string Value)[] values, Func<RouterRow, bool> isSo, CancellationToken ct)
    {
        string[] properties = [".id", "name", .. values.Select(v => v.Name)];
        for (var written = 0; ; written++)
        {
            if (await RowsAsync(menu, properties, ct) is not { } rows)
            {
                return new(StepStatus.Unknown, "The router does not answer.");
            }

            if (rows.Count == 1 && isSo(rows[0]))
            {
                return null;
            }

            if (written >= options.Writes)
            {
                return new(StepStatus.NotApplied, "The router said that it is done, and shows otherwise.");
            }

            var outcome = rows.Count > 0 ? await gateway.SetAsync(router, menu, rows[0].Id, values, ct) : await gateway.AddAsync(router, menu, [("name", _name), .. values], ct);
            if (outcome is RouterOutcome.Refused refused)
            {
                return new(StepStatus.Refused, refused.Message);
            }
        }
    }

    private async Task<IReadOnlyList<RouterRow>?> RowsAsync(string menu, string[] properties, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            switch (await gateway.PrintAsync(router, menu, [RouterQuery.Is("name", _name)], properties, ct))
            {
                case RouterOutcome.Done done:
                    return done.Rows;
                case RouterOutcome.Refused:
                    return [];
                default:
                    if (attempt >= options.Reads)
                    {
                        return null;
                    }

                    await Task.Delay(options.Pause, clock, ct);
                    break;
            }
        }
    }
}
