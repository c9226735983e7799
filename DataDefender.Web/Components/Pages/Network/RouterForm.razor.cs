using DataDefender.Domain.Network;
using DataDefender.Domain.Topology;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Network;

/// <summary>Adds a router or changes one, and tries the way to it before anything is saved. Closes with the router's id.</summary>
public sealed partial class RouterForm(RouterService routers, SiteService sites, RouterConnectionTest connection, UiActions ui, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private RouterInput _input = new() { UseTls = true, ApiPort = RouterEndpoint.TlsPort };
    private RouterTestReport? _report;
    private string? _trusted;
    private bool _testing;
    private IReadOnlyList<NamedSite> _sites = [];
    private IReadOnlyList<NamedRouter> _routers = [];

    /// <summary>Null adds a new one.</summary>
    [Parameter]
    public Guid? RouterId { get; set; }

    /// <summary>What stands in the form at first, when it is a change.</summary>
    [Parameter]
    public RouterInput? Input { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _input = Input is null ? _input : Input with { };
        (_sites, _routers) = (await sites.NamesAsync(), await routers.NamesAsync());
    }

    // A result belongs to what was tested; after a change it would lie.
    private void Touched() => (_report, _trusted) = (null, null);

    private void TurnTls(ChangeEventArgs turned)
    {
        _input.UseTls = turned.Value is true;
        if (_input.ApiPort is RouterEndpoint.PlainPort or RouterEndpoint.TlsPort)
        {
            _input.ApiPort = _input.UseTls ? RouterEndpoint.TlsPort : RouterEndpoint.PlainPort;
        }

        Touched();
    }

    private async Task TestAsync()
    {
        (_testing, _report) = (true, null);
        await ui.RunAsync(async () => _report = await connection.RunAsync(_input, RouterId), errors: _errors);
        _testing = false;
    }

    private void Trust(string fingerprint) => _trusted = fingerprint;

    private async Task SaveAsync()
    {
        Guid? saved = null;
        var done = RouterId is null ? $"{_input.Name} added." : $"{_input.Name} saved.";
        if (await ui.RunAsync(async () => saved = await StoreAsync(), done, _errors))
        {
            dialogs.CloseSide(saved);
        }
    }

    private async Task<Guid> StoreAsync()
    {
        if (RouterId is not { } id)
        {
            return await routers.AddAsync(_input, _trusted);
        }

        await routers.ChangeAsync(id, _input, _trusted);
        return id;
    }
}
