using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>One channel: credentials, trust, doubtful points, addresses, and what was asked of the provider lately.</summary>
public sealed partial class ChannelPanel(ChannelService service, UiActions ui, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private ChannelInput? _input;
    private ChannelDetails? _details;
    private PageOf<ProviderRequestRow>? _requests;
    private string? _registered;
    private Exception? _failure;

    /// <summary>Null for a new one.</summary>
    [Parameter]
    public Guid? Id { get; set; }

    protected override async Task OnInitializedAsync()
    {
        if (Id is not { } id)
        {
            _input = new ChannelInput();
            UseAddresses();
            return;
        }

        try
        {
            _details = await service.GetAsync(id);
            _input = _details.Input;
            _requests = await service.RequestsAsync(id, new GridQuery(PageSize: 15));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void UseAddresses()
    {
        if (Id is null)
        {
            _input!.UseProviderAddresses();
            _input.CanQuery = _input.Kind is not ChannelKind.FamilyBank;
        }
    }

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => service.SaveAsync(Id, _input!), "The channel is saved.", _errors))
        {
            dialogs.CloseSide(true);
        }
    }

    private async Task RegisterAsync() => await ui.RunAsync(async () => _registered = (await service.RegisterAsync(Id!.Value)).Text);
}
