using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Topology;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Lines;

/// <summary>Sells a line to a client. Closes with the line's id.</summary>
public sealed partial class LinePanel(SubscriptionService lines, PackageService packages, SiteService sites, CurrentUser user, UiActions ui, DialogService dialogs, Formats formats)
{
    private readonly FormErrors _errors = new();
    private readonly SubscriptionInput _input = new();
    private IReadOnlyList<PackageChoice>? _choices;
    private IReadOnlyList<NamedSite> _sites = [];
    private Exception? _failure;

    [Parameter, EditorRequired]
    public Guid ClientId { get; set; }

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_choices, _sites, _failure) = (await packages.ChoicesAsync(), user.Has(Permissions.ViewNetwork) ? await sites.NamesAsync() : [], null);
            _input.PackageId = _choices.Count > 0 ? _choices[0].Id : Guid.Empty;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task SaveAsync()
    {
        var id = Guid.Empty;
        if (await ui.RunAsync(async () => id = await lines.CreateAsync(ClientId, _input), "The line is sold.", _errors))
        {
            dialogs.CloseSide(id);
        }
    }
}
