using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Messages;

/// <summary>Every message to a customer: what became of it, why, and what it cost.</summary>
public sealed partial class Messages(MessageLogService log, CurrentUser user, DialogService dialogs, Formats formats, TimeProvider clock, NavigationManager navigation)
{
    private const string NothingAsked = "\n\n";

    private RadzenDataGrid<MessageRow>? _grid;
    private PageOf<MessageRow>? _page;
    private IReadOnlyDictionary<MessageStatus, int>? _counts;
    private IReadOnlyList<MessageTotals> _month = [];
    private string? _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

    [SupplyParameterFromQuery(Name = "channel")]
    private string? ChannelName { get; set; }

    private string Asked => string.Join('\n', Search, State, ChannelName);

    private MessageStatus? Status => Enum.TryParse<MessageStatus>(State, ignoreCase: true, out var status) && Enum.IsDefined(status) ? status : null;

    private MessageChannel? Channel => Enum.TryParse<MessageChannel>(ChannelName, ignoreCase: true, out var channel) && Enum.IsDefined(channel) ? channel : null;

    private string? Context => _counts is null ? null
        : _month.Count == 0 ? "Nothing was sent this month."
        : "Sent this month: " + string.Join(", ", _month.Select(t =>
            $"{Formats.Count(t.Messages)} {(t.Channel is MessageChannel.Sms ? $"SMS ({Formats.Count(t.Segments)} parts)" : "e-mails")}{(MessageWords.Cost(t.CostMicros, t.Currency) is { } cost ? $" for {cost}" : "")}"));

    protected override Task OnParametersSetAsync() => _page is null || Asked == _shown ? Task.CompletedTask : ReloadAsync();

    private string With(MessageStatus? status) => navigation.GetUriWithQueryParameter("state", status?.ToString().ToLowerInvariant());

    private void Set(string name, string? value) => navigation.NavigateTo(navigation.GetUriWithQueryParameter(name, string.IsNullOrEmpty(value) ? null : value));

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Asked;
        try
        {
            _page = await log.ListAsync(args.ToQuery(Search), new MessageFilter(Status, Channel));
            _counts = await log.CountsAsync();
            var today = formats.Local(clock.GetUtcNow().UtcDateTime);
            _month = await log.TotalsAsync(formats.Utc(new DateTime(today.Year, today.Month, 1, 0, 0, 0, DateTimeKind.Unspecified)));
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
            _page = null; // the grid comes back with the next render and loads by itself
        }
    }

    private void Retry() => (_failure, _page) = (null, null);

    private async Task OpenAsync(MessageRow? row)
    {
        if (row is not null && await dialogs.OpenSideAsync<MessagePanel>("Message", new() { [nameof(MessagePanel.Message)] = row }, SidePanel.Options) is true)
        {
            await ReloadAsync();
        }
    }
}
