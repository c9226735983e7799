using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Messages;

/// <summary>The register of who does not want to be written to.</summary>
public sealed partial class OptOuts(MessageLogService log, CurrentUser user, UiActions ui, Confirm confirm)
{
    private readonly FormErrors _errors = new();
    private RadzenDataGrid<OptOutRow>? _grid;
    private PageOf<OptOutRow>? _page;
    private Exception? _failure;
    private string? _shown;
    private bool _adding;
    private MessageChannel _channel;
    private string _recipient = "";
    private string _reason = "";

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    protected override Task OnParametersSetAsync() => _page is null || Search == _shown ? Task.CompletedTask : ReloadAsync();

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Search;
        try
        {
            _page = await log.OptOutsAsync(args.ToQuery(Search));
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

    private async Task AddAsync()
    {
        if (await ui.RunAsync(() => log.OptOutAsync(_channel, _recipient, _reason), "Entered.", _errors))
        {
            (_recipient, _reason, _adding) = ("", "", false);
            await ReloadAsync();
        }
    }

    private async Task RemoveAsync(OptOutRow row)
    {
        var gets = row.Scope is OptOutScope.Promotional ? "advertising" : "messages";
        if (await confirm.AskAsync("Take off the register", $"{MessageWords.Recipient(row.Channel, row.Recipient)} will get {gets} again.", "Take off")
            && await ui.RunAsync(() => log.WithdrawOptOutAsync(row.Id), "Taken off."))
        {
            await ReloadAsync();
        }
    }
}
