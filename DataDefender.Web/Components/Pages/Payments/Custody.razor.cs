using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Every shilling as a card in its state; what is stuck stands out, and what a person has to decide stands below.</summary>
public sealed partial class Custody(CustodyBoard board, PaymentQueries payments, PushInquiry inquiry, CurrentUser user, UiActions ui, Confirm confirm)
{
    private IReadOnlyList<CustodyColumn>? _columns;
    private IReadOnlyList<OpenPush> _open = [];
    private Exception? _failure;

    protected override Task OnInitializedAsync()
    {
        Every(TimeSpan.FromSeconds(5));
        return ReloadAsync();
    }

    protected override Task RefreshAsync() => _failure is null ? ReloadAsync() : Task.CompletedTask;

    private async Task ReloadAsync()
    {
        try
        {
            (_open, _columns, _failure) = (await payments.OpenPushesAsync(), await board.GetAsync(), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task AskAsync(Guid id)
    {
        await ui.RunAsync(() => payments.LookNowAsync(id), "The provider is being asked.");
        await ReloadAsync();
    }

    private async Task NothingAsync(OpenPush push)
    {
        if (await confirm.AskReasonAsync("Nothing came of it", $"The prompt of {Formats.Money(push.Amount)} is closed as failed. Money that comes all the same still counts.", "Close it", "Where you found that out", danger: true) is { } why)
        {
            await ui.RunAsync(() => inquiry.CameToNothingAsync(push.Id, why), "It is closed.");
            await ReloadAsync();
        }
    }
}
