using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Credit that the company gives. Its key is made once, so that a second click gives nothing more.</summary>
public sealed partial class GrantPanel(WalletService wallets, UiActions ui, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private readonly string _key = Guid.CreateVersion7().ToString("N");
    private decimal _amount;
    private string _why = "";

    [Parameter, EditorRequired]
    public Guid ClientId { get; set; }

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => wallets.GrantAsync(ClientId, _amount, _why, _key), "The credit is in the wallet.", _errors))
        {
            dialogs.CloseSide(true);
        }
    }
}
