using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Collections;

/// <summary>On the client's page: what is owed, how things stand and why, what comes next, what was done, and what can be agreed.</summary>
public sealed partial class ClientCollectionsCard(CollectionsService collections, CurrentUser user, UiActions ui, Confirm confirm, Formats formats)
{
    private const int Step = 10;

    private readonly FormErrors _errors = new();
    private ClientCollections? _state;
    private PageOf<DunningRow>? _history;
    private Exception? _failure;
    private (Guid, string?)? _shown;
    private int _rows = Step;
    private Form? _form;
    private DateOnly _day;
    private string _reason = "";
    private int _hours = 24;
    private bool _restore = true;
    private ExclusionKind _kind;

    private enum Form
    {
        Promise,
        Grace,
        Exclude,
    }

    [Parameter, EditorRequired]
    public Guid ClientId { get; set; }

    /// <summary>Moves when something of the client may have changed.</summary>
    [Parameter]
    public string? Beat { get; set; }

    /// <summary>A line of the client was restored.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    protected override void OnInitialized() => Every(TimeSpan.FromSeconds(5));

    /// <summary>A payment changes nothing of the lines of somebody who was not suspended; what is owed follows it all the same.</summary>
    protected override Task RefreshAsync() => _failure is null && _form is null && !ui.Busy ? LoadAsync() : Task.CompletedTask;

    protected override Task OnParametersSetAsync() => _shown == (ClientId, Beat) ? Task.CompletedTask : LoadAsync();

    private static string Look(StandingTone tone) => tone switch
    {
        StandingTone.Good => "is-good",
        StandingTone.Warning => "is-warning",
        StandingTone.Bad => "is-bad",
        _ => "",
    };

    private async Task LoadAsync()
    {
        _shown = (ClientId, Beat);
        try
        {
            _state = await collections.GetAsync(ClientId);
            _history = await collections.HistoryAsync(ClientId, new GridQuery(0, _rows));
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private Task MoreAsync()
    {
        _rows += Step * 3;
        return LoadAsync();
    }

    private void Open(Form form)
    {
        (_form, _reason) = (form, "");
        _day = formats.Today.AddDays(3);
        _errors.Clear();
    }

    private async Task SaveAsync()
    {
        var (work, done) = _form switch
        {
            Form.Promise => (() => collections.PromiseAsync(ClientId, _day, _reason, _restore), "The promise is noted."),
            Form.Grace => (() => collections.GiveGraceAsync(ClientId, _hours, _reason), "Grace given."),
            Form.Exclude => ((Func<Task>)(() => collections.ExcludeAsync(ClientId, _kind, _reason)), "The client is excluded."),
            _ => throw new InvalidOperationException("No form is open."),
        };
        if (await ui.RunAsync(work, done, _errors))
        {
            _form = null;
            await ReloadAsync();
        }
    }

    private Task IncludeAsync() => WithReasonAsync("Take the exclusion off", "The ladder goes on where it is: what is due is done at the next look.", "Take off", reason => collections.IncludeAsync(ClientId, reason), "The exclusion is off.");

    private Task WithdrawAsync() => WithReasonAsync("Take the promise back", "The ladder goes on where it is: what is due is done at the next look.", "Take back", reason => collections.WithdrawPromiseAsync(ClientId, reason), "The promise is taken back.");

    private Task FetchedAsync() => WithReasonAsync("Equipment was fetched", "The mark is taken off.", "Take off", reason => collections.EquipmentRecoveredAsync(ClientId, reason), "Noted.");

    private async Task WithReasonAsync(string title, string consequence, string verb, Func<string, Task> act, string done)
    {
        if (await confirm.AskReasonAsync(title, consequence, verb) is { } reason && await ui.RunAsync(() => act(reason), done))
        {
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        await LoadAsync();
        await Changed.InvokeAsync();
    }
}
