using DataDefender.Domain.Billing;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>One invoice with its lines, credit notes and place in the books.</summary>
public sealed partial class InvoicePage(InvoiceService invoices, CurrentUser user, UiActions ui, Confirm confirm, DialogService dialogs, Formats formats, NavigationManager navigation)
{
    private InvoiceDetails? _details;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_details, _failure) = (await invoices.GetAsync(Id), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task IssueAsync()
    {
        var invoice = _details!.Invoice;
        var day = await confirm.AskDayAsync(
            "Issue this invoice?", $"{formats.Money(invoice.Total)} to {_details.Client}. It gets the next number and cannot be changed any more.", "Issue", "Dated",
            formats.Today, "An earlier day is taxed by the rates of that day, and refused where the books are closed.");
        if (day is not null && await ui.RunAsync(() => invoices.IssueAsync(Id, day), "Invoice issued."))
        {
            await LoadAsync();
        }
    }

    private async Task DiscardAsync()
    {
        if (await confirm.AskAsync("Throw this draft away?", "It has no number and nobody was asked to pay it.", "Throw away", danger: true) && await ui.RunAsync(() => invoices.DiscardAsync(Id), "Draft thrown away."))
        {
            navigation.NavigateTo("invoices");
        }
    }

    private async Task CreditAsync()
    {
        if (await dialogs.OpenAsync<CreditDialog>(
            "Credit note", new Dictionary<string, object?> { [nameof(CreditDialog.Details)] = _details }, new DialogOptions { Width = "640px", CloseDialogOnEsc = true }) is true)
        {
            await LoadAsync();
        }
    }

    private async Task VoidAsync()
    {
        var reason = await confirm.AskReasonAsync($"Void {_details!.Invoice.Label}?", "It keeps its number and is taken out of the books as a whole. What it billed is due again: the next run bills it, or, where later invoices went past it, it becomes charges that you see on the client's billing page.", "Void", danger: true);
        if (reason is not null && await ui.RunAsync(() => invoices.VoidAsync(Id, reason), "Invoice is void."))
        {
            await LoadAsync();
        }
    }

    private async Task WriteOffAsync()
    {
        var reason = await confirm.AskReasonAsync($"Write {_details!.Invoice.Label} off?", $"{formats.Money(_details.Invoice.Balance)} are given up as bad debt. The client does not owe them any more.", "Write off", danger: true);
        if (reason is not null && await ui.RunAsync(() => invoices.WriteOffAsync(Id, reason), "Invoice written off."))
        {
            await LoadAsync();
        }
    }
}
