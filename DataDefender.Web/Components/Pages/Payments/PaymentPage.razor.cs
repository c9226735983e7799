using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>One payment: where it came from, where it went, and what was done to it.</summary>
public sealed partial class PaymentPage(PaymentQueries payments, OrphanService orphans, RefundService refunds, CounterService counter, CurrentUser user, UiActions ui, Confirm confirm)
{
    private PaymentDetails? _payment;
    private IReadOnlyList<RefundRow> _refunds = [];
    private Exception? _failure;
    private Guid _shown;

    /// <summary>In which order a part is taken back, in words.</summary>
    private string WhereFrom => _payment!.Row.ClientId is null ? "The rest stays without an owner." : "It is taken first from what this payment left in the wallet, then from its invoices, the newest first; those are owed again.";

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
            (_refunds, _payment, _failure) = (await refunds.OfAsync(Id), await payments.GetAsync(Id), null);
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

    private async Task RefundAsync()
    {
        var cash = _payment!.Row.Method is PaymentMethod.Cash;
        var most = _payment.Proposed is ProposedAct.Refund && _payment.ProposedAmount is { } proposed ? proposed : _payment.Row.Remaining; // a second person agrees to what was proposed
        if (await confirm.AskAmountAsync(
            "Note as given back", (cash ? "It is taken out of your drawer. " : "Send it by the provider's portal or the bank first, and enter that reference. ") + WhereFrom, "Give back", most) is not { } answer)
        {
            return;
        }

        var input = new RefundInput { PaymentId = Id, Amount = answer.Amount, Reason = answer.Reason, InCash = cash, IdempotencyKey = Guid.CreateVersion7().ToString("N") };
        await ui.RunAsync(async () =>
        {
            if (!await orphans.RefundAsync(input))
            {
                throw new Domain.Common.DomainException("payment.second", "It is large: a second person has to agree, by giving the same amount back too.");
            }
        }, "It is noted as given back.");
        await ReloadAsync();
    }

    private Task ReverseAsync() => WithReasonAsync(
        $"Reverse {Formats.Money(_payment!.Row.Remaining)}", "For money that the provider took back, or that should never have been entered. A contra entry is made, and what it paid is owed again.",
        "Reverse", async why =>
        {
            if (!await orphans.ReverseAsync(Id, why))
            {
                throw new Domain.Common.DomainException("payment.second", "It is large: a second person has to agree, by reversing it too.");
            }
        }, "It is reversed.");

    private Task CountAsync() => WithReasonAsync(
        $"{Formats.Money(_payment!.Row.Amount)} came through a channel that was not live", "Where money moved all the same it is brought into the books, without an owner: give it to its client next. Mark the channel as live, so that the next counts by itself.",
        "Bring into the books", why => orphans.CountAsync(Id, why), "It is in the books and waits for its owner.");

    private async Task SendBackAsync()
    {
        if (await confirm.AskAmountAsync("Give back by M-Pesa", "A second person has to agree. Then Safaricom is ordered to reverse that much of the receipt. " + WhereFrom, "Propose it", _payment!.Row.Remaining) is { } answer)
        {
            await ui.RunAsync(() => refunds.ProposeAsync(Id, answer.Amount, answer.Reason), "It waits for a second person.");
            await ReloadAsync();
        }
    }

    private async Task AgreeAsync()
    {
        if (await confirm.AskAsync($"Give {Formats.Money(_payment!.ProposedAmount ?? _payment.Row.Remaining)} back by M-Pesa", $"{_payment.ProposedBy} wants it: {_payment.ProposedReason}. The order leaves at once and cannot be called back.", "Agree, and order it", danger: true))
        {
            await ui.RunAsync(() => refunds.AgreeAsync(Id), "The provider is ordered to give it back.");
            await ReloadAsync();
        }
    }

    private async Task WithdrawAsync()
    {
        await ui.RunAsync(() => orphans.WithdrawAsync(Id), "The proposal is withdrawn.");
        await ReloadAsync();
    }

    private async Task DecideAsync(Guid refund, bool wentBack)
    {
        if (await confirm.AskReasonAsync(
            wentBack ? "The money went back" : "The money did not go back", wentBack ? "It leaves the provider's account in the books." : "The client has it again in the books, or it is an orphan as before.",
            wentBack ? "It went back" : "It did not", wentBack ? "The provider's receipt" : "Where you found that out", danger: true) is { } reference)
        {
            await ui.RunAsync(() => refunds.DecideAsync(refund, wentBack, reference), "It is settled.");
            await ReloadAsync();
        }
    }

    private async Task WithReasonAsync(string title, string consequence, string verb, Func<string, Task> act, string done)
    {
        if (await confirm.AskReasonAsync(title, consequence, verb, danger: true) is { } why)
        {
            await ui.RunAsync(() => act(why), done);
            await ReloadAsync();
        }
    }
}
