using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Provisioning;

/// <summary>Makes the line for a new router, and shows each step of it as it arrives.</summary>
public sealed partial class NewRouter(EnrolmentService enrolments, LiveMetrics metrics, TenantContext tenant, UiActions ui, Confirm confirm, NavigationManager navigation, TimeProvider clock)
{
    private readonly FormErrors _errors = new();
    private readonly EnrolmentInput _input = new();
    private readonly EnrolmentInput _again = new();
    private IReadOnlyList<EnrolmentRow> _past = [];
    private EnrolmentRow? _row;
    private string? _line;
    private string? _script;
    private Exception? _failure;

    [Parameter]
    public Guid? Id { get; set; }

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(2));
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected override Task RefreshAsync() => _row is { IsOver: false } ? LoadAsync() : Task.CompletedTask;

    private async Task LoadAsync()
    {
        try
        {
            if (Id is { } id)
            {
                var known = _row?.Id == id;
                _row = await enrolments.GetAsync(id);
                if (!known)
                {
                    (_again.Host, _again.ApiPort) = (_row.Host, _row.ApiPort);
                }
            }
            else
            {
                (_row, _line, _past) = (null, null, await enrolments.ListAsync());
            }

            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private string State(EnrolmentRow row) => row switch
    {
        { RegisteredAt: not null } => "Registered",
        { CancelledAt: not null } => "Called off",
        { GivenUpAt: not null } => "Never reached; given up after a day",
        { CalledHomeAt: not null, Hub: not null, HasTunnel: true, LetInAt: null } => "Called home; the hub lets its tunnel in",
        { CalledHomeAt: not null } => "Called home; being reached",
        _ when row.ExpiresAt <= clock.GetUtcNow().UtcDateTime => "The line has expired",
        { RanAt: not null } => "The script runs",
        { FetchedAt: not null } => "Fetched",
        _ => "Waiting for the router",
    };

    private static IEnumerable<(string Text, DateTime? At, string? Detail)> Steps(EnrolmentRow row) =>
    [
        ("The router fetched its script", row.FetchedAt, null),
        ("The script ran", row.RanAt, null),
        ("It called home", row.CalledHomeAt, row.CalledFrom is { } from ? $"from {from}" : null),
        .. row is { HasTunnel: true, Hub: { } hub } ? [($"{hub} let its tunnel in", row.LetInAt ?? row.ReachedAt, row.TunnelAddress is { } inside ? $"as {inside}" : null)] : Array.Empty<(string, DateTime?, string?)>(),
        ("Its API answered", row.ReachedAt, null),
        ("It said who it is", row.ReachedAt, row.Identity),
        ("Registered", row.RegisteredAt, null),
    ];

    private async Task CreateAsync()
    {
        (Guid Id, string Token) made = (Guid.Empty, "");
        if (await ui.RunAsync(async () => made = await enrolments.CreateAsync(_input), errors: _errors))
        {
            var address = navigation.BaseUri.TrimEnd('/');
            (_line, _script) = (EnrolmentScript.Line(address, made.Token), $"/enrol/{made.Token}.rsc");
            navigation.NavigateTo($"/routers/new/{made.Id}");
        }
    }

    private async Task ReachAsync()
    {
        if (await ui.RunAsync(() => enrolments.ReachAtAsync(Id!.Value, _again.Host, _again.ApiPort), errors: _errors))
        {
            await LoadAsync();
        }
    }

    private async Task CancelAsync()
    {
        if (await confirm.AskAsync("Call this enrolment off?", "The line works no longer. What the script has made on the router stays there.", "Call it off", danger: true)
            && await ui.RunAsync(() => enrolments.CancelAsync(Id!.Value), "Called off."))
        {
            await LoadAsync();
        }
    }
}
