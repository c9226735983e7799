using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>What an import of opening balances came to. With faults nothing was posted.</summary>
public sealed record OpeningResult(int Posted, int Known, Money Owed, Money InCredit, IReadOnlyList<StatementFault> Faults);

/// <summary>
/// What clients owed or had in credit in the system before. Credit goes to the wallet; what is owed becomes an invoice of that one line, so
/// that it can be paid, reminded of and shown like any other. The file's sum must be the one that was typed.
/// </summary>
public sealed class OpeningBalances(IDataDefenderDbFactory dbFactory, IStatementReader reader, CurrentUser user)
{
    /// <summary>The series of the invoices that stand for what was owed.</summary>
    public const string Series = "OB";

    /// <param name="controlTotal">What the other system says: owed less in credit.</param>
    public async Task<OpeningResult> ImportAsync(string fileName, ReadOnlyMemory<byte> file, decimal controlTotal, DateOnly asOf, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        user.Demand(Permissions.ManageBilling);
        if (file.Length is 0 or > StatementService.MaxFileBytes)
        {
            throw new DomainException("opening.size", "The file is empty or too large.");
        }

        var reading = reader.ReadOpening(fileName, file);
        var faults = reading.Faults.ToList();
        faults.AddRange(reading.Lines.GroupBy(l => l.AccountNumber).Where(g => g.Count() > 1).Select(g => new StatementFault(g.Last().Line, $"Account {g.Key} is in line {g.First().Line} already.")));
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var clients = new Dictionary<string, Guid>(StringComparer.Ordinal);
        foreach (var chunk in reading.Lines.Select(l => l.AccountNumber).Distinct().Chunk(500))
        {
            foreach (var client in await db.Clients.Where(c => chunk.Contains(c.AccountNumber)).Select(c => new { c.Id, c.AccountNumber }).ToListAsync(ct))
            {
                clients[client.AccountNumber] = client.Id;
            }
        }

        faults.AddRange(reading.Lines.Where(l => !clients.ContainsKey(l.AccountNumber)).Select(l => new StatementFault(l.Line, $"Nobody has the account {l.AccountNumber}.")));
        var sum = new Money(reading.Lines.Sum(l => l.Owes.Minor));
        if (faults.Count == 0 && (decimal.Round(controlTotal, 2) != controlTotal || sum != Money.Of(controlTotal)))
        {
            faults.Add(new StatementFault(0, $"The lines come to {sum}, and the control total is {controlTotal:0.00}. Nothing was taken."));
        }

        if (asOf > turn.Today)
        {
            faults.Add(new StatementFault(0, "The day of the balances is still to come."));
        }

        if (faults.Count > 0)
        {
            return new OpeningResult(0, 0, Money.Zero, Money.Zero, [.. faults.OrderBy(f => f.Line).Take(200)]);
        }

        return await PostAsync(db, turn, reading.Lines, clients, asOf, ct);
    }

    private static async Task<OpeningResult> PostAsync(IDataDefenderDb db, LedgerTurn turn, IReadOnlyList<OpeningLine> lines, Dictionary<string, Guid> clients, DateOnly asOf, CancellationToken ct)
    {
        var settings = new BillingSettings(turn.Company.Id);
        settings.Change(new BillingSettingsInput { InvoiceSeries = Series }); // a series of their own, and nothing for the tax authority
        var effectiveAt = asOf == turn.Today ? turn.Now : TimeZoneInfo.ConvertTimeToUtc(asOf.ToDateTime(new TimeOnly(12, 0)), turn.Company.TimeZone);
        var (known, posted) = (0, 0);
        foreach (var chunk in lines.Where(l => l.Owes != Money.Zero).Chunk(500))
        {
            var keys = chunk.Select(l => KeyOf(clients[l.AccountNumber])).ToList();
            var there = (await db.JournalTransactions.Where(t => keys.Contains(t.NaturalKey)).Select(t => t.NaturalKey).ToListAsync(ct))
                .Concat((await db.InvoiceLines.Where(l => l.ChargeKey != null && keys.Contains(l.ChargeKey)).Select(l => l.ChargeKey!).ToListAsync(ct))).ToHashSet(StringComparer.Ordinal);
            var fresh = chunk.Where(l => !there.Contains(KeyOf(clients[l.AccountNumber]))).ToList();
            known += chunk.Length - fresh.Count;
            posted += fresh.Count;
            await turn.PostAsync(fresh.FindAll(l => l.Owes < Money.Zero).ConvertAll(l => ToPosting(clients[l.AccountNumber], l, effectiveAt)), ct);
            var invoices = fresh.FindAll(l => l.Owes > Money.Zero).ConvertAll(l => ToInvoice(turn, clients[l.AccountNumber], l, asOf));
            db.Invoices.AddRange(invoices);
            await Invoicing.IssueAsync(db, turn, invoices, settings, asOf, asOf, ct);
            await db.SaveChangesAsync(ct);
        }

        await turn.CommitAsync(ct);
        return new OpeningResult(posted, known, new Money(lines.Where(l => l.Owes > Money.Zero).Sum(l => l.Owes.Minor)), new Money(-lines.Where(l => l.Owes < Money.Zero).Sum(l => l.Owes.Minor)), []);
    }

    private static string KeyOf(Guid client) => $"opening:{client}";

    private static Invoice ToInvoice(LedgerTurn turn, Guid client, OpeningLine line, DateOnly asOf) => new(
        turn.Company.Id, client, turn.Company.Currency, "opening balances",
        [new LineDraft(LineKind.OpeningBalance, $"Balance brought forward, {asOf:yyyy-MM-dd}", line.Owes, TaxRule.None, client, Key: KeyOf(client))], turn.Now);

    private static JournalPosting ToPosting(Guid client, OpeningLine line, DateTime effectiveAt) => new(
        "opening.balance", KeyOf(client), effectiveAt, $"Opening balance of {line.AccountNumber}", "OpeningBalance", client,
        [PostingLeg.OnDebit(AccountKind.OpeningBalances, -line.Owes), PostingLeg.OnCredit(AccountKind.Wallet, -line.Owes, client)]);
}
