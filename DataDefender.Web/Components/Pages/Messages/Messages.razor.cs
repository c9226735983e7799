using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Messages;

/// <summary>Every message to a customer: what became of it, why, and what it cost.</summary>
public sealed partial class Messages(MessageLogService log, CurrentUser user, DialogService dialogs, Formats formats, TimeProvider clock, NavigationManager navigation)
{
    private const string NothingAsked = "\n\n";

    private readonly GridRows<MessageRow> _rows = new();
    private IReadOnlyDictionary<MessageStatus, int>? _counts;
    private IReadOnlyList<MessageTotals> _month = [];

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

    protected override Task OnParametersSetAsync() => _rows.FollowAsync(Asked);

    private string With(MessageStatus? status) => navigation.GetUriWithQueryParameter("state", status?.ToString().ToLowerInvariant());

    private void Set(string name, string? value) => navigation.NavigateTo(navigation.GetUriWithQueryParameter(name, string.IsNullOrEmpty(value) ? null : value));

    private Task LoadAsync(LoadDataArgs args) => _rows.LoadAsync(Asked, async () =>
    {
        var page = await log.ListAsync(args.ToQuery(Search), new MessageFilter(Status, Channel));
        _counts = await log.CountsAsync();
        var today = formats.Local(clock.GetUtcNow().UtcDateTime);
        _month = await log.TotalsAsync(formats.Utc(new DateTime(today.Year, today.Month, 1, 0, 0, 0, DateTimeKind.Unspecified)));
        return page;
    });

    private async Task OpenAsync(MessageRow? row)
    {
        if (row is not null && await dialogs.OpenSideAsync<MessagePanel>("Message", new() { [nameof(MessagePanel.Message)] = row }, SidePanel.Options) is true)
        {
            await _rows.ReloadAsync();
        }
    }
}
