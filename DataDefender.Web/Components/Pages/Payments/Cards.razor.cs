using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Batches of scratch cards; after one was made, its sheet, which is shown once.</summary>
public sealed partial class Cards(CardService cards, Workplace workplace, CurrentUser user, UiActions ui, Confirm confirm, IJSRuntime script)
{
    private readonly FormErrors _errors = new();
    private CardBatchInput _input = new();
    private RadzenDataGrid<CardBatchRow>? _grid;
    private RadzenDataGrid<CardRow>? _cardGrid;
    private PageOf<CardBatchRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private PageOf<CardRow>? _cards;
    private CardBatchRow? _batch;
    private PrintedBatch? _sheet;
    private decimal _amount;
    private decimal _fee;
    private string _reference = "";
    private string? _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    protected override Task OnParametersSetAsync() => _page is null || Search == _shown ? Task.CompletedTask : ReloadAsync();

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Search;
        try
        {
            _page = await cards.BatchesAsync(args.ToQuery(Search));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task LoadCardsAsync(LoadDataArgs args)
    {
        if (_batch is { } batch)
        {
            await ui.RunAsync(async () => _cards = await cards.CardsAsync(batch.Id, args.ToQuery(null), null));
        }
    }

    private async Task ReloadAsync()
    {
        if (_grid is { } grid)
        {
            await grid.Reload();
        }
        else
        {
            _page = null;
        }
    }

    private void Retry() => (_failure, _page) = (null, null);

    private void Open(CardBatchRow row) => (_batch, _cards) = (row, null);

    private async Task MakeAsync()
    {
        if (await ui.RunAsync(async () => _sheet = await cards.MakeAsync(_input), "The cards are made.", _errors))
        {
            (_input, _page, _batch) = (new CardBatchInput(), null, null);
        }
    }

    private async Task PrintAsync() => await script.InvokeVoidAsync("dataDefender.print");

    private async Task DownloadAsync() => await script.InvokeVoidAsync(
        "dataDefender.download", $"cards-{_sheet!.Number:D4}.csv", "text/csv", string.Join("\r\n", ["Serial,Code,Value,Last day", .. _sheet.Cards.Select(c => $"{c.Serial},{c.Code},{_sheet.Value},{_sheet.ExpiresOn:yyyy-MM-dd}")]));

    private async Task CloseSheetAsync()
    {
        if (await confirm.AskAsync("Leave the sheet", "The codes are kept nowhere. A sheet that was not printed is lost, and its cards have to be made void.", "I have printed it"))
        {
            _sheet = null;
        }
    }

    private async Task ReleaseAsync(CardBatchRow row)
    {
        if (await confirm.AskAsync($"Release batch {row.Number}", $"{row.Count} cards of {Formats.Money(row.Value)}, {Formats.Money(new Money(row.Value.Minor * row.Count))} in all, count from now on.", "Release"))
        {
            await ui.RunAsync(() => cards.ReleaseAsync(row.Id), "The cards count.");
            await ReloadAsync();
        }
    }

    private async Task VoidAsync(Guid batch, Guid? card, int count)
    {
        if (await confirm.AskReasonAsync("Make void", $"{(count == 1 ? "One card" : $"{count} cards")} that nobody has redeemed can never be redeemed after this.", "Make void", danger: true) is { } why)
        {
            await ui.RunAsync(() => cards.VoidAsync(batch, card, why), "Void.");
            await ReloadAsync();
            if (_cardGrid is { } grid && _batch is not null)
            {
                await grid.Reload();
            }
        }
    }

    private async Task PaidInAsync()
    {
        if (await ui.RunAsync(() => cards.PaidInAsync(_amount, _fee, _reference), "It is in the books."))
        {
            (_amount, _fee, _reference) = (0, 0, "");
        }
    }
}
