using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Pages.Lines;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Clients;

/// <summary>All that a support agent needs while a client is on the telephone, on one page that keeps itself up to date.</summary>
public sealed partial class ClientPage(
    ClientService clients, LineHistoryService history, LiveMetrics metrics, TenantContext tenant, CurrentUser user, DialogService dialogs, NavigationManager navigation, TimeProvider clock)
{
    // News of the company comes each second; a page reads its own rows at most that often.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(900);

    private ClientDetails? _client;
    private IReadOnlyList<OpenSession> _sessions = [];
    private LineOnRouter? _onRouter;
    private CommandRow? _newest;
    private LineLogin? _login;
    private string? _beat;
    private DateTimeOffset _readAt;
    private (Guid, Guid?) _shown;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    [SupplyParameterFromQuery(Name = "line")]
    private Guid? LineId { get; set; }

    /// <summary>Says at once why the line is offline.</summary>
    [SupplyParameterFromQuery(Name = "why")]
    private bool Why { get; set; }

    private LineDetails? Current => _client?.Lines.FirstOrDefault(l => l.Id == LineId)
        ?? _client?.Lines.FirstOrDefault(l => l.State is not SubscriptionState.Disconnected)
        ?? (_client is { Lines: [var first, ..] } ? first : null);

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(5));
    }

    protected override Task OnParametersSetAsync()
    {
        if (_shown == (Id, LineId))
        {
            return Task.CompletedTask;
        }

        _shown = (Id, LineId);
        return ReloadAsync();
    }

    protected override async Task RefreshAsync()
    {
        if (_failure is null && clock.GetUtcNow() - _readAt >= ShortestPause)
        {
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        try
        {
            _readAt = clock.GetUtcNow();
            _client = await clients.GetAsync(Id);
            if (Current is { } line)
            {
                _sessions = await history.OpenSessionsAsync(line.Id);
                _onRouter = _sessions.Count == 0 ? await history.OnRouterAsync(line.Id) : null;
                _newest = (await history.CommandsAsync(line.Id, new GridQuery(PageSize: 1))).Items is [var newest, ..] ? newest : null;
                _login = user.Has(Permissions.ViewLogins) && (await history.LoginsAsync(line.Id, new GridQuery(PageSize: 1))).Items is [var login, ..] ? login : null;
                _beat = $"{_login?.Id} {_newest?.Id} {_newest?.Status} {_newest?.Attempts} {line.State} {_client.Version} {string.Join(' ', _sessions.Select(s => s.Id))}";
            }
            else
            {
                (_sessions, _onRouter, _newest, _login) = ([], null, null, null);
            }

            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private ClientChoice Choice(ClientDetails client) => new(Id, client.Input.Name, client.AccountNumber, client.Input.Phone);

    private async Task EditAsync()
    {
        if (await dialogs.OpenSideAsync<ClientPanel>("Edit client", new Dictionary<string, object?> { [nameof(ClientPanel.Shown)] = _client }, SidePanel.Options) is Guid)
        {
            await ReloadAsync();
        }
    }

    private async Task SellAsync()
    {
        if (await dialogs.OpenSideAsync<LinePanel>($"Sell a line to {_client!.Input.Name}", new Dictionary<string, object?> { [nameof(LinePanel.ClientId)] = Id }, SidePanel.Options) is Guid line)
        {
            navigation.NavigateTo($"clients/{Id}?line={line}");
            await ReloadAsync();
        }
    }
}
