using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>Asks how much of each line is taken back. Closes with true when a credit note was given.</summary>
public sealed partial class CreditDialog(InvoiceService invoices, UiActions ui, DialogService dialogs, Formats formats)
{
    private readonly FormErrors _errors = new();
    private readonly Dictionary<int, decimal> _amounts = [];
    private string _reason = "";

    [Parameter, EditorRequired]
    public InvoiceDetails Details { get; set; } = default!;

    private Money Sum => Money.Of(_amounts.Values.Sum());

    private Money ToWallet => Sum > Details.Invoice.Balance ? Sum - Details.Invoice.Balance : Money.Zero;

    /// <summary>What a line was charged at: less the discounts of the same days.</summary>
    private Money Most(InvoiceLine line)
    {
        var off = Details.Lines.Select(l => l.Line).Where(l => l.Total < Money.Zero && l.SubscriptionId is not null && l.SubscriptionId == line.SubscriptionId && l.From == line.From).Sum(l => l.Total.Minor);
        return new Money(Math.Clamp(line.Creditable.Minor + off, 0, Details.Invoice.Creditable.Minor));
    }

    protected override void OnInitialized()
    {
        foreach (var row in Details.Lines)
        {
            _amounts[row.Line.Number] = 0;
        }
    }

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => invoices.CreditAsync(Details.Invoice.Id, Credits(), _reason), "Credit note given.", _errors))
        {
            dialogs.Close(true);
        }
    }

    private List<LineCredit> Credits()
    {
        if (_amounts.FirstOrDefault(a => a.Value < 0 || decimal.Round(a.Value, 2) != a.Value) is { Key: > 0 } wrong)
        {
            // Money would round it, and a credit note is for what was typed or for nothing.
            throw new DomainException("credit.amount", $"The credit of line {wrong.Key} is an amount above zero with at most two decimals.");
        }

        return [.. _amounts.Where(a => a.Value != 0).Select(a => new LineCredit(a.Key, Money.Of(a.Value)))];
    }
}
