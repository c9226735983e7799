using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>
/// What lies in wallets pays what is open without anybody asking: oldest first, credit that was granted before money that was paid. Nobody is
/// dunned for what he has paid already.
/// </summary>
public static class WalletCredit
{
    /// <summary>The kind of a posting by which a wallet pays an invoice; it names the invoice as its source.</summary>
    public const string Used = "wallet.used";

    /// <summary>
    /// Pays open invoices of clients from their wallets, and from those of whom they pay for. In the turn of whoever issued invoices or gave
    /// credit: what that one wrote is saved first, since the books say what a wallet holds. Returns how much of each wallet was used.
    /// </summary>
    public static async Task<IReadOnlyDictionary<Guid, Money>> PayOpenAsync(IDataDefenderDb db, LedgerTurn turn, IReadOnlyCollection<Guid> clients, CancellationToken ct = default)
    {
        await db.SaveChangesAsync(ct);
        var used = new Dictionary<Guid, Money>();
        var profiles = await db.BillingProfiles.AsNoTracking().Where(p => p.ParentId != null && (clients.Contains(p.ClientId) || clients.Contains(p.ParentId.Value)))
            .Select(p => new { p.ClientId, ParentId = p.ParentId!.Value }).ToListAsync(ct);
        var payerOf = profiles.ToDictionary(p => p.ClientId, p => p.ParentId);
        var wallets = clients.Concat(payerOf.Keys).Distinct().ToList();
        var granted = await LedgerBalances.OfClientsAsync(db, AccountKind.GrantedWallet, wallets, ct);
        var paid = await LedgerBalances.OfClientsAsync(db, AccountKind.Wallet, wallets, ct);
        var holders = wallets.FindAll(c => granted.GetValueOrDefault(c) + paid.GetValueOrDefault(c) > Money.Zero);
        if (holders.Count == 0)
        {
            return used;
        }

        var debtors = holders.Concat(holders.Where(payerOf.ContainsKey).Select(h => payerOf[h])).Distinct().ToList();
        var open = (await Receivables.Open(db.Invoices.Include(i => i.Lines).Where(i => debtors.Contains(i.ClientId))).ToListAsync(ct)).ToLookup(i => i.ClientId);
        var (postings, settled) = (new List<JournalPosting>(), new List<Invoice>());
        foreach (var holder in holders)
        {
            var (gift, whole) = (granted.GetValueOrDefault(holder), granted.GetValueOrDefault(holder) + paid.GetValueOrDefault(holder));
            var owed = payerOf.TryGetValue(holder, out var payer) ? open[holder].Concat(open[payer]) : open[holder];
            var (applied, left) = Receivables.Put(turn, owed, whole);
            if (applied.Count == 0)
            {
                continue;
            }

            used[holder] = whole - left;
            settled.AddRange(applied.Select(a => a.Invoice));
            foreach (var (invoice, amount) in applied)
            {
                // One posting an invoice, so that the books say of each what wallets have put on it.
                var given = amount < gift ? amount : gift;
                gift -= given;
                postings.Add(new JournalPosting(
                    Used, $"wallet-used:{invoice.Id}:{holder:N}:{invoice.Version}", turn.Now, $"Wallet: {invoice.Reference}", Invoice.SourceType, invoice.Id,
                    [.. PostingLeg.Net(AccountKind.GrantedWallet, given, holder), .. PostingLeg.Net(AccountKind.Wallet, amount - given, holder), PostingLeg.OnCredit(AccountKind.Receivable, amount, invoice.ClientId)]));
            }
        }

        await turn.PostAsync(postings, ct);
        await Rounding.LetOffAsync(db, turn, settled, ct);
        await Receivables.ExtendPaidTimeAsync(db, settled, turn.Now, ct);
        return used;
    }
}
