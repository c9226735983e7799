using DataDefender.Domain.Clients;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Clients;

/// <summary>Makes or changes one client. Closes with the client's id when something was saved.</summary>
public sealed partial class ClientPanel(ClientService clients, UiActions ui, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private ClientInput _input = new();

    /// <summary>The client as it was shown; null for a new one.</summary>
    [Parameter]
    public ClientDetails? Shown { get; set; }

    protected override void OnInitialized() => _input = Shown is null ? new ClientInput() : Shown.Input with { };

    private async Task SaveAsync()
    {
        Guid? id = Shown?.Id;
        var saved = Shown is { } shown
            ? await ui.RunAsync(() => clients.ChangeAsync(shown.Id, shown.Version, _input), $"{_input.Name.Trim()} saved.", _errors)
            : await ui.RunAsync(async () => id = await clients.CreateAsync(_input), $"{_input.Name.Trim()} created.", _errors);
        if (saved)
        {
            dialogs.CloseSide(id);
        }
    }
}
