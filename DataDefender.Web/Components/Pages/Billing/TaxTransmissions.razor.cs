using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>The queue to the tax authority: what waits, what was refused and why, what was signed.</summary>
public sealed partial class TaxTransmissions(TaxTransmissionService transmissions, CurrentUser user, UiActions ui, DialogService dialogs, NavigationManager navigation, TimeProvider clock)
{
    private static readonly TimeSpan Allowed = TimeSpan.FromHours(24);

    private RadzenDataGrid<TransmissionRow>? _grid;
    private PageOf<TransmissionRow>? _page;
    private TransmissionOverview? _overview;
    private (string?, string?) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

    private TransmissionFilter Filter => Enum.TryParse<TransmissionFilter>(State, ignoreCase: true, out var filter) ? filter : TransmissionFilter.Open;

    private bool TooOld => _overview is { IsOn: true, OldestOpen: { } oldest } && clock.GetUtcNow().UtcDateTime - oldest > Allowed;

    private string Empty => (Filter, Search) switch
    {
        (_, not null) => "No documents match.",
        (TransmissionFilter.Open, _) => "Nothing waits.",
        (TransmissionFilter.Refused, _) => "Nothing was refused.",
        _ => "No documents yet.",
    };

    protected override async Task OnParametersSetAsync()
    {
        if (_page is not null && (Search, State) != _shown && _grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
    }

    private static string HrefOf(TransmissionRow row) => row.Kind is TaxDocumentKind.CreditNote ? $"credit-notes/{row.DocumentId}" : $"invoices/{row.InvoiceId}";

    private string With(TransmissionFilter filter) => navigation.GetUriWithQueryParameter("state", filter is TransmissionFilter.Open ? null : filter.ToString().ToLowerInvariant());

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = (Search, State);
        try
        {
            _overview = await transmissions.OverviewAsync();
            _page = await transmissions.ListAsync(args.ToQuery(Search), Filter);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private Task RetryAsync(TransmissionRow row) => RunAsync(() => transmissions.RetryAsync(row.Id), $"{row.Reference} is sent again.");

    private Task RetryAllAsync() => RunAsync(() => transmissions.RetryAllAsync(), "All that was refused is sent again.");

    private async Task RunAsync(Func<Task> act, string done)
    {
        if (await ui.RunAsync(act, done) && _grid is { } grid)
        {
            await grid.Reload();
        }
    }

    private async Task RecordAsync(TransmissionRow row)
    {
        if (await dialogs.OpenAsync<TaxRecordDialog>(
            $"{row.Reference} by hand", new Dictionary<string, object?> { [nameof(TaxRecordDialog.Id)] = row.Id }, new DialogOptions { Width = "480px", CloseDialogOnEsc = true }) is true && _grid is { } grid)
        {
            await grid.Reload();
        }
    }

    private void Retry() => (_failure, _page) = (null, null);
}
