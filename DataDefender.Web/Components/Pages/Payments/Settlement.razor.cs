using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Our books against the providers' statements, by day.</summary>
public sealed partial class Settlement(StatementService statements, ChannelService channels, CurrentUser user, UiActions ui, NavigationManager navigation)
{
    private IReadOnlyList<SettlementDay>? _days;
    private IReadOnlyList<ChannelRow> _channels = [];
    private Guid _channel;
    private decimal _amount;
    private decimal _fee;
    private string _reference = "";
    private int? _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "days")]
    private int? Days { get; set; }

    private int Back => Days is 31 or 62 ? Days.Value : 7;

    protected override Task OnParametersSetAsync() => _shown == Back ? Task.CompletedTask : ReloadAsync();

    private async Task ReloadAsync()
    {
        _shown = Back;
        try
        {
            _channels = await channels.ListAsync();
            _channel = _channels.Count > 0 ? _channels[0].Id : Guid.Empty;
            _days = await statements.SettlementAsync(Formats.Today, Back);
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task PaidOutAsync()
    {
        if (await ui.RunAsync(() => statements.PaidOutAsync(_channel, _amount, _fee, _reference), "The payout is in the books."))
        {
            (_amount, _fee, _reference) = (0, 0, "");
            await ReloadAsync();
        }
    }
}
