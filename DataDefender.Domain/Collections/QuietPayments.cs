using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Collections;

/// <summary>What came through the channels in an hour, against what usually comes in it.</summary>
/// <param name="From">UTC.</param>
/// <param name="Usual">The mean of that hour over the last four weeks.</param>
public sealed record PaymentHour(DateTime From, int Came, double Usual)
{
    /// <summary>So little would come by chance in one hour of a thousand at most.</summary>
    public bool IsQuiet => Usual > Many ? Came + 0.5 < Usual - (3.09 * Math.Sqrt(Usual)) : Usual > 0 && ByChance(Came, Usual) < 0.001;

    /// <summary>From here on the bell curve is near enough.</summary>
    private const double Many = 100;

    /// <summary>How likely at most so many come when so many are usual (Poisson).</summary>
    private static double ByChance(int came, double usual)
    {
        var (term, sum) = (Math.Exp(-usual), 0d);
        for (var i = 0; i <= came; i++)
        {
            (sum, term) = (sum + term, term * usual / (i + 1));
        }

        return sum;
    }
}

/// <summary>
/// Notices when customers seem unable to pay: an hour in which far fewer payments came than usually do. Whoever handles payments is told,
/// once in six hours.
/// </summary>
public sealed class QuietPayments(IDataDefenderDbFactory dbFactory, StaffNotifier notifier, StaffInbox inbox, TimeProvider clock)
{
    private const string Kind = "payments.quiet";
    private const int Days = 28;
    private const int LeastDays = 7;

    private static readonly TimeSpan Again = TimeSpan.FromHours(6);

    /// <returns>The last full hour; null while there is too little to compare it with.</returns>
    public async Task<PaymentHour?> LookAsync(CancellationToken ct = default)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var until = new DateTime(now.Year, now.Month, now.Day, now.Hour, 0, 0, DateTimeKind.Utc);
        var (from, since) = (until.AddHours(-1), until.AddHours(-1).AddDays(-Days));
        await using var db = await dbFactory.OpenAsync(ct);
        var payments = db.ProviderTransactions.Where(t => t.ChannelId != null && t.OccurredAt >= since && t.OccurredAt < until);
        if (await payments.MinAsync(t => (DateTime?)t.OccurredAt, ct) is not { } first || (from - first).TotalDays < LeastDays)
        {
            return null;
        }

        var clockHour = from.Hour;
        var before = await payments.CountAsync(t => t.OccurredAt < from && t.OccurredAt.Hour == clockHour, ct);
        var hour = new PaymentHour(from, await payments.CountAsync(t => t.OccurredAt >= from, ct), before / Math.Floor((from - first).TotalDays));
        if (hour.IsQuiet)
        {
            await TellAsync(db, hour, now, ct);
        }

        return hour;
    }

    private async Task TellAsync(IDataDefenderDb db, PaymentHour hour, DateTime now, CancellationToken ct)
    {
        var lately = now - Again;
        if (await db.StaffNotifications.AnyAsync(n => n.Kind == Kind && n.At > lately, ct))
        {
            return;
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.TimeZone).SingleAsync(ct));
        var (from, until) = (TimeZoneInfo.ConvertTimeFromUtc(hour.From, zone), TimeZoneInfo.ConvertTimeFromUtc(hour.From.AddHours(1), zone));
        await notifier.AddAsync(db, new StaffAudience.Permitted(Permissions.HandlePayments), new StaffNotice(
            Kind, EventSeverity.Warning,
            string.Create(CultureInfo.InvariantCulture, $"{(hour.Came == 0 ? "No payment" : hour.Came == 1 ? "One payment" : $"{hour.Came} payments")} came between {from:HH:mm} and {until:HH:mm}"),
            string.Create(CultureInfo.InvariantCulture, $"About {hour.Usual:0} usually come in that hour. Look at the provider messages, test the channels' credentials, and pause collections while customers cannot pay."),
            "/payments/messages"), ct);
        await db.SaveChangesAsync(ct);
        inbox.Announce(db.TenantId);
    }
}
