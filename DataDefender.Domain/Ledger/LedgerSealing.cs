using System.Globalization;
using System.Security.Cryptography;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Ledger;

/// <summary>Seals a company's books at the end of each day and sends the seal to where the company keeps a copy.</summary>
public sealed class LedgerSealing(IDataDefenderDbFactory dbFactory, ISecretVault vault, CurrentUser user)
{
    /// <summary>Seals yesterday, when it is not sealed yet and something was ever posted. One seal covers days on which nobody sealed. False when there was nothing to do.</summary>
    public async Task<bool> SealAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.CloseLedger);
        await using var db = await dbFactory.OpenAsync(ct);
        if (await IsSealedAsync(db, ct))
        {
            return false;
        }

        var cipher = await vault.OpenAsync(db.TenantId, ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct); // nobody posts between the sums and the hash
        var day = turn.Today.AddDays(-1);
        var last = await db.LedgerSeals.AsNoTracking().OrderByDescending(s => s.Day).FirstOrDefaultAsync(ct);
        var head = await db.LedgerHeads.SingleAsync(ct);
        if (last?.Day >= day || head.Sequence == (last?.Sequence ?? 0))
        {
            return false;
        }

        var balances = await BalancesAsync(db, last, day, ct);
        var key = await KeyAsync(db, cipher, turn.Now, ct);
        var seal = new LedgerSeal(db.TenantId, day, head, balances, last?.Root ?? [], key, root => Sign(key, cipher, root), turn.Now);
        db.LedgerSeals.Add(seal);
        db.LedgerSnapshots.AddRange(balances);
        await MailAsync(db, seal, key, turn, ct);
        await turn.CommitAsync(ct);
        return true;
    }

    /// <summary>What accounts had at the last seal and what came since: a night reads a day's lines, however old the books are.</summary>
    private static async Task<List<LedgerSnapshot>> BalancesAsync(IDataDefenderDb db, LedgerSeal? last, DateOnly day, CancellationToken ct)
    {
        var sealedUntil = last?.Sequence ?? 0;
        var before = last is null ? [] : await db.LedgerSnapshots.AsNoTracking().Where(s => s.Day == last.Day).ToDictionaryAsync(s => s.AccountId, ct);
        var since = await db.JournalLines.Where(l => l.Sequence > sealedUntil).GroupBy(l => l.AccountId)
            .Select(g => new { g.Key, Debit = g.Sum(l => l.Debit.Minor), Credit = g.Sum(l => l.Credit.Minor) }).ToDictionaryAsync(g => g.Key, ct);
        return
        [
            .. before.Keys.Union(since.Keys).Select(account => new LedgerSnapshot(
                db.TenantId, day, account,
                (before.GetValueOrDefault(account)?.Debit ?? Money.Zero) + new Money(since.GetValueOrDefault(account)?.Debit ?? 0),
                (before.GetValueOrDefault(account)?.Credit ?? Money.Zero) + new Money(since.GetValueOrDefault(account)?.Credit ?? 0))),
        ];
    }

    private static async Task<bool> IsSealedAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var head = await db.LedgerHeads.AsNoTracking().SingleOrDefaultAsync(ct);
        return head is null or { Sequence: 0 } || await db.LedgerSeals.AnyAsync(s => s.Sequence == head.Sequence, ct);
    }

    private static async Task<LedgerSealKey> KeyAsync(IDataDefenderDb db, ITenantCipher cipher, DateTime now, CancellationToken ct)
    {
        if (await db.LedgerSealKeys.AsNoTracking().OrderByDescending(k => k.CreatedAt).FirstOrDefaultAsync(ct) is { } known)
        {
            return known;
        }

        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = db.LedgerSealKeys.Add(new LedgerSealKey(db.TenantId, made.ExportSubjectPublicKeyInfo(), now)).Entity;
        key.Keep(cipher.Protect(PlaceOf(key), Convert.ToBase64String(made.ExportPkcs8PrivateKey())));
        return key;
    }

    private static byte[] Sign(LedgerSealKey key, ITenantCipher cipher, byte[] root)
    {
        using var signer = ECDsa.Create();
        signer.ImportPkcs8PrivateKey(Convert.FromBase64String(cipher.Reveal(PlaceOf(key), key.PrivateKeyCipher)), out _);
        return signer.SignData(root, HashAlgorithmName.SHA256);
    }

    private static SecretPlace PlaceOf(LedgerSealKey key) => new(key.TenantId, nameof(LedgerSealKey), key.Id, nameof(LedgerSealKey.PrivateKeyCipher));

    /// <summary>To the company's billing address, else its own: the copy that a person with the database in hand cannot reach.</summary>
    private static async Task MailAsync(IDataDefenderDb db, LedgerSeal seal, LedgerSealKey key, LedgerTurn turn, CancellationToken ct)
    {
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        if ((settings.BillingEmail ?? company.ContactEmail) is not { Length: > 0 } address || !await db.MessagingSettings.AnyAsync(s => s.EmailOn && s.EmailKeyCipher != null, ct))
        {
            return;
        }

        var body = string.Create(CultureInfo.InvariantCulture, $"""
            The books of {company.Name} at the end of {seal.Day:yyyy-MM-dd}: {seal.Sequence} transactions.

            Root       {Convert.ToHexStringLower(seal.Root)}
            Last hash  {Convert.ToHexStringLower(seal.HeadHash)}
            Signature  {Convert.ToBase64String(seal.Signature)}
            Key        {key.Fingerprint}
            Public key {Convert.ToBase64String(key.PublicKey)}

            Keep this message. If the books are ever in doubt, the seal of this day in the product must show the same root: books that were written anew cannot.
            """);
        db.Messages.Add(new Message(
            db.TenantId,
            new MessageDraft(MessageChannel.Email, MessageTopic.Notice, MessagePurpose.Transactional, MessageLanguage.English, address.ToLowerInvariant(), string.Create(CultureInfo.InvariantCulture, $"Seal of the books of {seal.Day:yyyy-MM-dd}"), body, string.Create(CultureInfo.InvariantCulture, $"ledger-seal:{seal.Day:yyyyMMdd}"), null, null),
            turn.Now));
    }
}
