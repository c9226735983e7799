using DataDefender.Domain.Common;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>The rules that packages refer to.</summary>
public sealed partial class Policies(UsagePolicyService policies, CurrentUser user, NavigationManager navigation)
{
    private readonly GridRows<UsagePolicyRow> _rows = new();

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    private string? Context => _rows.Page is { } page ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "policy" : "policies")}{(Search is null ? "" : " match")}" : null;

    protected override Task OnParametersSetAsync() => _rows.FollowAsync(Search);

    private Task LoadAsync(LoadDataArgs args) => _rows.LoadAsync(Search, () => policies.ListAsync(args.ToQuery(Search)));

    private void Open(UsagePolicyRow? row) => navigation.NavigateTo($"policies/{row?.Id}");
}
