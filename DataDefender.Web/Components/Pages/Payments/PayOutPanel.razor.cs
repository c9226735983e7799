using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Money that a client gets back out of the wallet. Its key is made once, so that a second click pays nothing more.</summary>
public sealed partial class PayOutPanel(WalletService wallets, UiActions ui, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private readonly PayOutInput _input = new() { IdempotencyKey = Guid.CreateVersion7().ToString("N") };

    [Parameter, EditorRequired]
    public Guid ClientId { get; set; }

    /// <summary>What of the wallet can be paid out.</summary>
    [Parameter, EditorRequired]
    public Money Held { get; set; }

    private PaymentMethod How
    {
        get => _input.InCash ? PaymentMethod.Cash : PaymentMethod.BankTransfer;
        set => _input.InCash = value is PaymentMethod.Cash;
    }

    protected override void OnInitialized() => (_input.ClientId, _input.Amount) = (ClientId, Held.Amount);

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => wallets.PayOutAsync(_input), "It is paid out.", _errors))
        {
            dialogs.CloseSide(true);
        }
    }
}
