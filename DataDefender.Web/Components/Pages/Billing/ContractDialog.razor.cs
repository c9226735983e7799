using DataDefender.Domain.Billing;
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
}

/// <summary>One act on a contract. Closes with true when it was done.</summary>
public sealed partial class ContractDialog(ContractService contracts, UiActions ui, DialogService dialogs, Formats formats, TimeProvider clock)
{
    private readonly FormErrors _errors = new();
    private decimal _amount;
    private string _text = "";
    private DateOnly _from;
    private DateOnly? _until;

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
        _ => "Save",
    };

    protected override void OnInitialized()
    {
        var today = DateOnly.FromDateTime(formats.Local(clock.GetUtcNow().UtcDateTime));
        _from = Act is ContractAct.Pause && Contract.BilledUntil > today ? Contract.BilledUntil : today;
        _amount = Act is ContractAct.Price ? Contract.Price.Amount : Contract.DiscountRate / 100m;
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
            _ => throw new InvalidOperationException($"{Act} is no act."),
        };
        if (await ui.RunAsync(act, "Done.", _errors))
        {
            dialogs.Close(true);
        }
    }
}
