using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Lines;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Clients;

/// <summary>The company's customers, found by whatever a caller can say.</summary>
public sealed partial class Clients(ClientService clients, CurrentUser user, DialogService dialogs, Formats formats, NavigationManager navigation)
{
    private readonly GridRows<ClientRow> _rows = new();
    private IReadOnlyDictionary<ClientFilter, int>? _counts;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

    private ClientFilter Filter => Enum.TryParse<ClientFilter>(State, ignoreCase: true, out var filter) ? filter : ClientFilter.All;

    private string? Context => _rows.Page is { } page
        ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "client" : "clients")}{(Search is null ? "" : $" match “{Search}”")}"
        : null;

    private string EmptyText => Search is null ? "No clients in this state." : $"No client matches “{Search}”. Part of a name, a phone number in any form, an account, a user name, an IP or a MAC address will do.";

    protected override Task OnParametersSetAsync() => _rows.FollowAsync((Search, State));

    private static string Name(ClientFilter filter) => filter switch
    {
        ClientFilter.WithoutLine => "No line",
        ClientFilter.EquipmentToFetch => "Equipment to fetch",
        _ => filter.ToString(),
    };

    private string With(ClientFilter filter) =>
        navigation.GetUriWithQueryParameter("state", filter is ClientFilter.All ? null : filter.ToString().ToLowerInvariant());

    private Task LoadAsync(LoadDataArgs args) => _rows.LoadAsync((Search, State), async () =>
    {
        var page = await clients.ListAsync(args.ToQuery(Search), Filter);
        _counts ??= await clients.CountsAsync();
        return page;
    });

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
