using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Notifications;

/// <summary>What providers tell of messages later. The caller is the provider, not a person: its proof is checked here, in the company's scope.</summary>
public sealed class DeliveryReports(IDataDefenderDbFactory dbFactory, ISecretVault vault, TimeProvider clock)
{
    private const int Tries = 3;

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(24);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Whether the address that the SMS provider called is the company's own.</summary>
    public async Task<bool> KnowsAsync(string token, CancellationToken ct = default)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var own = await db.MessagingSettings.Select(s => s.ReportToken).SingleOrDefaultAsync(ct);
        return own is { Length: > 0 } && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(own), Encoding.UTF8.GetBytes(token));
    }

    /// <summary>Whether the e-mail provider signed this.</summary>
    public async Task<bool> IsSignedAsync(string? id, string? timestamp, string? signatures, string body, CancellationToken ct = default)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.MessagingSettings.AsNoTracking().SingleOrDefaultAsync(ct);
        if (settings?.EmailSigningCipher is not { } cipherText)
        {
            return false;
        }

        var secret = (await vault.OpenAsync(settings.TenantId, ct)).Reveal(settings.EmailSigningPlace(), cipherText);
        return SvixSignature.IsValid(secret, id, timestamp, signatures, body, Now);
    }

    /// <summary>Returns whether a message took the report; one for a message that we do not know is nothing to complain about.</summary>
    /// <param name="suppressRecipient">The address bounces, or its owner complained: nothing goes there any more.</param>
    public async Task<bool> ApplyAsync(MessageChannel channel, DeliveryReport report, bool suppressRecipient = false, CancellationToken ct = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var db = await dbFactory.OpenAsync(ct);
                var message = await FindAsync(db, channel, report, ct);
                var took = message?.Report(report, Now) is true;
                if (suppressRecipient && (message?.Recipient ?? report.Recipient?.ToLowerInvariant()) is { Length: > 0 } recipient)
                {
                    await SuppressAsync(db, channel, recipient, report.Reason ?? "The provider reports a bounce or a complaint.", ct);
                }

                await db.SaveChangesAsync(ct);
                return took;
            }
            catch (DbUpdateException) when (attempt < Tries && !ct.IsCancellationRequested)
            {
                // The sender, or another report, wrote the same row meanwhile.
            }
        }
    }

    // The answer to our call may have been lost, or not be saved yet: then only the number leads to the message, and only when it is one.
    private async Task<Message?> FindAsync(IDataDefenderDb db, MessageChannel channel, DeliveryReport report, CancellationToken ct)
    {
        if (await db.Messages.FirstOrDefaultAsync(m => m.Channel == channel && m.ProviderId == report.ProviderId, ct) is { } known)
        {
            return known;
        }

        if (report.Recipient is null)
        {
            return null;
        }

        var since = Now - Remembered;
        var open = await db.Messages
            .Where(m => m.Channel == channel && m.Recipient == report.Recipient && m.ProviderId == null && m.StatusSince >= since
                && (m.Status == MessageStatus.Uncertain || m.Status == MessageStatus.Sending))
            .Take(2).ToListAsync(ct);
        return open.Count == 1 ? open[0] : null;
    }

    private async Task SuppressAsync(IDataDefenderDb db, MessageChannel channel, string recipient, string reason, CancellationToken ct)
    {
        if (await db.OptOuts.SingleOrDefaultAsync(o => o.Channel == channel && o.Recipient == recipient, ct) is { } known)
        {
            known.Widen(reason);
        }
        else
        {
            db.OptOuts.Add(new OptOut(db.TenantId, channel, recipient, OptOutScope.Everything, reason, Now));
        }
    }
}
