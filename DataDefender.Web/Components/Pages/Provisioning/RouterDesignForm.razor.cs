using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Provisioning;

/// <summary>What one router is to serve, in a side panel.</summary>
public sealed partial class RouterDesignForm(DesignService designs, TenantContext tenant, UiActions ui, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private RouterDesignInput? _input;

    [Parameter, EditorRequired]
    public Guid RouterId { get; set; }

    protected override async Task OnInitializedAsync() => _input = await designs.RouterAsync(RouterId);

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => designs.SaveRouterAsync(RouterId, _input!), "Design saved.", _errors))
        {
            dialogs.CloseSide();
        }
    }
}
