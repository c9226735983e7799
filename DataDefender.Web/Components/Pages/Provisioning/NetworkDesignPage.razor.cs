using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Provisioning;

/// <summary>The servers and addresses that every router's design refers to.</summary>
public sealed partial class NetworkDesignPage(DesignService designs, RouterService routers, UiActions ui)
{
    private readonly FormErrors _errors = new();
    private NetworkDesignInput? _input;
    private IReadOnlyList<NamedRouter> _routers = [];
    private Exception? _failure;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_input, _routers, _failure) = (await designs.NetworkAsync(), await routers.NamesAsync(), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task SaveAsync() => await ui.RunAsync(() => designs.SaveNetworkAsync(_input!), "Network design saved.", _errors);
}
