using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Platform;

/// <summary>The side panel in which a licence is granted or changed.</summary>
public sealed partial class LicenceForm(UiActions ui, DialogService dialogs, TimeProvider clock)
{
    private static readonly LicensedModules[] Modules =
        [.. Enum.GetValues<LicensedModules>().Where(m => m is not (LicensedModules.None or LicensedModules.All))];

    private readonly FormErrors _errors = new();
    private LicenceInput _input = new();

    [Parameter, EditorRequired]
    public string Verb { get; set; } = "";

    /// <summary>What it has now; null proposes a trial.</summary>
    [Parameter]
    public Licence? Licence { get; set; }

    [Parameter, EditorRequired]
    public Func<LicenceInput, Task> Save { get; set; } = default!;

    [Parameter]
    public string? Done { get; set; }

    private UiActions Ui => ui;

    private DialogService Dialogs => dialogs;

    protected override void OnInitialized()
    {
        var shown = Licence ?? Licence.Trial(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        _input = new LicenceInput { Plan = shown.Plan, MaxSubscribers = shown.MaxSubscribers, MaxRouters = shown.MaxRouters, Modules = shown.Modules, ExpiresOn = shown.ExpiresOn };
    }

    private void Switch(LicensedModules module, bool on) => _input.Modules = on ? _input.Modules | module : _input.Modules & ~module;

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => Save(_input), Done, _errors))
        {
            dialogs.CloseSide(true);
        }
    }
}
