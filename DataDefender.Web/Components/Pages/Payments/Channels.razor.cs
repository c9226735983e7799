using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;
using Radzen;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>The company's accounts at providers.</summary>
public sealed partial class Channels(ChannelService service, PaymentSettingsService settings, UiActions ui, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private IReadOnlyList<ChannelRow>? _channels;
    private decimal _limit;
    private CredentialCheck? _check;
    private Guid? _checked;
    private Exception? _failure;

    protected override Task OnInitializedAsync() => ReloadAsync();

    private async Task ReloadAsync()
    {
        try
        {
            _limit = (await settings.TwoPeopleFromAsync()).Amount;
            (_channels, _failure) = (await service.ListAsync(), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task OpenAsync(Guid? id)
    {
        await dialogs.OpenSideAsync<ChannelPanel>(id is null ? "Add a channel" : "Payment channel", new Dictionary<string, object?> { [nameof(ChannelPanel.Id)] = id }, SidePanel.Options);
        await ReloadAsync();
    }

    private async Task SaveLimitAsync() => await ui.RunAsync(() => settings.SaveAsync(_limit), "The limit is saved.", _errors);

    private async Task TestAsync(Guid id) => await ui.RunAsync(async () => (_checked, _check) = (id, await service.TestAsync(id)));
}
