using System.Collections.Concurrent;
using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Notifications;

/// <summary>
/// Sends what is due of one company. Each message is saved as being sent before it leaves, the database is let go while the provider is
/// spoken to, and what it answered is saved after that: a process that ends in between leaves an uncertain message, never a second one.
/// </summary>
public sealed class MessageDelivery(
    IDataDefenderDbFactory dbFactory, ISecretVault vault, IEnumerable<ISmsGateway> sms, IEnumerable<IEmailGateway> emails, TimeProvider clock)
{
    private const int Batch = 200;

    /// <summary>E-mails go two a second for the whole installation: more than a minute's worth would be claimed and lie.</summary>
    private const int MostEmails = 60;
    private const int Parallel = 4;

    /// <summary>No provider is waited for that long: whoever was sending is gone.</summary>
    private static readonly TimeSpan LongestSend = TimeSpan.FromMinutes(5);

    /// <summary>A reminder that waited longer tells of something that is no longer so.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromHours(48);

    /// <summary>The e-mail provider remembers a key for a day; after that a repetition would be a second e-mail.</summary>
    private static readonly TimeSpan EmailKeyLives = TimeSpan.FromHours(23);

    private const int MostRepetitions = 3;
    private const int Tries = 5;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Returns how many messages were given to a provider; less than a full batch means that there is no more for now.</summary>
    public async Task<int> SendDueAsync(CancellationToken ct = default)
    {
        var (settings, claimed) = await ClaimAsync(ct);
        if (claimed.Count == 0)
        {
            return 0;
        }

        var cipher = await vault.OpenAsync(settings!.TenantId, ct);
        var outcomes = new ConcurrentDictionary<Guid, SendOutcome>();
        await System.Threading.Tasks.Parallel.ForEachAsync(
            Calls(claimed), new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = CancellationToken.None }, async (call, _) => await SpeakAsync(call, settings, cipher, outcomes, ct));
        await ConcludeAsync(settings, outcomes, CancellationToken.None); // the provider has them: that is kept even while the process ends
        return claimed.Count;
    }

    private async Task<(MessagingSettings? Settings, List<Message> Claimed)> ClaimAsync(CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.MessagingSettings.AsNoTracking().SingleOrDefaultAsync(ct);
        if (settings is null)
        {
            return (null, []);
        }

        var now = Now;
        var (lost, stale) = (now - LongestSend, now - StaleAfter);
        foreach (var orphan in await db.Messages.Where(m => m.Status == MessageStatus.Sending && m.StatusSince < lost).Take(Batch).ToListAsync(ct))
        {
            // An e-mail may have been with the second provider, which knows no key.
            orphan.Orphan(now, mayRepeat: MayRepeat(orphan, settings, now) && !(orphan.Channel is MessageChannel.Email && settings.SecondEmailKeyCipher is not null));
        }

        MessageChannel[] on = [.. Enum.GetValues<MessageChannel>().Where(settings.IsOn)];
        List<Message> due = [];
        foreach (var (channel, most) in new[] { (MessageChannel.Sms, Batch), (MessageChannel.Email, MostEmails) }) // neither waits behind the other
        {
            due.AddRange(await db.Messages
                .Where(m => m.Channel == channel && m.Status == MessageStatus.Queued && m.NextAttemptAt <= now && (on.Contains(m.Channel) || m.QueuedAt < stale))
                .OrderBy(m => m.NextAttemptAt).ThenBy(m => m.Id)
                .Take(most)
                .ToListAsync(ct));
        }

        var recipients = due.Select(m => m.Recipient).Distinct().ToArray();
        var optOuts = await db.OptOuts.AsNoTracking().Where(o => recipients.Contains(o.Recipient)).ToDictionaryAsync(o => (o.Channel, o.Recipient), ct);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.TimeZone).SingleAsync(ct));

        List<Message> claimed = [];
        foreach (var message in due)
        {
            if (Sort(message, settings, optOuts.GetValueOrDefault((message.Channel, message.Recipient)), zone, now))
            {
                message.Begin(now);
                claimed.Add(message);
            }
        }

        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return (settings, []); // another process has taken some of them; the next look finds what is left
        }

        return (settings, claimed);
    }

    /// <summary>Whether it goes out now. Otherwise it is suppressed, or put off, and says why.</summary>
    private static bool Sort(Message message, MessagingSettings settings, OptOut? optOut, TimeZoneInfo zone, DateTime now)
    {
        var promotional = message.Purpose is MessagePurpose.Promotional;
        if (message.QueuedAt < now - StaleAfter)
        {
            message.Suppress("It waited for more than 48 hours, so what it says may not be so any more.", now);
        }
        else if (optOut is { } wish && (promotional || wish.Scope is OptOutScope.Everything))
        {
            message.Suppress($"The recipient does not want {(wish.Scope is OptOutScope.Everything ? "messages" : "advertising")}: {wish.Reason}", now);
        }
        else if (promotional && message.Channel is MessageChannel.Sms && settings.SmsPromotionalSender is null)
        {
            message.Suppress("Advertising needs a sender of its own, and none is set.", now);
        }
        else if (promotional && settings.QuietUntil(TimeZoneInfo.ConvertTimeFromUtc(now, zone)) is { } until)
        {
            message.PutOff(TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(until, DateTimeKind.Unspecified), zone), "Advertising keeps the quiet hours.");
        }
        else
        {
            return true;
        }

        return false;
    }

    /// <summary>SMS of one text and sender go in one call.</summary>
    private static IEnumerable<Call> Calls(List<Message> claimed) =>
    [
        .. claimed.Where(m => m.Channel is MessageChannel.Sms).GroupBy(m => (m.Body, m.Purpose))
            .SelectMany(group => Distinctly(group).SelectMany(numbers => numbers.Chunk(ISmsGateway.MostRecipients)).Select(chunk => new Call(chunk))),
        .. claimed.Where(m => m.Channel is MessageChannel.Email).Select(m => new Call([m])),
    ];

    // Two messages of one text to one number (two lines of one client) are two calls: a call names each number once.
    private static IEnumerable<IReadOnlyList<Message>> Distinctly(IEnumerable<Message> messages) =>
        messages.GroupBy(m => m.Recipient).SelectMany(same => same.Select((message, round) => (message, round))).GroupBy(m => m.round, m => m.message).Select(g => g.ToList());

    private async Task SpeakAsync(Call call, MessagingSettings settings, ITenantCipher cipher, ConcurrentDictionary<Guid, SendOutcome> outcomes, CancellationToken ct)
    {
        try
        {
            var first = call.Messages[0];
            if (first.Channel is MessageChannel.Email)
            {
                outcomes[first.Id] = await MailAsync(first, settings, cipher, ct);
                return;
            }

            var answers = await TextAsync(call, settings, cipher, ct);
            for (var i = 0; i < call.Messages.Count; i++)
            {
                outcomes[call.Messages[i].Id] = i < answers.Count ? answers[i] : new SendOutcome.Unknown("The provider's answer does not name this number.");
            }
        }
        catch (Exception trouble) when (trouble is not OutOfMemoryException)
        {
            // A gateway does not throw for what the network does; what it throws came before or after an unknown part of the call.
            foreach (var message in call.Messages)
            {
                outcomes.TryAdd(message.Id, new SendOutcome.Unknown($"Sending broke off: {trouble.GetType().Name}."));
            }
        }
    }

    /// <summary>Only what certainly did not go out is given to the second provider: what may have gone out would arrive twice.</summary>
    private async Task<IReadOnlyList<SendOutcome>> TextAsync(Call call, MessagingSettings settings, ITenantCipher cipher, CancellationToken ct)
    {
        var (main, second) = (sms.First(), sms.Skip(1).FirstOrDefault());
        var first = call.Messages[0];
        var sender = first.Purpose is MessagePurpose.Promotional ? settings.SmsPromotionalSender : settings.SmsSender;
        var answers = (await main.SendAsync(
            new SmsAccount(settings.SmsUsername, cipher.Reveal(settings.SmsKeyPlace(), settings.SmsKeyCipher!), sender), first.Body, [.. call.Messages.Select(m => m.Recipient)], ct)).ToArray();
        List<int> left = [.. Enumerable.Range(0, Math.Min(answers.Length, call.Messages.Count)).Where(i => answers[i] is SendOutcome.NotSent && !call.Messages[i].MayHaveGone)];
        if (left.Count == 0 || second is null || settings.SecondSmsKeyCipher is not { } key || first.Purpose is MessagePurpose.Promotional)
        {
            return answers; // advertising waits for the sender that is registered for it
        }

        var again = await second.SendAsync(
            new SmsAccount(settings.SecondSmsUsername, cipher.Reveal(settings.SecondSmsKeyPlace(), key), settings.SecondSmsSender), first.Body, [.. left.Select(i => call.Messages[i].Recipient)], ct);
        for (var i = 0; i < left.Count; i++)
        {
            answers[left[i]] = Instead(answers[left[i]], i < again.Count ? again[i] : new SendOutcome.Unknown($"{second.Provider}'s answer does not name this number."), second.Provider);
        }

        return answers;
    }

    private async Task<SendOutcome> MailAsync(Message message, MessagingSettings settings, ITenantCipher cipher, CancellationToken ct)
    {
        var (main, second) = (emails.First(), emails.Skip(1).FirstOrDefault());
        var (mail, key) = (new Email(message.Recipient, message.Subject ?? "", message.Body), KeyOf(message));
        var outcome = await main.SendAsync(new EmailAccount(cipher.Reveal(settings.EmailKeyPlace(), settings.EmailKeyCipher!), settings.EmailFrom, settings.EmailReplyTo), mail, key, ct);
        return outcome is SendOutcome.NotSent && second is not null && settings.SecondEmailKeyCipher is { } secondKey && !message.MayHaveGone
            ? Instead(outcome, await second.SendAsync(new EmailAccount(cipher.Reveal(settings.SecondEmailKeyPlace(), secondKey), settings.EmailFrom, settings.EmailReplyTo), mail, key, ct), second.Provider)
            : outcome;
    }

    /// <summary>What the second one answered, with why it was asked. When it took nothing either, the first one's word stands.</summary>
    private static SendOutcome Instead(SendOutcome first, SendOutcome second, string provider) => second switch
    {
        SendOutcome.Accepted accepted => accepted with { Note = $"Through {provider}: {((SendOutcome.NotSent)first).Reason}" },
        SendOutcome.NotSent => first,
        SendOutcome.Unknown unknown => unknown with { IsFinal = true },
        _ => second,
    };

    private async Task ConcludeAsync(MessagingSettings settings, ConcurrentDictionary<Guid, SendOutcome> outcomes, CancellationToken ct)
    {
        Guid[] ids = [.. outcomes.Keys];
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var db = await dbFactory.OpenAsync(ct);
                var now = Now;
                foreach (var message in await db.Messages.Where(m => ids.Contains(m.Id)).ToListAsync(ct))
                {
                    var outcome = outcomes[message.Id];
                    message.Take(outcome is SendOutcome.Unknown { IsFinal: false } unknown && MayRepeat(message, settings, now) ? new SendOutcome.NotSent(unknown.Reason) { MayHaveGone = true } : outcome, now);
                }

                await db.SaveChangesAsync(ct);
                return;
            }
            catch (DbUpdateConcurrencyException) when (attempt < Tries)
            {
                // A delivery report was quicker than we were.
            }
        }
    }

    // A person who sends it again means a second e-mail: under the first key the provider would only repeat its first answer.
    private static string KeyOf(Message message) => string.Create(CultureInfo.InvariantCulture, $"{message.Id:N}-{message.QueuedAt.Ticks}");

    private static bool MayRepeat(Message message, MessagingSettings settings, DateTime now) => message.Channel switch
    {
        MessageChannel.Email => now - message.QueuedAt < EmailKeyLives,
        MessageChannel.Sms => settings.RepeatsUncertainSms && message.Attempts < MostRepetitions,
        _ => false,
    };

    private sealed record Call(IReadOnlyList<Message> Messages);
}
