using DataDefender.Domain.Provisioning;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Provisioning;

/// <summary>Chooses routers, shows what would change on all of them together, and lets the roll-out go.</summary>
public sealed partial class NewRollout(RolloutService rollouts, UiActions ui, Confirm confirm, NavigationManager navigation) : IDisposable
{
    private const int Rows = 50;

    private readonly HashSet<Guid> _chosen = [];
    private readonly FormErrors _errors = new();
    private readonly CancellationTokenSource _left = new();
    private IReadOnlyList<RolloutCandidate>? _candidates;
    private RolloutProposal? _proposal;
    private string _filter = "";
    private string? _site;
    private int _shownPage;
    private bool _reading;
    private int _read;
    private string _canary = "";
    private int _atOnce = new RolloutOptions().AtOnce;
    private int _settle = new RolloutOptions().SettleSeconds;
    private Exception? _failure;

    /// <summary>Only this router at first: the way here from its own page.</summary>
    [SupplyParameterFromQuery(Name = "router")]
    private Guid? Router { get; set; }

    private IEnumerable<string> Sites => _candidates!.Select(c => c.Site).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase);

    private List<RolloutCandidate> Matching =>
    [
        .. _candidates!.Where(c => (string.IsNullOrEmpty(_site) || c.Site == _site)
            && (_filter.Length == 0 || c.Name.Contains(_filter, StringComparison.OrdinalIgnoreCase) || c.Site?.Contains(_filter, StringComparison.OrdinalIgnoreCase) is true)),
    ];

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_candidates, _failure) = (await rollouts.CandidatesAsync(), null);
            _chosen.UnionWith(_candidates.Where(c => !c.IsBusy && (Router is null || c.Id == Router)).Select(c => c.Id));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Filter(ChangeEventArgs typed) => (_filter, _shownPage) = ((typed.Value as string)?.Trim() ?? "", 0);

    private void Choose(bool chosen)
    {
        foreach (var row in Matching.Where(r => !r.IsBusy))
        {
            Toggle(row.Id, chosen);
        }
    }

    private void Toggle(Guid id, bool chosen) => _ = chosen ? _chosen.Add(id) : _chosen.Remove(id);

    private async Task ProposeAsync(bool takeOver)
    {
        if (_reading)
        {
            return;
        }

        (_reading, _read) = (true, 0);
        StateHasChanged();
        try
        {
            var progress = new Progress<int>(count =>
            {
                if (count > _read && (count - _read >= Math.Max(1, _chosen.Count / 50) || count == _chosen.Count))
                {
                    _read = count;
                    StateHasChanged();
                }
            });
            await ui.RunAsync(async () => _proposal = await rollouts.ProposeAsync([.. _chosen], takeOver, progress, _left.Token));
            _canary = "";
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            // The page was left while it read.
        }
        finally
        {
            _reading = false;
        }
    }

    private static string On(RolloutProposal proposal, RolloutChange change)
    {
        if (change.Routers.Length == proposal.Plans.Count && proposal.Plans.Count > 3)
        {
            return $"on all {Formats.Count(change.Routers.Length)}";
        }

        var names = proposal.Plans.Where(p => change.Routers.Contains(p.RouterId)).Select(p => p.RouterName).ToList();
        return names.Count <= 3 ? $"on {string.Join(", ", names)}" : $"on {Formats.Count(names.Count)}: {string.Join(", ", names.Take(3))} …";
    }

    private async Task ApproveAsync()
    {
        var proposal = _proposal!;
        var options = new RolloutOptions(Guid.TryParse(_canary, out var canary) ? new HashSet<Guid> { canary } : null, _atOnce, _settle, proposal.TakeOver);
        var id = Guid.Empty;
        if (await confirm.AskAsync(
                $"Roll out to {Formats.Count(proposal.Plans.Count)} {(proposal.Plans.Count == 1 ? "router" : "routers")}?",
                "The first goes alone and is looked at before any other is touched. What is not ours on the routers stays as it is.", "Roll out")
            && await ui.RunAsync(async () => id = await rollouts.ApproveAsync(proposal, options), "The roll-out has begun."))
        {
            navigation.NavigateTo($"/rollouts/{id}");
        }
    }
}
