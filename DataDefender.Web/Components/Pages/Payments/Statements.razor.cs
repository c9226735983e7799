using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Brings statements in and works on the rows that pair with nothing.</summary>
public sealed partial class Statements(StatementService statements, ChannelService channels, UiActions ui, Confirm confirm, NavigationManager navigation)
{
    private RadzenDataGrid<StatementRowView>? _grid;
    private PageOf<StatementRowView>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private PageOf<StatementImportRow>? _imports;
    private IReadOnlyList<ChannelRow> _channels = [];
    private ImportResult? _result;
    private Guid? _channel;
    private (string?, string?) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? StateName { get; set; }

    private StatementRowState State => Enum.TryParse<StatementRowState>(StateName, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : StatementRowState.Waiting;

    protected override async Task OnInitializedAsync()
    {
        try
        {
            _channels = await channels.ListAsync();
            _channel = _channels.Count > 0 ? _channels[0].Id : null;
            _imports = await statements.ImportsAsync(new GridQuery(PageSize: 10));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    protected override Task OnParametersSetAsync() => _page is null || (Search, StateName) == _shown ? Task.CompletedTask : ReloadAsync();

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = (Search, StateName);
        try
        {
            _page = await statements.RowsAsync(args.ToQuery(Search), State);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ReloadAsync()
    {
        _imports = await statements.ImportsAsync(new GridQuery(PageSize: 10));
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

    private async Task ImportAsync(InputFileChangeEventArgs chosen)
    {
        _result = null;
        if (await ui.RunAsync(async () =>
            {
                if (chosen.File.Size > StatementService.MaxFileBytes)
                {
                    throw new DomainException("statement.size", "A statement has at most 20 MB.");
                }

                await using var stream = chosen.File.OpenReadStream(StatementService.MaxFileBytes);
                using var file = new MemoryStream();
                await stream.CopyToAsync(file);
                _result = await statements.ImportAsync(_channel, chosen.File.Name, file.ToArray());
            }))
        {
            await ReloadAsync();
        }
    }

    private async Task TakeAsync(Guid id)
    {
        if (await ui.RunAsync(() => statements.TakeInAsync(id), "It is in the books."))
        {
            await ReloadAsync();
        }
    }

    private async Task ReverseAsync(StatementRowView row)
    {
        if (!await confirm.AskAsync("Reverse the payment", $"{row.Receipt} took it back. What it paid is owed again.", "Reverse it", danger: true))
        {
            return;
        }

        var done = false;
        if (await ui.RunAsync(async () => done = await statements.ReverseAsync(row.Id)))
        {
            ui.Say(done ? "It is reversed." : "A second person has to agree, on the payment's page.");
            await ReloadAsync();
        }
    }

    private async Task SetAsideAsync(Guid id)
    {
        if (await confirm.AskReasonAsync("Set the row aside", "It counts in no difference any more.", "Set aside") is { } why && await ui.RunAsync(() => statements.SetAsideAsync(id, why), "It is set aside."))
        {
            await ReloadAsync();
        }
    }
}
