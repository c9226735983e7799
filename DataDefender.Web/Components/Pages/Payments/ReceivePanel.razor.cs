using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Takes cash, a transfer or a cheque. Closes with the payment's id.</summary>
public sealed partial class ReceivePanel(CounterService counter, CardService cards, PaymentQueries payments, UiActions ui, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private readonly ReceivedInput _input = new() { IdempotencyKey = Guid.CreateVersion7().ToString("N") };
    private IReadOnlyList<ClientChoice> _found = [];
    private ClientChoice? _client;
    private string? _search;
    private string _code = "";

    /// <summary>Given on a client's own page.</summary>
    [Parameter]
    public Guid? ClientId { get; set; }

    [Parameter]
    public ClientChoice? Client { get; set; }

    protected override void OnInitialized()
    {
        _client = Client;
        _input.On = Formats.Today;
    }

    private async Task FindAsync() => _found = _search is { Length: > 1 } ? await payments.FindClientsAsync(_search) : [];

    private void Choose(ClientChoice client) => (_client, _found) = (client, []);

    private async Task SaveAsync()
    {
        _input.ClientId = _client?.Id ?? Guid.Empty;
        var id = Guid.Empty;
        if (_input.Method is PaymentMethod.Card && _client is null)
        {
            _errors.Take(new Domain.Common.InvalidInputException([new Domain.Common.FieldError(nameof(_input.ClientId), "Choose the client.")]));
            return;
        }

        if (await ui.RunAsync(async () => id = _input.Method is PaymentMethod.Card ? await cards.RedeemAsync(_input.ClientId, _code) : await counter.ReceiveAsync(_input), "The payment is in the books.", _errors))
        {
            dialogs.CloseSide(id);
        }
    }
}
