using System.Text;
using ClosedXML.Excel;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Payments;

/// <summary>A company with the services of its desk, on each database.</summary>
public abstract class PaymentDesk(TestDatabases databases)
{
    protected static readonly Actor Cashier = new(Guid.CreateVersion7(), "Amina", Permissions.Of(Role.Support));

    protected static ReceivedInput Cash(Guid client, decimal amount) => new() { ClientId = client, Method = PaymentMethod.Cash, Amount = amount, IdempotencyKey = Guid.CreateVersion7().ToString("N") };

    protected static Task ReceiveAsync(TestServices services, TestCompany company, PaymentChannel channel, string receipt, decimal amount, string account, DateTime? at = null) => InAsync(services, company, intake => intake.ApplyAsync(
        channel.Id, [new PaymentEvidence { Source = EvidenceSource.Callback, Paid = true, Receipt = receipt, Amount = Money.Of(amount), AccountReference = account, At = at ?? new DateTime(2026, 3, 1, 7, 30, 0, DateTimeKind.Utc), ResultCode = "0" }], CancellationToken.None));

    protected static async Task InAsync(TestServices services, TestCompany company, Func<PaymentIntake, Task> act)
    {
        await using var scope = services.Scope(company.Id);
        await act(scope.ServiceProvider.GetRequiredService<PaymentIntake>());
    }

    /// <summary>A transfer to the bank that nobody claims.</summary>
    protected async Task<Guid> OrphanAsync(TestCompany company, decimal amount, string? phone = null, string? name = null, string? account = null)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var payment = new ProviderTransaction(company.Id, PaymentMethod.BankTransfer, null, $"FT{Guid.CreateVersion7():N}", Money.Of(amount), EvidenceSource.Statement, turn.Now, turn.Now);
        payment.Describe(await PaymentBooks.NumberAsync(db, turn, 1, CancellationToken.None), phone, name, account);
        db.ProviderTransactions.Add(payment);
        await turn.PostAsync(PaymentBooks.ToSuspense(turn, payment, Place.Bank));
        await turn.CommitAsync();
        return payment.Id;
    }

    protected static async Task<string?> FaultAsync(TestServices services) => (await services.Provider.GetRequiredService<Infrastructure.Billing.LedgerVerifier>().VerifyAsync()).Fault?.ToString();

    protected async Task<(TestServices Services, TestCompany Company)> StartAsync(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider, s => PaymentBench.Register(s, TimeSpan.FromSeconds(5)));
        return (services, await TestCompany.CreateAsync(services));
    }
}
