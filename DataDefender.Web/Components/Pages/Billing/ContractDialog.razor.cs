using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>What a person does to a contract.</summary>
public enum ContractAct
{
    Price,
    Discount,
    Coupon,
    Pause,
    End,

    /// <summary>In which way it is billed.</summary>
    Mode,

    /// <summary>Prepaid time, by periods.</summary>
    Sell,
}

/// <summary>One act on a contract. Closes with true when it was done.</summary>
public sealed partial class ContractDialog(ContractService contracts, UiActions ui, DialogService dialogs, NotificationService notifications, Formats formats)
{
    private readonly FormErrors _errors = new();
    private decimal _amount;
    private string _text = "";
    private DateOnly _from;
    private DateOnly? _until;
    private BillingMode _mode;
    private int _number;
    private string _done = "Done.";

    [Parameter, EditorRequired]
    public ContractRow Contract { get; set; } = default!;

    [Parameter]
    public ContractAct Act { get; set; }

    private string Verb => Act switch
    {
        ContractAct.Price => "Set price",
        ContractAct.Discount => "Give discount",
        ContractAct.Coupon => "Redeem coupon",
        ContractAct.Pause => "Let it rest",
        ContractAct.End => "End contract",
        ContractAct.Mode => "Bill it so",
        ContractAct.Sell => "Sell",
        _ => "Save",
    };

    protected override void OnInitialized()
    {
        var today = formats.Today;
        _from = Act is ContractAct.Pause or ContractAct.End && Contract.BilledUntil > today ? Contract.BilledUntil : today;
        _amount = Act is ContractAct.Price ? Contract.Price.Amount : Contract.DiscountRate / 100m;
        (_mode, _number) = (Contract.Mode, Act is ContractAct.Sell ? 1 : Contract.BillingDay);
        _text = Act is ContractAct.Discount ? Contract.DiscountName ?? "Discount" : "";
    }

    private async Task SaveAsync()
    {
        var id = Contract.SubscriptionId;
        Func<Task> act = Act switch
        {
            ContractAct.Price => () => contracts.AgreeOnPriceAsync(id, _amount),
            ContractAct.Discount => () => contracts.GrantDiscountAsync(id, _amount, _until, _text),
            ContractAct.Coupon => () => contracts.RedeemAsync(id, _text),
            ContractAct.Pause => () => contracts.PauseAsync(id, _from, _until),
            ContractAct.End => () => contracts.EndAsync(id, _from),
            ContractAct.Mode => () => contracts.BillByAsync(id, _mode, _number),
            ContractAct.Sell => () => SellAsync(id),
            _ => throw new InvalidOperationException($"{Act} is no act."),
        };
        if (await ui.RunAsync(act, errors: _errors))
        {
            notifications.Notify(NotificationSeverity.Success, _done);
            dialogs.Close(true);
        }
    }

    private async Task SellAsync(Guid line)
    {
        var (reference, open) = await contracts.SellAsync(line, _number);
        _done = open == Money.Zero ? $"{reference} is paid from the wallet." : $"{reference}: {formats.Money(open)} are to be paid. The line runs longer when they are.";
    }
}
