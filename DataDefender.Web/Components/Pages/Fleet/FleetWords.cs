using DataDefender.Domain.Fleet;

namespace DataDefender.Web.Components.Pages.Fleet;

/// <summary>How the upkeep of routers is told.</summary>
internal static class FleetWords
{
    public static string Why(ExportReason reason) => reason switch
    {
        ExportReason.Nightly => "Nightly",
        ExportReason.Applied => "After a change of ours",
        ExportReason.Asked => "Asked for",
        ExportReason.Upgrade => "Before an upgrade",
        _ => reason.ToString(),
    };
}
