using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>The company's decision for each state of a line that is not simply active.</summary>
public sealed partial class LineStates(StateTreatmentService states, CurrentUser user, UiActions ui)
{
    private readonly FormErrors _errors = new();
    private StateTreatmentsView? _view;
    private List<TreatmentRow> _rows = [];
    private int _graceDays;
    private Exception? _failure;

    private bool MayChange => user.Has(Permissions.ManageNetwork);

    private string Consequence => _rows.Where(r => r.ToTreatment() != StateTreatmentService.Of(_view!.States, r.State)).Sum(r => _view!.Lines[r.State]) switch
    {
        0 => "",
        1 => "1 line is in a state that changes; it is told at once.",
        var lines => $"{Formats.Count(lines)} lines are in states that change; they are told at once.",
    };

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var view = await states.GetAsync();
            _rows = [.. Enum.GetValues<TreatedState>().Select(s => TreatmentRow.Of(s, StateTreatmentService.Of(view.States, s)))];
            (_view, _graceDays, _failure) = (view, view.States.GraceDays, null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task SaveAsync()
    {
        var wanted = _rows.Aggregate(_view!.States with { GraceDays = _graceDays }, (all, row) => StateTreatmentService.With(all, row.State, row.ToTreatment()));
        if (await ui.RunAsync(() => states.SaveAsync(_view.Version, wanted), "The line states are saved.", _errors))
        {
            await LoadAsync();
        }
    }
}
