using DataDefender.Domain.Billing;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>The money side of a package.</summary>
public sealed partial class PackageTermsPage(BillingSettingsService settings, PackageService packages, CurrentUser user, UiActions ui)
{
    private readonly FormErrors _errors = new();
    private PackageTermsInput? _input;
    private string? _name;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    private string Included
    {
        get => _input?.TaxIncluded switch { true => "true", false => "false", null => "" };
        set => _input!.TaxIncluded = value switch { "true" => true, "false" => false, _ => null };
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_name, _input, _failure) = ((await packages.GetAsync(Id)).Input.Name, await settings.GetTermsAsync(Id), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task SaveAsync() => await ui.RunAsync(() => settings.ChangeTermsAsync(Id, _input!), "Saved. What is agreed with clients already keeps its price.", _errors);
}
