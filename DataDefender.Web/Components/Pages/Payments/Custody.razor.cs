using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Every shilling as a card in its state; what is stuck stands out.</summary>
public sealed partial class Custody(CustodyBoard board)
{
    private IReadOnlyList<CustodyColumn>? _columns;
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
            (_columns, _failure) = (await board.GetAsync(), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }
}
