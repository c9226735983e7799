using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Pages.Lines;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Packages;

/// <summary>Makes or changes one package. Closes with true when something was saved.</summary>
public sealed partial class PackagePanel(PackageService packages, CurrentUser user, Workplace workplace, UiActions ui, Confirm confirm, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private ServicePackageInput? _input;
    private ServicePackageInput _before = new();
    private PackageUse _use = new(0, 0);
    private PackageStatus _status;
    private int _version;
    private Exception? _failure;

    /// <summary>Null for a new one.</summary>
    [Parameter]
    public Guid? Id { get; set; }

    private bool MayChange => user.Has(Permissions.ManagePackages);

    private string Currency => workplace.Company?.Currency ?? "KES";

    private bool HasBurst => _input!.BurstDownloadKbps is not null || _input.BurstUploadKbps is not null || _input.BurstThresholdPercent is not null || _input.BurstSeconds is not null;

    private bool SpeedChanges => Id is not null && Enforced(_input!) != Enforced(_before);

    private decimal? Download
    {
        get => Mbps(_input!.DownloadKbps == 0 ? null : _input.DownloadKbps);
        set => _input!.DownloadKbps = Kbps(value) ?? 0;
    }

    private decimal? Upload
    {
        get => Mbps(_input!.UploadKbps == 0 ? null : _input.UploadKbps);
        set => _input!.UploadKbps = Kbps(value) ?? 0;
    }

    private decimal? BurstDownload
    {
        get => Mbps(_input!.BurstDownloadKbps);
        set => _input!.BurstDownloadKbps = Kbps(value);
    }

    private decimal? BurstUpload
    {
        get => Mbps(_input!.BurstUploadKbps);
        set => _input!.BurstUploadKbps = Kbps(value);
    }

    private int? SessionMinutes
    {
        get => _input!.SessionTimeoutSeconds / 60;
        set => _input!.SessionTimeoutSeconds = value * 60;
    }

    private int? IdleMinutes
    {
        get => _input!.IdleTimeoutSeconds / 60;
        set => _input!.IdleTimeoutSeconds = value * 60;
    }

    protected override async Task OnInitializedAsync()
    {
        if (Id is not { } id)
        {
            _input = new ServicePackageInput();
            return;
        }

        try
        {
            var package = await packages.GetAsync(id);
            (_input, _before, _use, _status, _version) = (package.Input, package.Input with { }, package.Use, package.Status, package.Version);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private static (int, int, int?, int?, int?, int?, int) Enforced(ServicePackageInput p) =>
        (p.DownloadKbps, p.UploadKbps, p.BurstDownloadKbps, p.BurstUploadKbps, p.BurstThresholdPercent, p.BurstSeconds, p.Priority);

    private static decimal? Mbps(int? kbps) => kbps is { } value ? value / 1000m : null;

    // What does not fit becomes a speed that the validator refuses beside the field.
    private static int? Kbps(decimal? mbps) => mbps is { } value ? (int)Math.Clamp(Math.Round(value * 1000m), -1m, int.MaxValue) : null;

    private void ToggleBurst(ChangeEventArgs change)
    {
        var on = change.Value is true;
        _input!.BurstDownloadKbps = on ? _input.DownloadKbps * 2 : null;
        _input.BurstUploadKbps = on ? _input.UploadKbps * 2 : null;
        _input.BurstThresholdPercent = on ? 75 : null;
        _input.BurstSeconds = on ? 16 : null;
    }

    private async Task SaveAsync()
    {
        if (Id is not { } id)
        {
            if (await ui.RunAsync(() => packages.CreateAsync(_input!), $"Package {_input!.Name.Trim()} created.", _errors))
            {
                dialogs.CloseSide(true);
            }

            return;
        }

        if (SpeedChanges && _use.OpenLines > 0
            && !await confirm.AskAsync("Change the speed?", $"{Formats.Count(_use.OpenLines)} open sessions get {LineText.Speeds(_input!.DownloadKbps, _input.UploadKbps)} at once; they are not dropped.", "Change speed"))
        {
            return;
        }

        if (await ui.RunAsync(() => packages.ChangeAsync(id, _version, _input!), $"Package {_input!.Name.Trim()} saved.", _errors))
        {
            dialogs.CloseSide(true);
        }
    }

    private async Task RetireAsync()
    {
        var consequence = _use.Lines == 0
            ? "No line has it. It can be put back on sale."
            : $"{Formats.Count(_use.Lines)} lines keep it and work as before; it cannot be sold to new ones. It can be put back on sale.";
        if (await confirm.AskAsync($"Retire {_before.Name}?", consequence, "Retire package")
            && await ui.RunAsync(() => packages.RetireAsync(Id!.Value), $"{_before.Name} is retired."))
        {
            dialogs.CloseSide(true);
        }
    }

    private async Task ReactivateAsync()
    {
        if (await ui.RunAsync(() => packages.ReactivateAsync(Id!.Value), $"{_before.Name} is on sale again."))
        {
            dialogs.CloseSide(true);
        }
    }
}
