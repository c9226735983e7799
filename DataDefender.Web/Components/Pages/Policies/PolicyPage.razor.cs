using DataDefender.Domain.Policies;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>Writes a policy: its rules as a form and in words at once, and what they would have done before they are saved.</summary>
public sealed partial class PolicyPage(UsagePolicyService policies, CurrentUser user, UiActions ui, Confirm confirm, NavigationManager navigation)
{
    private readonly FormErrors _errors = new();
    private PolicyForm? _form;
    private UsagePolicyDetails? _details;
    private Exception? _failure;
    private Guid? _shown;

    /// <summary>Null for a new policy.</summary>
    [Parameter]
    public Guid? Id { get; set; }

    private bool MayChange => user.Has(Permissions.ManagePackages);

    private string Title => _details?.Input.Name ?? (Id is null ? "New policy" : "Policy");

    private PolicyRules Rules => _form!.ToInput().Rules;

    private bool IsEmpty => Rules == PolicyRules.None;

    private string? UsedBy => _details switch
    {
        null => null,
        { Packages: [] } => "No package refers to it yet",
        { Packages: var packages, Lines: var lines } =>
            $"{string.Join(", ", packages.Take(4))}{(packages.Count > 4 ? $" and {packages.Count - 4} more" : "")} · {Formats.Count(lines)} {(lines == 1 ? "line" : "lines")}",
    };

    protected override Task OnParametersSetAsync()
    {
        if (_form is not null && _shown == Id)
        {
            return Task.CompletedTask;
        }

        _shown = Id;
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        _failure = null;
        if (Id is not { } id)
        {
            (_form, _details) = (new PolicyForm(), null);
            return;
        }

        try
        {
            _details = await policies.GetAsync(id);
            _form = PolicyForm.Of(_details.Input);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Start(string name, PolicyRules rules)
    {
        _form!.Add(rules);
        if (_form.Name.Length == 0)
        {
            _form.Name = name;
        }
    }

    private async Task SaveAsync()
    {
        var input = _form!.ToInput();
        if (Id is { } existing)
        {
            if (await ui.RunAsync(() => policies.ChangeAsync(existing, _details!.Version, input), $"{input.Name} is saved.", _errors))
            {
                await LoadAsync();
            }

            return;
        }

        var created = Guid.Empty;
        if (await ui.RunAsync(async () => created = await policies.CreateAsync(input), $"{input.Name} is created. Give it to a package to use it.", _errors))
        {
            navigation.NavigateTo($"policies/{created}");
        }
    }

    private async Task RemoveAsync()
    {
        var name = _details!.Input.Name;
        if (await confirm.AskAsync($"Remove {name}?", "No package refers to it when it is removed, so no line changes. It cannot be brought back.", "Remove policy", danger: true)
            && await ui.RunAsync(() => policies.RemoveAsync(Id!.Value), $"{name} is removed."))
        {
            navigation.NavigateTo("policies");
        }
    }
}
