using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Sends a prompt to a phone. Closes with the request's id.</summary>
public sealed partial class AskPanel(PaymentService asking, PaymentQueries payments, UiActions ui, DialogService dialogs)
{
    private readonly FormErrors _errors = new();

    // One key for as long as the form is open: a second click asks for the same.
    private readonly AskInput _input = new() { IdempotencyKey = Guid.CreateVersion7().ToString("N") };
    private Money? _due;

    [Parameter, EditorRequired]
    public ClientChoice Client { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<ChannelRow> Channels { get; set; } = [];

    protected override async Task OnInitializedAsync()
    {
        (_input.ClientId, _input.Phone, _input.ChannelId) = (Client.Id, PhoneNumber.Format(Client.Phone), Channels.Count > 0 ? Channels[0].Id : null);
        _due = await payments.DueAsync(Client.Id);
        if (_due is { } due && due > Money.Zero)
        {
            _input.Amount = Math.Ceiling(due.Amount); // mobile money takes whole shillings; the cents too much are the client's credit
        }
    }

    private async Task AskAsync()
    {
        var id = Guid.Empty;
        if (await ui.RunAsync(async () => id = await asking.AskAsync(_input), "The prompt is on its way.", _errors))
        {
            dialogs.CloseSide(id);
        }
    }
}
