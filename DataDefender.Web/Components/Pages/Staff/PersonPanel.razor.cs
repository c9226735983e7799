using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Staff;

/// <summary>The side panel about one person, or about somebody new.</summary>
public sealed partial class PersonPanel(StaffService staff, UiActions ui, DialogService dialogs, CurrentUser me, NavigationManager navigation)
{
    private readonly FormErrors _errors = new();
    private readonly StaffInput _input = new();
    private string? _link;

    /// <summary>Null for somebody new.</summary>
    [Parameter]
    public StaffRow? Person { get; set; }

    private UiActions Ui => ui;

    private DialogService Dialogs => dialogs;

    private CurrentUser Me => me;

    private string Purpose => _input.Role switch
    {
        Role.Owner => "Everything in the company, people and licence included.",
        Role.NocOperator => "The network: routers, RADIUS devices, lines and logins.",
        Role.Technician => "Sees clients and the network, and the credentials an installation needs.",
        Role.Support => "Clients and their lines: create, suspend, restore, explain.",
        Role.Sales => "Clients and packages; no network.",
        Role.Finance => "Sees clients and packages, suspends and restores lines, reads the audit trail.",
        _ => "",
    };

    protected override void OnInitialized()
    {
        if (Person is { } person)
        {
            (_input.Name, _input.Email, _input.Role) = (person.Name, person.Email, person.Role);
        }
    }

    private Task SaveAsync() => Person is { } person
        ? ThenCloseAsync(() => staff.ChangeAsync(person.Id, person.Version, _input), "Saved.")
        : ui.RunAsync(async () => _link = Address(await staff.InviteAsync(_input)), null, _errors);

    private async Task LinkAsync() => await ui.RunAsync(async () => _link = Address(await staff.NewLinkAsync(Person!.Id)));

    private Task ResetAsync() => ThenCloseAsync(() => staff.ResetSecondFactorAsync(Person!.Id), "The second factor was taken away.");

    private Task DisableAsync() => ThenCloseAsync(() => staff.DisableAsync(Person!.Id), $"{Person!.Name} is signed out and kept out.");

    private Task EnableAsync() => ThenCloseAsync(() => staff.EnableAsync(Person!.Id), $"{Person!.Name} may sign in again.");

    private async Task ThenCloseAsync(Func<Task> act, string done)
    {
        if (await ui.RunAsync(act, done, _errors))
        {
            dialogs.CloseSide();
        }
    }

    private string Address(PasswordLink link) => $"{navigation.BaseUri}set-password?u={link.AccountId}&t={link.Token}";
}
