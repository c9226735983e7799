using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>A client's payments on the client's page: ask on the phone with the state live, take one, the last ones.</summary>
public sealed partial class ClientPayments(PaymentQueries payments, PaymentService asking, ChannelService channels, WalletService wallets, CurrentUser user, UiActions ui, DialogService dialogs)
{
    private const int QuietBeats = 5;

    private int _beats;
    private IReadOnlyList<IntentRow> _requests = [];
    private IReadOnlyList<ChannelRow> _channels = [];
    private PageOf<PaymentRow>? _paid;
    private WalletState? _wallet;
    private Money _due;
    private Exception? _failure;
    private Guid _shown;

    [Parameter, EditorRequired]
    public ClientChoice Client { get; set; } = default!;

    protected override void OnInitialized() => Every(TimeSpan.FromSeconds(2));

    protected override async Task OnParametersSetAsync()
    {
        if (_shown != Client.Id && user.Has(Permissions.ViewPayments))
        {
            _shown = Client.Id;
            await ReloadAsync();
        }
    }

    // Every beat while a prompt is under way; else now and then, for what comes by itself.
    protected override Task RefreshAsync() => _failure is null && _shown != Guid.Empty && (_requests.Any(r => r.Status is IntentStatus.Processing) || ++_beats % QuietBeats == 0) ? ReloadAsync() : Task.CompletedTask;

    private async Task ReloadAsync()
    {
        try
        {
            _channels = _channels.Count > 0 ? _channels : [.. (await channels.ListAsync()).Where(c => c.IsEnabled)];
            _requests = await payments.RequestsAsync(Client.Id, 3);
            _paid = (await payments.ListAsync(new GridQuery(PageSize: 5), new PaymentFilter(ClientId: Client.Id))).Page;
            (_wallet, _due) = (await wallets.GetAsync(Client.Id), await payments.DueAsync(Client.Id));
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task AskAsync()
    {
        await dialogs.OpenSideAsync<AskPanel>($"Ask {Client.Name} for payment", new Dictionary<string, object?> { [nameof(AskPanel.Client)] = Client, [nameof(AskPanel.Channels)] = _channels }, SidePanel.Options);
        await ReloadAsync();
    }

    private async Task ReceiveAsync()
    {
        await dialogs.OpenSideAsync<ReceivePanel>($"Take a payment of {Client.Name}", new Dictionary<string, object?> { [nameof(ReceivePanel.Client)] = Client, [nameof(ReceivePanel.ClientId)] = Client.Id }, SidePanel.Options);
        await ReloadAsync();
    }

    private async Task UseWalletAsync()
    {
        await ui.RunAsync(() => wallets.UseAsync(Client.Id), "Paid from the wallet.");
        await ReloadAsync();
    }

    private async Task GrantAsync()
    {
        await dialogs.OpenSideAsync<GrantPanel>($"Give {Client.Name} credit", new Dictionary<string, object?> { [nameof(GrantPanel.ClientId)] = Client.Id }, SidePanel.Options);
        await ReloadAsync();
    }

    private async Task PayOutAsync()
    {
        await dialogs.OpenSideAsync<PayOutPanel>($"Pay {Client.Name} out", new Dictionary<string, object?> { [nameof(PayOutPanel.ClientId)] = Client.Id, [nameof(PayOutPanel.Held)] = _wallet!.Paid }, SidePanel.Options);
        await ReloadAsync();
    }

    private async Task AgainAsync(Guid id)
    {
        await ui.RunAsync(() => asking.AskAgainAsync(id));
        await ReloadAsync();
    }

    private async Task CancelAsync(Guid id)
    {
        await ui.RunAsync(() => asking.CancelAsync(id), "The request is cancelled.");
        await ReloadAsync();
    }

    private async Task LookAsync(Guid id)
    {
        await ui.RunAsync(() => payments.LookNowAsync(id), "The provider is being asked.");
        await ReloadAsync();
    }
}
