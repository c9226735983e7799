using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Account;

/// <summary>One's own login to the company's routers. The password is shown once, when it is made.</summary>
public sealed partial class RouterLoginCard(RouterLoginService logins, UiActions ui)
{
    private readonly FormErrors _errors = new();
    private OwnRouterLogin? _own;
    private string _username = "";
    private string? _password;

    private string Access => _own!.Access switch
    {
        RouterAccess.Full => "full access",
        RouterAccess.Write => "write access",
        _ => "read access",
    };

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _own = await logins.GetAsync();
        _username = _own.Username ?? _username;
    }

    private async Task RenewAsync()
    {
        if (await ui.RunAsync(async () => _password = await logins.RenewAsync(_username), "A password for the routers was made.", _errors))
        {
            await LoadAsync();
        }
    }

    private async Task RemoveAsync()
    {
        if (await ui.RunAsync(() => logins.RemoveAsync(), "Your login to the routers is removed."))
        {
            await LoadAsync();
        }
    }

    private void Kept() => _password = null;
}
