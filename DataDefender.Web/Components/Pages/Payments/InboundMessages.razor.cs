using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Stored messages of providers, with what became of each.</summary>
public sealed partial class InboundMessages(PaymentQueries payments, PaymentSignal signal, UiActions ui, NavigationManager navigation)
{
    private RadzenDataGrid<InboundRow>? _grid;
    private PageOf<InboundRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private InboundDetails? _details;
    private (string?, string?) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? StatusName { get; set; }

    private InboundStatus? Status => Enum.TryParse<InboundStatus>(StatusName, ignoreCase: true, out var status) && Enum.IsDefined(status) ? status : null;

    protected override Task OnParametersSetAsync() => _page is null || (Search, StatusName) == _shown ? Task.CompletedTask : ReloadAsync();

    private static string Word(CallbackKind kind) => kind switch
    {
        CallbackKind.Stk => "outcome of a prompt",
        CallbackKind.Confirm => "money that came",
        CallbackKind.Validate => "question before a payment",
        CallbackKind.Pull => "list that we fetched",
        CallbackKind.Result => "answer to an order or question",
        CallbackKind.Timeout => "no time for an order",
        _ => kind.ToString(),
    };

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = (Search, StatusName);
        try
        {
            _page = await payments.MessagesAsync(args.ToQuery(Search), Status);
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
            _page = null;
        }
    }

    private void Retry() => (_failure, _page) = (null, null);

    private async Task OpenAsync(Guid id) => await ui.RunAsync(async () => _details = await payments.MessageAsync(id));

    private async Task AgainAsync(Guid id)
    {
        if (await ui.RunAsync(() => payments.ReadAgainAsync(id), "It is read again."))
        {
            signal.Wake();
            _details = null;
            await ReloadAsync();
        }
    }
}
