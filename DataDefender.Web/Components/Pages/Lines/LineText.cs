using DataDefender.Domain.Clients;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Lines;

/// <summary>Packages and lines in words.</summary>
internal static class LineText
{
    /// <summary>"10 / 5 Mbps": download first.</summary>
    public static string Speeds(int downloadKbps, int uploadKbps) =>
        downloadKbps >= 1000 && uploadKbps >= 1000
            ? $"{Formats.Speed(downloadKbps)[..^5]} / {Formats.Speed(uploadKbps)}"
            : $"{Formats.Speed(downloadKbps)} / {Formats.Speed(uploadKbps)}";

    /// <summary>"a month", "every 7 days".</summary>
    public static string Period(int count, PeriodUnit unit)
    {
        var name = unit.ToString().ToLowerInvariant();
        return count == 1 ? $"{(unit is PeriodUnit.Hour ? "an" : "a")} {name}" : $"every {count} {name}s";
    }

    /// <summary>"254712345678" as Kenyans read it: "0712 345 678"; another number with its plus.</summary>
    public static string Phone(string phone) => PhoneNumber.Format(phone);

    public static string Reason(SuspendReason reason) => reason switch
    {
        SuspendReason.Requested => "Client asked for it",
        _ => States.Spaced(reason.ToString()),
    };

    public static string Path(LinePath path) => path switch
    {
        LinePath.ChangeOfAuthorization => "CoA",
        LinePath.DisconnectRequest => "Disconnect",
        LinePath.RouterApi => "Router API",
        LinePath.Configuration => "Router configuration",
        _ => path.ToString(),
    };

    public static string Action(LineAction action) => action switch
    {
        LineAction.Apply => "Apply",
        LineAction.Release => "Release",
        LineAction.Drop => "Drop session",
        _ => action.ToString(),
    };
}
