using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>The lines of one account, newest first.</summary>
public sealed partial class AccountPage(LedgerService ledger, Formats formats)
{
    private RadzenDataGrid<AccountLine>? _grid;
    private PageOf<AccountLine>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private AccountBalance? _account;
    private string? _shown;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (_page is not null && Search != _shown && _grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
    }

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Search;
        try
        {
            _account ??= (await ledger.TrialBalanceAsync()).Accounts.FirstOrDefault(a => a.Id == Id) ?? throw new NotFoundException("Account", Id);
            _page = await ledger.LinesAsync(Id, args.ToQuery(Search));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Retry() => (_failure, _page) = (null, null);
}
