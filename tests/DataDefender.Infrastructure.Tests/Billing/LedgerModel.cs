namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>
/// What the books must say, by plain sums over dictionaries and with no line of the product: bills, money that came, and what clients have, in
/// cents. Each act is written down here as an accountant would say it.
/// </summary>
internal sealed class LedgerModel
{
    public sealed class Bill
    {
        public required int Client { get; init; }
        public required Guid Id { get; init; }

        /// <summary>Counts up with the time of issue.</summary>
        public required int Order { get; init; }

        public required DateOnly Due { get; init; }
        public required long Total { get; init; }
        public required long Deposit { get; init; }
        public long Paid { get; set; }
        public long Credited { get; set; }
        public long Returned { get; set; }
        public long WrittenOff { get; set; }

        /// <summary>Cents that were let off.</summary>
        public long Rounded { get; set; }
        public bool IsVoid { get; set; }

        public long Open => IsVoid ? 0 : Total - Paid - Credited - WrittenOff - Rounded + Returned;
    }

    public sealed class Receipt
    {
        public required Guid Id { get; init; }
        public required long Amount { get; init; }
        public required string Place { get; init; }
        public int? Client { get; set; }
        public bool IsClearing { get; set; }
        public long Left { get; set; }
        public long InWallet { get; set; }
        public Dictionary<Bill, long> Put { get; } = [];
    }

    public sealed class Agreement
    {
        public required int Client { get; init; }
        public required Guid Line { get; init; }
        public required long Price { get; init; }
        public required DateOnly BoundUntil { get; init; }
        public DateOnly BilledUntil { get; set; }
        public DateOnly? EndsOn { get; set; }
        public int Rate { get; set; }
        public DateOnly? RateUntil { get; set; }
    }

    public const long LeavingFee = 150_000;

    private int _order;

    /// <summary>How many cents that payments leave are let off.</summary>
    public long Tolerance { get; init; }

    public List<Bill> Bills { get; } = [];
    public List<Receipt> Receipts { get; } = [];
    public List<Agreement> Agreements { get; } = [];

    /// <summary>What waits for the next bill of a client.</summary>
    public List<(int Client, long Price, DateOnly From)> Charges { get; } = [];

    public Dictionary<int, long> Wallet { get; } = [];
    public Dictionary<int, long> Granted { get; } = [];
    public Dictionary<int, long> Deposits { get; } = [];

    /// <summary>bank, drawer, cheques, suspense; bad debt, grants and opening balances, each as its debit.</summary>
    public Dictionary<string, long> Places { get; } = [];

    public long Owes(int client) => Bills.Where(b => b.Client == client).Sum(b => b.Open);

    public Bill Issue(int client, Guid id, long total, long deposit, DateOnly due)
    {
        var bill = new Bill { Client = client, Id = id, Total = total, Deposit = deposit, Due = due, Order = ++_order };
        Bills.Add(bill);
        Add(Deposits, client, deposit);
        return bill;
    }

    /// <summary>What lies in the wallet pays what is open: the oldest first, and what was given before what was paid.</summary>
    public void SpendWallet(int client)
    {
        var (granted, rest) = (Granted.GetValueOrDefault(client), Granted.GetValueOrDefault(client) + Wallet.GetValueOrDefault(client));
        var whole = rest;
        foreach (var bill in OpenOf(client))
        {
            var part = Math.Min(rest, bill.Open);
            (bill.Paid, rest) = (bill.Paid + part, rest - part);
            LetOff(bill, part);
        }

        var used = whole - rest;
        Add(Granted, client, -Math.Min(used, granted));
        Add(Wallet, client, -(used - Math.Min(used, granted)));
    }

    public void Give(Receipt receipt, int client)
    {
        (receipt.Client, receipt.IsClearing) = (client, false);
        var rest = receipt.Left;
        foreach (var bill in OpenOf(client))
        {
            var part = Math.Min(rest, bill.Open);
            if (part > 0)
            {
                (bill.Paid, rest) = (bill.Paid + part, rest - part);
                receipt.Put[bill] = receipt.Put.GetValueOrDefault(bill) + part;
                LetOff(bill, part);
            }
        }

        receipt.InWallet += rest;
        Add(Wallet, client, rest);
    }

    /// <summary>False when the client does not have that much any more; then nothing moved.</summary>
    public bool TakeBack(Receipt receipt, long amount)
    {
        if (receipt.Client is not { } client)
        {
            Add(Places, "suspense", -amount);
        }
        else if (!Release(receipt, client, amount))
        {
            return false;
        }

        receipt.Left -= amount;
        Add(Places, receipt.Place, -amount);
        return true;
    }

    public void Credit(Bill bill, long amount, bool isDeposit)
    {
        Unround(bill);
        var excess = Math.Max(0, amount - bill.Open);
        (bill.Credited, bill.Returned) = (bill.Credited + amount, bill.Returned + excess);
        Add(Wallet, bill.Client, excess);
        Add(Deposits, bill.Client, isDeposit ? -amount : 0);
        LetOff(bill, amount);
        if (excess > 0)
        {
            SpendWallet(bill.Client);
        }
    }

    /// <summary>The lines of a client's next bill, or nothing when nothing is due. Prices have their tax in them.</summary>
    public (long Total, Action Settle)? NextBill(int client, DateOnly today)
    {
        var (total, lines, settle) = (0L, 0, new List<Action>());
        foreach (var agreement in Agreements.Where(a => a.Client == client))
        {
            var until = agreement.BilledUntil;
            while (until <= today && until < (agreement.EndsOn ?? DateOnly.MaxValue))
            {
                var month = new DateOnly(until.Year, until.Month, 1);
                var next = month.AddMonths(1);
                var end = agreement.EndsOn is { } last && last < next ? last : next;
                var price = Days(agreement.Price, month, next, until, end);
                var lowered = agreement.RateUntil is { } stop && stop < end ? stop : end;
                var share = lowered <= until ? 0 : lowered == end ? price : Days(price, until, end, until, lowered);
                total += price - Rounded(share * agreement.Rate, 10_000);
                lines += price == 0 ? 0 : 1;
                until = end;
            }

            settle.Add(() => agreement.BilledUntil = until);
        }

        foreach (var charge in Charges.Where(c => c.Client == client && c.From <= today).OrderByDescending(c => c.Price).ToList())
        {
            var part = Math.Max(charge.Price, -total);
            if (part == 0)
            {
                continue;
            }

            (total, lines) = (total + part, lines + 1);
            settle.Add(() =>
            {
                Charges.Remove(charge);
                if (part != charge.Price)
                {
                    Charges.Add(charge with { Price = charge.Price - part });
                }
            });
        }

        return lines == 0 ? null : (total, () => settle.ForEach(s => s()));
    }

    /// <summary>The price of some days of a month: the difference of two running totals, so that parts add up to the whole.</summary>
    public static long Days(long price, DateOnly start, DateOnly end, DateOnly from, DateOnly until) =>
        Rounded(price * (until.DayNumber - start.DayNumber), end.DayNumber - start.DayNumber) - Rounded(price * (from.DayNumber - start.DayNumber), end.DayNumber - start.DayNumber);

    public static void Add<TKey>(Dictionary<TKey, long> sums, TKey key, long amount) where TKey : notnull => sums[key] = sums.GetValueOrDefault(key) + amount;

    private List<Bill> OpenOf(int client) => [.. Bills.Where(b => b.Client == client && b.Open > 0).OrderBy(b => b.Due).ThenBy(b => b.Order)];

    /// <summary>First what it left in the wallet, then its bills, the newest first, then the wallet, then whatever the client paid last.</summary>
    private bool Release(Receipt receipt, int client, long amount)
    {
        var held = Bills.Where(b => b.Client == client && b.Paid > b.Returned).OrderByDescending(b => b.Order).ToList();
        if (amount > Wallet.GetValueOrDefault(client) + held.Sum(b => b.Paid - b.Returned))
        {
            return false;
        }

        var rest = amount;
        FromWallet(receipt.InWallet);
        foreach (var bill in held)
        {
            Off(bill, receipt.Put.GetValueOrDefault(bill));
        }

        FromWallet(long.MaxValue);
        foreach (var bill in held)
        {
            Off(bill, long.MaxValue);
        }

        return true;

        void FromWallet(long most)
        {
            var part = Math.Max(0, Math.Min(rest, Math.Min(most, Wallet.GetValueOrDefault(client))));
            (rest, receipt.InWallet) = (rest - part, receipt.InWallet - part);
            Add(Wallet, client, -part);
        }

        void Off(Bill bill, long most)
        {
            var part = Math.Max(0, Math.Min(rest, Math.Min(most, bill.Paid - bill.Returned)));
            (rest, bill.Paid) = (rest - part, bill.Paid - part);
            receipt.Put[bill] = receipt.Put.GetValueOrDefault(bill) - part;
            if (part > 0)
            {
                Unround(bill);
            }
        }
    }

    private void LetOff(Bill bill, long moved)
    {
        if (moved > 0 && bill.Paid > bill.Returned && bill.Open > 0 && bill.Open <= Tolerance)
        {
            Add(Places, "rounding", bill.Open);
            bill.Rounded += bill.Open;
        }
    }

    private void Unround(Bill bill)
    {
        Add(Places, "rounding", -bill.Rounded);
        bill.Rounded = 0;
    }

    private static long Rounded(long over, long under)
    {
        var doubled = (2 * Math.Abs(over)) + under;
        return Math.Sign(over) * (doubled / (2 * under));
    }
}
