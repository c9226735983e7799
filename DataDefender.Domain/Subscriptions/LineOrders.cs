using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;

namespace DataDefender.Domain.Subscriptions;

/// <summary>Writes what a change of a line asks of the network, in the same save as the change.</summary>
internal static class LineOrders
{
    public static void Order(this IDataDefenderDb db, Subscription line, LineAction action, string because, string by, DateTime now) =>
        db.LineCommands.Add(new LineCommand(line.TenantId, line.Id, action, Short(because, 200), by, now));

    public static void Report(this IDataDefenderDb db, Subscription line, string kind, string message, DateTime now, EventSeverity severity = EventSeverity.Info) =>
        db.NetworkEvents.Add(new NetworkEvent
        {
            TenantId = line.TenantId,
            At = now,
            Severity = severity,
            Kind = kind,
            Message = Short(message, 500),
            SubscriptionId = line.Id,
        });

    private static string Short(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";
}
