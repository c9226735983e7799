using System.Diagnostics;
using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Sandbox.Money;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Testing.Payments;

/// <summary>What was lost, doubled or stuck at the end, against the providers' own books; and how it went.</summary>
public sealed record FaultRunResult(int Payments, int Moved, int Lost, int Doubled, int Stuck, int WrongAmounts, int PushedTwice, int Orphans, Money Suspense, Money OrphanSum, Money Clearing, Money MovedSum, string? FaultInBooks, TimeSpan Took, IReadOnlyList<string> Problems)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Payments:#,##0} payments, {Moved:#,##0} of which moved {MovedSum}: lost {Lost}, doubled {Doubled}, stuck {Stuck}, wrong amounts {WrongAmounts}, pushed twice {PushedTwice}; {Orphans} orphans of {OrphanSum}, suspense {Suspense}, clearing {Clearing}; books {(FaultInBooks ?? "hold")}; {Took.TotalSeconds:0.0} s ({Payments / Took.TotalSeconds:#,##0}/s)");
}

/// <summary>Many payments under all faults at once, over simulated days, and the sum of it against the providers' own books.</summary>
public static class FaultRun
{
    /// <summary>Of a hundred pushes; what is left goes well.</summary>
    public static readonly IReadOnlyDictionary<MoneyFault, int> Mix = new Dictionary<MoneyFault, int>
    {
        [MoneyFault.TimeoutAfterExecution] = 2, [MoneyFault.BreakAfterExecution] = 6, [MoneyFault.ErrorAfterExecution] = 5, [MoneyFault.ErrorBeforeExecution] = 4, [MoneyFault.BadJson] = 4, [MoneyFault.Busy] = 3,
        [MoneyFault.Late] = 6, [MoneyFault.VeryLate] = 4, [MoneyFault.Lost] = 6, [MoneyFault.Duplicated] = 6, [MoneyFault.Reordered] = 5, [MoneyFault.WrongAmount] = 4, [MoneyFault.UnknownReference] = 5,
        [MoneyFault.Cancelled] = 5, [MoneyFault.Unreachable] = 4, [MoneyFault.Insufficient] = 3, [MoneyFault.WrongQuery] = 3,
    };

    /// <param name="after">What else is to be done with the books of it before they are gone.</param>
    /// <param name="count">Pushes and payments by the clients themselves, half and half of the bank and of M-Pesa.</param>
    public static async Task<FaultRunResult> RunAsync(DatabaseProvider provider, int count, int clients = 200, int parallel = 8, Action<string>? tell = null, Func<PaymentBench, Task>? after = null)
    {
        var watch = Stopwatch.StartNew();
        await using var bench = await PaymentBench.StartAsync(provider, world =>
        {
            foreach (var (fault, percent) in Mix)
            {
                world.FaultPercent[fault] = percent;
            }
        }, timeout: TimeSpan.FromMilliseconds(700));
        bench.World.Silence = TimeSpan.FromSeconds(1.5);
        var payers = new List<Client>();
        for (var i = 0; i < clients; i++)
        {
            // Not one of the magic numbers: those answer by their own rule.
            payers.Add(await bench.Company.AddClientAsync(phone: string.Create(CultureInfo.InvariantCulture, $"07{20_000_000 + (i * 10) + 5}")));
        }

        const int Wave = 200;
        for (var sent = 0; sent < count; sent += Wave)
        {
            var wave = Enumerable.Range(sent, Math.Min(Wave, count - sent)).ToList();
            await Parallel.ForEachAsync(wave, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (i, _) =>
            {
                var payer = payers[i % payers.Count];
                if (i % 10 == 9)
                {
                    PayIn(bench, payer, i);
                    return;
                }

                // Its own phone for each, so that nobody is asked twice at once: that is refused, and tried elsewhere.
                await bench.AskAsync(payer, 100 + (i % 900), i % 2 == 0 ? bench.Paybill : bench.Bank, string.Create(CultureInfo.InvariantCulture, $"2547{30_000_000 + (i * 10L % 60_000_000) + 5}"));
            });
            await bench.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(7));
            if (sent / Wave % 25 == 24)
            {
                tell?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{sent + wave.Count:#,##0} sent after {watch.Elapsed.TotalSeconds:0} s"));
            }
        }

        await bench.PassAsync(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(1));
        await bench.PassAsync(TimeSpan.FromHours(30), TimeSpan.FromHours(1));
        await bench.PassAsync(TimeSpan.FromDays(10), TimeSpan.FromHours(12));
        tell?.Invoke("the days have passed");
        var result = await CheckAsync(bench, count, watch);
        if (after is not null)
        {
            await after(bench);
        }

        return result;
    }

    private static void PayIn(PaymentBench bench, Client payer, int i)
    {
        var account = bench.World.Account(i % 4 == 1 ? "522522" : "222169")!;
        var fault = (i / 10 % 5) switch { 0 => MoneyFault.Duplicated, 1 => MoneyFault.Late, 2 => account.Provider is MoneyProvider.Mpesa ? MoneyFault.Lost : MoneyFault.VeryLate, _ => MoneyFault.None };
        var typed = i % 30 == 19 ? "WRONG ACCOUNT" : payer.AccountNumber;
        bench.World.PayIn(account, 50 + (i % 700), payer.Phone, "SANDBOX CUSTOMER", typed, fault);
    }

    private static async Task<FaultRunResult> CheckAsync(PaymentBench bench, int count, Stopwatch watch)
    {
        await using var db = bench.Company.Open();
        var moved = bench.World.Moved.ToList();
        var payments = await db.ProviderTransactions.AsNoTracking().ToListAsync();
        var attempts = await db.PaymentAttempts.AsNoTracking().ToDictionaryAsync(a => a.PushId);
        var byCheckout = attempts.Values.Where(a => a.CheckoutRequestId is not null).ToDictionary(a => a.CheckoutRequestId!);
        var byReceipt = payments.Where(p => p.Receipt is not null && p.State is not TransactionState.Reversed).ToLookup(p => p.Receipt!);
        var byAttempt = payments.Where(p => p.AttemptId is not null && p.State is not TransactionState.Reversed).ToDictionary(p => p.AttemptId!.Value);
        var (problems, matched) = (new List<string>(), new HashSet<Guid>());
        var (lost, wrong) = (0, 0);
        foreach (var money in moved)
        {
            var ours = byReceipt[money.Receipt].FirstOrDefault()
                ?? (Attempt(money, attempts, byCheckout) is { } attempt && byAttempt.TryGetValue(attempt.Id, out var assumed) && assumed.Receipt is null ? assumed : null);
            if (ours is null || !matched.Add(ours.Id))
            {
                lost++;
                problems.Add($"lost: {money}");
                continue;
            }

            if (ours.Amount != Money.Of(money.Amount))
            {
                wrong++;
                problems.Add($"{money} is in the books with {ours.Amount}");
            }
        }

        var extra = payments.Where(p => p.State is not TransactionState.Reversed && !matched.Contains(p.Id)).ToList();
        problems.AddRange(extra.Select(p => $"doubled: {p.Receipt ?? "no receipt"} {p.Amount} {p.Source}"));
        var stuck = attempts.Values.Where(a => !a.IsSettled).ToList();
        problems.AddRange(stuck.Select(a => $"stuck: {a.Status} {a.Amount} looks {a.Looks} {a.Method}"));
        var waiting = await db.InboundMessages.CountAsync(m => m.Status == InboundStatus.Received || m.Status == InboundStatus.Claimed);
        if (waiting > 0)
        {
            problems.Add($"{waiting} messages wait");
        }

        var orphans = payments.Where(p => p.State is TransactionState.Orphan).ToList();
        var clearing = Money.Zero;
        foreach (var channel in (PaymentChannel[])[bench.Paybill, bench.Bank])
        {
            clearing += await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, channel.Ledger);
        }

        return new FaultRunResult(
            count, moved.Count, lost, extra.Count, stuck.Count + waiting, wrong, bench.World.PushesOfOneId, orphans.Count, await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense), new Money(orphans.Sum(o => o.Amount.Minor)),
            clearing, Money.Of(moved.Sum(m => m.Amount)), await bench.FaultInBooksAsync(), watch.Elapsed, problems);
    }

    private static PaymentAttempt? Attempt(MovedMoney money, Dictionary<string, PaymentAttempt> byPush, Dictionary<string, PaymentAttempt> byCheckout) =>
        money.ThirdPartyTransId is { } push && byPush.TryGetValue(push, out var pushed) ? pushed
        : money.CheckoutRequestId is { } checkout && byCheckout.TryGetValue(checkout, out var known) ? known
        : null;
}
