using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>One payment: where it came from, where it went, and what was done to it.</summary>
public sealed partial class PaymentPage(PaymentQueries payments, OrphanService orphans, CounterService counter, CurrentUser user, UiActions ui, Confirm confirm)
{
    private PaymentDetails? _payment;
    private Exception? _failure;
    private Guid _shown;

    [Parameter]
    public Guid Id { get; set; }

    protected override void OnInitialized() => Every(TimeSpan.FromSeconds(10));

    protected override Task OnParametersSetAsync()
    {
        if (_shown == Id)
        {
            return Task.CompletedTask;
        }

        _shown = Id;
        return ReloadAsync();
    }

    protected override Task RefreshAsync() => _failure is null ? ReloadAsync() : Task.CompletedTask;

    private async Task ReloadAsync()
    {
        try
        {
            (_payment, _failure) = (await payments.GetAsync(Id), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ClearedAsync()
    {
        if (await ui.RunAsync(() => counter.ChequeClearedAsync(Id), "The cheque counts now."))
        {
            await ReloadAsync();
        }
    }

    private Task BouncedAsync() => WithReasonAsync("The cheque bounced", "What was noted is taken back. Nothing of it had counted for the client yet.", "It bounced", why => counter.ChequeBouncedAsync(Id, why), "The cheque is noted as bounced.");

    private Task RefundAsync() => WithReasonAsync(
        $"Give {Formats.Money(_payment!.Row.Amount)} back", _payment.Row.Method is PaymentMethod.Cash
            ? "It is taken out of your drawer. What it paid is owed again."
            : "Send it by the provider's portal or the bank first, and enter that reference. What it paid is owed again.",
        "Give back", async why =>
        {
            if (!await orphans.RefundAsync(Id, why, _payment!.Row.Method is PaymentMethod.Cash))
            {
                throw new Domain.Common.DomainException("payment.second", "It is large: a second person has to agree, by giving it back too.");
            }
        }, "It is noted as given back.");

    private Task ReverseAsync() => WithReasonAsync(
        $"Reverse {Formats.Money(_payment!.Row.Amount)}", "For money that the provider took back, or that should never have been entered. A contra entry is made, and what it paid is owed again.",
        "Reverse", why => orphans.ReverseAsync(Id, why), "It is reversed.");

    private async Task WithReasonAsync(string title, string consequence, string verb, Func<string, Task> act, string done)
    {
        if (await confirm.AskReasonAsync(title, consequence, verb, danger: true) is { } why)
        {
            await ui.RunAsync(() => act(why), done);
            await ReloadAsync();
        }
    }
}
