using DataDefender.Domain.Common;
using DataDefender.Domain.Policies;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>Gives a line extra data, and says before what that changes. Closes with true when it was given.</summary>
public sealed partial class TopUpDialog(LineRulesService rules, UiActions ui, DialogService dialogs, Formats formats)
{
    private readonly FormErrors _errors = new();
    private readonly TopUpInput _input = new() { Gigabytes = 10 };
    private TopUpConsequence? _consequence;

    [Parameter, EditorRequired]
    public Guid SubscriptionId { get; set; }

    protected override Task OnInitializedAsync() => WeighAsync();

    private async Task WeighAsync()
    {
        try
        {
            _consequence = await rules.WeighTopUpAsync(SubscriptionId, _input with { Note = "weighed" });
        }
        catch (InvalidInputException)
        {
            _consequence = null; // the form says so when it is sent
        }
    }

    private async Task GiveAsync()
    {
        if (await ui.RunAsync(() => rules.GrantTopUpAsync(SubscriptionId, _input), $"{PolicyText.Gigabytes(_input.Bytes)} given.", _errors))
        {
            dialogs.Close(true);
        }
    }
}
