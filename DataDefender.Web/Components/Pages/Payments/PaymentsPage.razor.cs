using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>All money that came, whichever way.</summary>
public sealed partial class PaymentsPage(PaymentQueries payments, CurrentUser user, DialogService dialogs, NavigationManager navigation, TimeProvider clock)
{
    private const string DefaultPeriod = "30d";

    private static readonly (string Name, string Key, TimeSpan Length)[] Periods =
        [("Today", "1d", TimeSpan.FromDays(1)), ("7 days", "7d", TimeSpan.FromDays(7)), ("30 days", DefaultPeriod, TimeSpan.FromDays(30)), ("All", "all", TimeSpan.FromDays(36_500))];

    private RadzenDataGrid<PaymentRow>? _grid;
    private PaymentList? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private (string?, string, string?, string?) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "period")]
    private string? Period { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? StateName { get; set; }

    [SupplyParameterFromQuery(Name = "method")]
    private string? MethodName { get; set; }

    private string PeriodKey => Periods.Any(p => p.Key == Period) ? Period! : DefaultPeriod;

    private TransactionState? State => Enum.TryParse<TransactionState>(StateName, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null;

    private PaymentMethod? Method => Enum.TryParse<PaymentMethod>(MethodName, ignoreCase: true, out var method) && Enum.IsDefined(method) ? method : null;

    private string? Context => _page is { } page ? $"{Formats.Count(page.Page.Total)} of {Formats.Money(page.Sum)} in all" : null;

    private string EmptyText => Search is null ? "No payment of this kind in that time." : $"No payment matches “{Search}” in that time.";

    private (string?, string, string?, string?) Asked => (Search, PeriodKey, StateName, MethodName);

    protected override Task OnParametersSetAsync() => _page is null || Asked == _shown ? Task.CompletedTask : ReloadAsync();

    private void ByState(ChangeEventArgs chosen) => Go("state", chosen.Value as string);

    private void ByMethod(ChangeEventArgs chosen) => Go("method", chosen.Value as string);

    private void Go(string name, string? value) => navigation.NavigateTo(navigation.GetUriWithQueryParameter(name, string.IsNullOrEmpty(value) ? null : value));

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Asked;
        var length = Periods.Single(p => p.Key == PeriodKey).Length;
        var from = PeriodKey == "1d" ? Formats.Utc(Formats.Local(clock.GetUtcNow().UtcDateTime).Date) : clock.GetUtcNow().UtcDateTime - length;
        try
        {
            _page = await payments.ListAsync(args.ToQuery(Search), new PaymentFilter(State, Method, From: PeriodKey == "all" ? null : from));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ReloadAsync()
    {
        if (_grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
        else
        {
            _page = null;
        }
    }

    private void Retry() => (_failure, _page) = (null, null);

    private async Task ReceiveAsync()
    {
        if (await dialogs.OpenSideAsync<ReceivePanel>("Take a payment", new Dictionary<string, object?>(), SidePanel.Options) is Guid id)
        {
            navigation.NavigateTo($"/payments/{id}");
        }
    }
}
