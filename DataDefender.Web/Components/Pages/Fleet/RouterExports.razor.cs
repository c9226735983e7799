using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace DataDefender.Web.Components.Pages.Fleet;

/// <summary>What a router was configured as, night by night, and its binary backups.</summary>
public sealed partial class RouterExports(
    RouterService routers, ExportService exports, BackupService backups, LiveMetrics metrics, TenantContext tenant, CurrentUser user, UiActions ui, IJSRuntime browser)
{
    private const int PageSize = 30;

    private readonly List<Guid> _chosen = [];
    private RouterDetails? _router;
    private PageOf<ExportRow>? _page;
    private ExportUpkeep _upkeep = new(null, null, null, false);
    private IReadOnlyList<BackupRow> _backups = [];
    private (Guid Id, string Password)? _shown;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>Counts from 1.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    private int? Page { get; set; }

    private int Number => Math.Max(1, Page ?? 1);

    private string Context => _upkeep.ExportedAt is { } at ? $"Read last {Formats.Age(at)} ago; each night and after each change of ours, without secrets" : "Each night and after each change of ours, without secrets";

    private (Guid Before, Guid After)? Pair => _chosen.Count == 2 && _page!.Items.Where(e => _chosen.Contains(e.Id)).OrderBy(e => e.TakenAt).Select(e => e.Id).ToList() is [var before, var after] ? (before, after) : null;

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(5));
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected override Task RefreshAsync() => _upkeep.IsWanted || _backups.Any(b => b.State is BackupState.Wanted) ? LoadAsync() : Task.CompletedTask;

    private async Task LoadAsync()
    {
        try
        {
            _router ??= await routers.GetAsync(Id);
            _upkeep = await exports.UpkeepAsync(Id);
            _backups = await backups.ListAsync(Id);
            (_page, _failure) = (await exports.HistoryAsync(Id, new GridQuery(Number - 1, PageSize)), null);
        }
        catch (Exception failure) when (_page is null || failure is DomainException)
        {
            _failure = failure;
        }
        catch
        {
            // The database is away for a moment; what is shown stays.
        }
    }

    // A third choice takes the place of the first.
    private void Choose(Guid id)
    {
        if (!_chosen.Remove(id))
        {
            _chosen.Add(id);
            if (_chosen.Count > 2)
            {
                _chosen.RemoveAt(0);
            }
        }
    }

    private async Task TakeAsync()
    {
        if (await ui.RunAsync(() => exports.RequestAsync(Id), "It is taken as soon as the router answers."))
        {
            await LoadAsync();
        }
    }

    private async Task BackUpAsync()
    {
        if (await ui.RunAsync(() => backups.RequestAsync(Id), "The backup is under way."))
        {
            await LoadAsync();
        }
    }

    private async Task RevealAsync(Guid id) => await ui.RunAsync(async () => _shown = (id, await backups.RevealPasswordAsync(id)));

    private async Task DownloadAsync(Guid id) => await ui.RunAsync(async () =>
    {
        var (name, content) = await backups.DownloadAsync(id);
        await browser.InvokeVoidAsync("dataDefender.download", name, "application/octet-stream", content);
    });
}
