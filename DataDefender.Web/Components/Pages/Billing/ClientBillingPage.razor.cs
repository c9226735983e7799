using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>All that is about one client's money: how its lines are billed, what waits to be charged, its invoices, who pays.</summary>
public sealed partial class ClientBillingPage(
    ContractService contracts, PlanChangeService changes, ClientService clients, InvoiceService invoices, CurrentUser user, UiActions ui, Confirm confirm, DialogService dialogs, NavigationManager navigation, Formats formats)
{
    private readonly FormErrors _errors = new();
    private ClientDetails? _client;
    private ClientBilling? _billing;
    private PageOf<InvoiceRow>? _invoices;
    private string? _parentAccount;
    private string? _pin;
    private int? _billingDay;
    private int? _dueDays;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    private bool MayManage => user.Has(Permissions.ManageBilling);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _client = await clients.GetAsync(Id);
            _billing = await contracts.GetAsync(Id);
            _invoices = await invoices.ListAsync(new GridQuery(PageSize: 10), clientId: Id);
            (_parentAccount, _pin, _billingDay, _dueDays) = (_billing.Parent?.AccountNumber, _billing.TaxPin, _billing.BillingDay, _billing.DueDays);
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task RunAsync(Func<Task> act, string done)
    {
        if (await ui.RunAsync(act, done))
        {
            await LoadAsync();
        }
    }

    private Task OpenContractAsync(LineDetails line) => OpenDialogAsync<OpenContractDialog>($"How is {line.Username} billed?", new() { [nameof(OpenContractDialog.Line)] = line });

    private async Task GoOnAsync(ContractRow contract)
    {
        if (await confirm.AskAsync($"Let {contract.Label} go on?", "It is billed as before, and a charge for leaving early that was not billed yet is cancelled.", "Take the end back"))
        {
            await RunAsync(() => contracts.GoOnAsync(contract.SubscriptionId), $"{contract.Label} goes on.");
        }
    }

    private async Task NewInvoiceAsync()
    {
        if (await dialogs.OpenAsync<NewInvoiceDialog>("New invoice", new() { [nameof(NewInvoiceDialog.ClientId)] = Id }, new DialogOptions { Width = "min(640px, 100vw)", CloseDialogOnEsc = true }) is Guid draft)
        {
            navigation.NavigateTo($"invoices/{draft}");
        }
    }

    private Task CancelChangeAsync(Guid line) => RunAsync(() => changes.CancelScheduledAsync(line), "The change was taken back.");

    private Task ResumeAsync(Guid line) => RunAsync(() => contracts.ResumeAsync(line), "The line is billed again from today.");

    private async Task CancelChargeAsync(ChargeRow charge)
    {
        if (await confirm.AskAsync("Cancel this charge?", $"“{charge.Description}” over {formats.Money(charge.Price)} is not put on the next bill.", "Cancel charge", danger: true))
        {
            await RunAsync(() => contracts.CancelChargeAsync(charge.Id), "Charge cancelled.");
        }
    }

    private async Task SaveProfileAsync()
    {
        if (await ui.RunAsync(() => contracts.ChangeProfileAsync(Id, _parentAccount, _pin, _billingDay, _dueDays), "Saved.", _errors))
        {
            await LoadAsync();
        }
    }

    private Task ChangeDayAsync() => OpenDialogAsync<BillingDayDialog>("Another billing day", new() { [nameof(BillingDayDialog.ClientId)] = Id });

    private Task AddChargeAsync() => OpenDialogAsync<ChargeDialog>("Add a charge", new() { [nameof(ChargeDialog.ClientId)] = Id });

    private Task ChangePlanAsync(ContractRow contract) => OpenDialogAsync<PlanChangeDialog>($"Change the package of {contract.Label}", new() { [nameof(PlanChangeDialog.Contract)] = contract });

    private Task EditAsync(ContractRow contract, ContractAct act) => OpenDialogAsync<ContractDialog>(contract.Label, new() { [nameof(ContractDialog.Contract)] = contract, [nameof(ContractDialog.Act)] = act });

    private async Task OpenDialogAsync<T>(string title, Dictionary<string, object?> parameters) where T : ComponentBase
    {
        if (await dialogs.OpenAsync<T>(title, parameters, new DialogOptions { Width = "560px", CloseDialogOnEsc = true }) is true)
        {
            await LoadAsync();
        }
    }
}
