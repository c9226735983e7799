using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Lines;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Clients;

/// <summary>The company's customers, found by whatever a caller can say.</summary>
public sealed partial class Clients(ClientService clients, CurrentUser user, DialogService dialogs, Formats formats, NavigationManager navigation)
{
    private RadzenDataGrid<ClientRow>? _grid;
    private PageOf<ClientRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private IReadOnlyDictionary<ClientFilter, int>? _counts;
    private (string?, string?) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

    private ClientFilter Filter => Enum.TryParse<ClientFilter>(State, ignoreCase: true, out var filter) ? filter : ClientFilter.All;

    private string? Context => _page is { } page
        ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "client" : "clients")}{(Search is null ? "" : $" match “{Search}”")}"
        : null;

    private string EmptyText => Search is null ? "No clients in this state." : $"No client matches “{Search}”. Part of a name, a phone number in any form, an account, a user name, an IP or a MAC address will do.";

    protected override Task OnParametersSetAsync() =>
        _page is null || (Search, State) == _shown ? Task.CompletedTask : ReloadAsync();

    private static string Name(ClientFilter filter) => filter switch
    {
        ClientFilter.WithoutLine => "No line",
        _ => filter.ToString(),
    };

    private string With(ClientFilter filter) =>
        navigation.GetUriWithQueryParameter("state", filter is ClientFilter.All ? null : filter.ToString().ToLowerInvariant());

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = (Search, State);
        try
        {
            _page = await clients.ListAsync(args.ToQuery(Search), Filter);
            _counts ??= await clients.CountsAsync();
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ReloadAsync()
    {
        if (_grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
        else
        {
            _page = null; // the grid comes back with the next render and loads by itself
        }
    }

    private void Retry() => (_failure, _page) = (null, null);

    private void Open(ClientRow? row)
    {
        if (row is not null)
        {
            navigation.NavigateTo($"clients/{row.Id}");
        }
    }

    private async Task CreateAsync()
    {
        if (await dialogs.OpenSideAsync<ClientPanel>("New client", [], SidePanel.Options) is Guid id)
        {
            navigation.NavigateTo($"clients/{id}");
        }
    }
}
