using System.Globalization;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace DataDefender.Web.Components.Pages.Fleet;

/// <summary>One saved configuration: its text, and the way back to it.</summary>
public sealed partial class ExportPage(
    RouterService routers, ExportService exports, ProvisioningService provisioning, CurrentUser user, UiActions ui, Confirm confirm, NavigationManager navigation, IJSRuntime browser)
{
    private ExportRow? _export;
    private string _router = "";
    private string _text = "";
    private ExportRestore? _restore;
    private bool _planning;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    [Parameter]
    public Guid ExportId { get; set; }

    private string? Context => _export is { } export ? $"{_router}, {Formats.Absolute(export.TakenAt)} · RouterOS {export.RouterOsVersion} · {Formats.Count(export.Lines)} lines · {FleetWords.Why(export.Reason)}" : null;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _router = (await routers.GetAsync(Id)).Name;
            (_export, _text) = await exports.TextAsync(ExportId);
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task PlanAsync()
    {
        _planning = true;
        StateHasChanged();
        await ui.RunAsync(async () => _restore = await exports.PlanBackAsync(ExportId));
        _planning = false;
    }

    private async Task ApplyAsync()
    {
        var plan = _restore!.Plan;
        var count = plan.Changes.Length == 1 ? "1 change" : $"{plan.Changes.Length} changes";
        if (await confirm.AskAsync($"Apply {count} to {plan.RouterName}?", "What is ours there becomes as it was then. What is not ours is not touched.", "Apply")
            && await ui.RunAsync(() => provisioning.RestoreAsync(plan, ExportId), "The change is under way."))
        {
            navigation.NavigateTo($"/routers/{Id}/configuration");
        }
    }

    private async Task DownloadAsync()
    {
        var export = _export!;
        var head = string.Create(CultureInfo.InvariantCulture, $"# {_router}, read {export.TakenAt:yyyy-MM-dd HH:mm:ss} UTC, RouterOS {export.RouterOsVersion}\n# without secrets\n");
        var name = new string([.. _router.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-')]);
        await browser.InvokeVoidAsync("dataDefender.download", string.Create(CultureInfo.InvariantCulture, $"{name}-{export.TakenAt:yyyyMMdd-HHmm}.rsc"), "text/plain;charset=utf-8", head + _text);
    }
}
