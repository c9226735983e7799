using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Topology;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Finance;

/// <summary>Enters what sites cost.</summary>
public sealed partial class SiteCostsCard(SiteCosts costs, LinePlaces places, CurrentUser user, UiActions ui, Confirm confirm, Workplace workplace, Formats formats)
{
    private readonly FormErrors _errors = new();
    private SiteCostInput _input = new();
    private IReadOnlyList<(Guid Id, string Name)> _sites = [];
    private PageOf<SiteCostRow>? _page;
    private UnplacedLines? _unplaced;
    private int _rows = 20;

    /// <summary>A cost came or went.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _sites = await costs.SitesAsync();
        var today = formats.Today;
        _input = new SiteCostInput { SiteId = _sites.Count > 0 ? _sites[0].Id : Guid.Empty, Month = new DateOnly(today.Year, today.Month, 1) };
        await LoadAsync();
    }

    private async Task LoadAsync() => (_page, _unplaced) = (await costs.ListAsync(new GridQuery(0, _rows)), await places.UnplacedAsync());

    private async Task AdoptAsync()
    {
        if (await ui.RunAsync(async () => ui.Say($"{Formats.Count(await places.AdoptAsync())} lines have a site now.")))
        {
            await LoadAsync();
            await Changed.InvokeAsync();
        }
    }

    private Task MoreAsync()
    {
        _rows += 50;
        return LoadAsync();
    }

    private async Task AddAsync()
    {
        if (await ui.RunAsync(() => costs.AddAsync(_input), "Cost entered.", _errors))
        {
            _input = _input with { What = "", Amount = 0 };
            await LoadAsync();
            await Changed.InvokeAsync();
        }
    }

    private async Task RemoveAsync(SiteCostRow row)
    {
        if (await confirm.AskAsync("Take a cost out", $"{row.What} of {row.Site}, {formats.Money(row.Amount)}, counts no more. The audit trail keeps it.", "Take out")
            && await ui.RunAsync(() => costs.RemoveAsync(row.Id), "Taken out."))
        {
            await LoadAsync();
            await Changed.InvokeAsync();
        }
    }
}
