using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Radius;

/// <summary>What may send us RADIUS, when it was heard, and whether its secret fits.</summary>
public sealed partial class NasList(NasService nas, LiveMetrics metrics, TenantContext tenant, CurrentUser user, DialogService dialogs, NavigationManager navigation)
{
    private readonly GridRows<NasRow> _rows = new();
    private IReadOnlyDictionary<Guid, NasPulse> _pulses = new Dictionary<Guid, NasPulse>();
    private NasLearning? _learning;
    private bool _asked;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    /// <summary>Opens the form for a new NAS, of this router when one is named.</summary>
    [SupplyParameterFromQuery(Name = "add")]
    private bool Add { get; set; }

    [SupplyParameterFromQuery(Name = "router")]
    private Guid? RouterId { get; set; }

    /// <summary>Opens the form of this NAS.</summary>
    [SupplyParameterFromQuery(Name = "edit")]
    private Guid? Edit { get; set; }

    private string? Context => _rows.Page is { } page ? $"{Formats.Count(page.Total)} NAS{(Search is null ? "" : $" match “{Search}”")}" : null;

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(5));
        Look();
    }

    protected override Task OnParametersSetAsync() => _rows.FollowAsync(Search);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_asked && _rows.Page is not null && (Add || Edit is not null))
        {
            _asked = true;
            if (Add)
            {
                await OpenAsync(null);
            }
            else if (await nas.GetAsync(Edit!.Value) is { } row)
            {
                await OpenAsync(row);
            }
        }
    }

    protected override Task RefreshAsync()
    {
        Look();
        return Task.CompletedTask;
    }

    private void Look() => _pulses = metrics.NasPulses(tenant.TenantId);

    // RadiusHost counts from its start; before that the open sessions remember.
    private DateTime? Heard(NasRow row) => _pulses.GetValueOrDefault(row.Id)?.LastSeenAt ?? row.LastReportAt;

    private long WrongSecret(NasRow row) => _pulses.GetValueOrDefault(row.Id)?.BadAuthenticators ?? 0;

    private static string Rule(NasRow row) => row.MessageAuthenticator is MessageAuthenticatorRule.Off ? "not asked for" : "required";

    private static string RuleTip(NasRow row) => row.MessageAuthenticator is MessageAuthenticatorRule.Off
        ? "Logins without one are taken: open to BlastRADIUS. For equipment that cannot send it."
        : "Logins without one are dropped.";

    // A fingerprint's beginning does to tell one from another; the tooltip has it whole.
    private static string Short(string certificate) => certificate.StartsWith(NasCertificate.Sha256, StringComparison.Ordinal) ? certificate[..(NasCertificate.Sha256.Length + 12)] + "…" : certificate;

    private Task LoadAsync(LoadDataArgs args) => _rows.LoadAsync(Search, async () =>
    {
        var page = await nas.ListAsync(args.ToQuery(Search));
        _learning = await nas.LearningAsync();
        return page;
    });

    private async Task OpenAsync(NasRow? row)
    {
        if (!user.Has(Permissions.ManageNetwork))
        {
            return;
        }

        var parameters = new Dictionary<string, object?> { [nameof(NasForm.Row)] = row, [nameof(NasForm.RouterId)] = row?.RouterId ?? RouterId };
        await dialogs.OpenSideAsync<NasForm>(row?.Name ?? "Add a NAS", parameters, SidePanel.Options);
        if (Add || Edit is not null)
        {
            navigation.NavigateTo("/nas", replace: true); // a reload must not open the form again
        }

        await _rows.ReloadAsync();
        StateHasChanged();
    }
}
