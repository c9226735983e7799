using System.Globalization;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>Replays the past month of lines under rules that are not saved yet: who is hit, and for one line day by day.</summary>
public sealed partial class PolicyPreviewPanel(PolicyPreviewService preview, PackageService packages, UiActions ui) : IDisposable
{
    private const int PageSize = 25;

    private readonly CancellationTokenSource _leave = new();
    private IReadOnlyList<PackageChoice> _packages = [];
    private string _scope = "";
    private PolicyImpactReport? _report;
    private PolicyRules? _previewed;
    private LineReplay? _line;
    private Exception? _failure;
    private string _username = "";
    private bool _notFound;
    private bool _running;
    private int _done;
    private int _page;

    /// <summary>Null for a policy that is not saved yet: it is tried on a package's lines.</summary>
    [Parameter]
    public Guid? PolicyId { get; set; }

    /// <summary>The rules as they stand in the form.</summary>
    [Parameter, EditorRequired]
    public PolicyRules Rules { get; set; } = PolicyRules.None;

    public void Dispose()
    {
        _leave.Cancel();
        _leave.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _packages = await packages.ChoicesAsync();
        _scope = PolicyId is null && _packages.Count > 0 ? _packages[0].Id.ToString() : "";
    }

    private static string Share(int part, PolicyImpactReport report) => report.LookedAt == 0 ? "" : $"{Formats.Percent(100.0 * part / report.LookedAt)} of them";

    private static string Difference(PolicyImpact row) => (row.LimitedDaysThen - row.LimitedDaysNow) switch
    {
        0 => "same",
        var days => string.Create(CultureInfo.InvariantCulture, $"{days:+0;−0} {(Math.Abs(days) == 1 ? "day" : "days")}"),
    };

    private async Task RunAsync()
    {
        if (_running)
        {
            return;
        }

        (_running, _failure, _line, _done, _page, _notFound) = (true, null, null, 0, 0, false);
        var rules = Rules;
        try
        {
            var scope = Guid.TryParse(_scope, out var package) ? new PreviewScope(null, package) : new PreviewScope(PolicyId, null);
            _report = await preview.ImpactAsync(scope, rules, new Progress<int>(Advance), _leave.Token);
            _previewed = rules;
        }
        catch (OperationCanceledException) when (_leave.IsCancellationRequested)
        {
            // The page was left.
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
        finally
        {
            _running = false;
        }
    }

    // Progress comes on the circuit: it was made there.
    private void Advance(int lines)
    {
        _done = lines;
        if (_running)
        {
            StateHasChanged();
        }
    }

    private async Task ShowAsync(Guid line)
    {
        var rules = Rules;
        await ui.RunAsync(async () => _line = await preview.ReplayAsync(line, rules, _leave.Token));
    }

    private async Task FindAsync()
    {
        Guid? line = null;
        await ui.RunAsync(async () => line = await preview.FindLineAsync(_username, _leave.Token));
        _notFound = line is null;
        if (line is { } found)
        {
            await ShowAsync(found);
        }
    }
}
