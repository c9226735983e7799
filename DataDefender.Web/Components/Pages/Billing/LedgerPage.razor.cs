using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>The accounts of the company with their sums, as of a day.</summary>
public sealed partial class LedgerPage(LedgerService ledger, CurrentUser user, UiActions ui, Confirm confirm, Formats formats, NavigationManager navigation)
{
    private TrialBalance? _balance;
    private PageOf<SealRow>? _seals;
    private DateOnly? _through;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "asof")]
    private DateOnly? AsOf { get; set; }

    private string? Context => _balance is { } balance
        ? $"{Formats.Count(balance.Transactions)} {(balance.Transactions == 1 ? "transaction" : "transactions")}, each following the one before{(balance.ClosedThrough is { } closed ? $"; closed up to {Formats.Day(closed)}" : "")}"
        : null;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private void GoTo(ChangeEventArgs typed) => navigation.NavigateTo(navigation.GetUriWithQueryParameter(
        "asof", DateOnly.TryParse(typed.Value as string, CultureInfo.InvariantCulture, out var day) ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null));

    private async Task LoadAsync()
    {
        try
        {
            (_balance, _failure) = (await ledger.TrialBalanceAsync(AsOf), null);
            _seals = await ledger.SealsAsync(new GridQuery(PageSize: 7));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task CloseAsync()
    {
        if (await confirm.AskAsync(
                $"Close the books up to {Formats.Day(_through!.Value)}?", "Nothing can be posted on that day or before any more, neither an invoice nor a payment nor a correction. This is not undone.", "Close the books", danger: true)
            && await ui.RunAsync(() => ledger.CloseAsync(_through!.Value), "The books are closed."))
        {
            _through = null;
            await LoadAsync();
        }
    }
}
