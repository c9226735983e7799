using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components.Forms;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Brings opening balances in, against a control total.</summary>
public sealed partial class OpeningBalancesPage(OpeningBalances opening, UiActions ui)
{
    private OpeningResult? _result;
    private decimal _total;
    private DateOnly _asOf;

    protected override void OnInitialized() => _asOf = Formats.Today;

    private async Task ImportAsync(InputFileChangeEventArgs chosen) => await ui.RunAsync(async () =>
    {
        _result = null;
        await using var stream = chosen.File.OpenReadStream(StatementService.MaxFileBytes);
        using var file = new MemoryStream();
        await stream.CopyToAsync(file);
        _result = await opening.ImportAsync(chosen.File.Name, file.ToArray(), _total, _asOf);
    });
}
