using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>A cashier's drawer: open with a float, take, bank, count, close.</summary>
public sealed partial class CashDesk(CounterService counter, CurrentUser user, UiActions ui, DialogService dialogs, NavigationManager navigation)
{
    private const int PageRows = 20;

    private DeskState? _mine;
    private PageOf<DeskRow>? _sessions;
    private Money? _left;
    private string _desk = "Office";
    private decimal _counted;
    private decimal _bank;
    private string? _bankNote;
    private string? _note;
    private DeskRow? _closing;
    private decimal _otherCounted;
    private string? _otherWhy;
    private (string?, int?) _shown;
    private bool _loaded;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    /// <summary>Counts from 1 in the address.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    private int? PageNumber { get; set; }

    private int PageIndex => Math.Max(0, (PageNumber ?? 1) - 1);

    protected override async Task OnInitializedAsync()
    {
        await ReloadAsync();
        await LookAsync();
    }

    protected override Task OnParametersSetAsync() => _loaded && _shown != (Search, PageNumber) ? ReloadAsync() : Task.CompletedTask;

    private async Task ReloadAsync()
    {
        try
        {
            _mine = await counter.MineAsync();
            _shown = (Search, PageNumber);
            _sessions = user.Has(Permissions.HandlePayments) ? await counter.SessionsAsync(new GridQuery(PageIndex, PageRows, Search: Search)) : null;
            if (_sessions is { Items.Count: 0, Total: > 0 })
            {
                navigation.NavigateTo(navigation.GetUriWithQueryParameter("page", (int?)null)); // a search found fewer pages than the one that was looked at
            }

            (_loaded, _failure) = (true, null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task LookAsync()
    {
        if (_mine is null && !string.IsNullOrWhiteSpace(_desk))
        {
            await ui.RunAsync(async () => _left = await counter.LeftInAsync(_desk));
            _counted = _left?.Amount ?? 0;
        }
    }

    private async Task OpenAsync()
    {
        if (await ui.RunAsync(() => counter.OpenAsync(_desk, _counted), "The drawer is open."))
        {
            _counted = 0;
            await ReloadAsync();
        }
    }

    private async Task CloseAsync()
    {
        var difference = Money.Zero;
        if (await ui.RunAsync(async () => difference = await counter.CloseAsync(_counted, _note), "The drawer is closed."))
        {
            (_note, _counted) = (null, 0);
            await ReloadAsync();
            await LookAsync();
        }
    }

    private async Task CloseForAsync()
    {
        if (_closing is { } other && await ui.RunAsync(() => counter.CloseForAsync(other.Id, _otherCounted, _otherWhy ?? ""), "The drawer is closed."))
        {
            (_closing, _otherCounted, _otherWhy) = (null, 0, null);
            await ReloadAsync();
            await LookAsync();
        }
    }

    private async Task BankAsync()
    {
        if (await ui.RunAsync(() => counter.BankAsync(_bank, _bankNote), "It is noted."))
        {
            (_bank, _bankNote) = (0, null);
            await ReloadAsync();
        }
    }

    private async Task ReceiveAsync()
    {
        await dialogs.OpenSideAsync<ReceivePanel>("Take a payment", new Dictionary<string, object?>(), SidePanel.Options);
        await ReloadAsync();
    }
}
