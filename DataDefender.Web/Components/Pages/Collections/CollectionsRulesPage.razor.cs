using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;

namespace DataDefender.Web.Components.Pages.Collections;

/// <summary>The ladder of a company, with what it would do before it is saved.</summary>
public sealed partial class CollectionsRulesPage(CollectionsRules rules, UiActions ui, Confirm confirm, Formats formats, Workplace workplace, TimeProvider clock)
{
    private readonly FormErrors _errors = new();
    private CollectionsInput? _input;
    private CollectionsPreview? _preview;
    private DateTime? _pausedUntil;
    private string? _pauseReason;
    private DateTime? _lastRun;
    private bool _isOn;
    private Exception? _failure;

    private string Currency => workplace.Company?.Currency ?? "KES";

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_input, _pausedUntil, _pauseReason, _lastRun) = await rules.GetAsync();
            (_isOn, _failure) = (_input.IsOn, null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private Task<bool> PreviewAsync() => ui.RunAsync(async () => _preview = await rules.PreviewAsync(_input!), errors: _errors);

    private async Task SaveAsync()
    {
        // Switching it on acts on real customers: the person sees the numbers before.
        if (_input!.IsOn)
        {
            if (!await ui.RunAsync(async () => _preview = await rules.PreviewAsync(_input), errors: _errors))
            {
                return;
            }

            var suspends = _preview!.Acts.FirstOrDefault(a => a.Act is DunningAct.Suspend);
            var tells = _preview.Acts.Where(a => a.Act is DunningAct.Remind or DunningAct.Warn).Sum(a => a.Clients);
            if (!await confirm.AskAsync(
                "Save rules", $"At the next chance {Formats.Count(tells)} clients are written to and {Formats.Count(suspends?.Clients ?? 0)} suspended, who owe {formats.Money(suspends?.Owed ?? Money.Zero)}.", "Save rules", danger: (suspends?.Clients ?? 0) > 0))
            {
                return;
            }
        }

        if (await ui.RunAsync(() => rules.SaveAsync(_input), "Rules saved.", _errors))
        {
            await LoadAsync();
        }
    }

    /// <summary>By the rules as they are saved, whatever is typed.</summary>
    private async Task RunNowAsync()
    {
        CollectionsPreview? due = null;
        if (!await ui.RunAsync(async () => due = await rules.PreviewAsync((await rules.GetAsync()).Input)))
        {
            return;
        }

        var (tells, suspends) = (due!.Acts.Where(a => a.Act is DunningAct.Remind or DunningAct.Warn).Sum(a => a.Clients), due.Acts.FirstOrDefault(a => a.Act is DunningAct.Suspend)?.Clients ?? 0);
        CollectionsResult? done = null;
        if (await confirm.AskAsync(
                "Take due steps now",
                $"{Formats.Count(due.Debtors)} clients owe {formats.Money(due.Owed)}. As far as the rules allow it at this hour, {Formats.Count(tells)} are written to and {Formats.Count(suspends)} suspended by the saved rules.", "Take the steps", danger: suspends > 0)
            && await ui.RunAsync(async () => done = await rules.RunNowAsync()))
        {
            ui.Say($"{Formats.Count(done!.Told)} written to, {Formats.Count(done.LateFees)} late {(done.LateFees == 1 ? "fee" : "fees")}, {Formats.Count(done.Suspended)} {(done.Suspended == 1 ? "line" : "lines")} suspended, {Formats.Count(done.Disconnected)} disconnected.");
            await LoadAsync();
        }
    }

    private async Task PauseAsync()
    {
        if (await confirm.AskReasonAsync("Pause collections", "For 24 hours nobody is reminded, charged, suspended or disconnected.", "Pause") is { } reason
            && await ui.RunAsync(() => rules.PauseAsync(clock.GetUtcNow().UtcDateTime.AddHours(24), reason), "Collections rest for a day."))
        {
            await LoadAsync();
        }
    }

    private async Task ResumeAsync()
    {
        if (await ui.RunAsync(() => rules.ResumeAsync(), "Collections go on."))
        {
            await LoadAsync();
        }
    }
}
