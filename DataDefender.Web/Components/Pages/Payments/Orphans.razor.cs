using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Money without an owner, with who may own it.</summary>
public sealed partial class Orphans(OrphanService orphans, PaymentQueries payments, PaymentSettingsService settings, CurrentUser user, UiActions ui, NavigationManager navigation)
{
    private const int Rows = 25;

    private PageOf<OrphanRow>? _page;
    private IReadOnlyList<OwnerSuggestion> _suggestions = [];
    private IReadOnlyList<ClientChoice> _found = [];
    private Money _limit;
    private string? _find;
    private Guid? _open;
    private (string?, int)? _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private int? PageAsked { get; set; }

    private int PageNumber => Math.Max(0, PageAsked ?? 0);

    private bool MayHandle => user.Has(Permissions.HandlePayments);

    protected override Task OnParametersSetAsync() => _shown == (Search, PageNumber) ? Task.CompletedTask : ReloadAsync();

    private async Task ReloadAsync()
    {
        _shown = (Search, PageNumber);
        try
        {
            _limit = await settings.TwoPeopleFromAsync();
            (_page, _failure) = (await orphans.ListAsync(new GridQuery(PageNumber, Rows, Search: Search)), null);
            if (_page is { Items: [var only] } && _open is null)
            {
                await ToggleAsync(only.Id);
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ToggleAsync(Guid id)
    {
        (_open, _found, _find, _suggestions) = (_open == id ? null : id, [], null, []);
        if (_open is { } open)
        {
            await ui.RunAsync(async () => _suggestions = await orphans.SuggestAsync(open));
        }
    }

    private async Task FindAsync() => _found = _find is { Length: > 1 } ? await payments.FindClientsAsync(_find) : [];

    private async Task MatchAsync(Guid id, Guid client)
    {
        var given = false;
        if (await ui.RunAsync(async () => given = await orphans.MatchAsync(id, client)))
        {
            await ui.RunAsync(() => Task.CompletedTask, given ? "It is the client's now." : "It is large: a second person has to agree.");
            _open = null;
            await ReloadAsync();
        }
    }

    private async Task ActAsync(Func<Task> act, string? done)
    {
        if (await ui.RunAsync(act, done))
        {
            await ReloadAsync();
        }
    }
}
