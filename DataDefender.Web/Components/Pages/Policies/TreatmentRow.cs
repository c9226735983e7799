using DataDefender.Domain.Network;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>A state's treatment while it is typed; an empty field is the network's default.</summary>
public sealed class TreatmentRow
{
    public required TreatedState State { get; init; }
    public LineAccess Access { get; set; }
    public decimal? DownloadMbps { get; set; }
    public decimal? UploadMbps { get; set; }
    public string AddressList { get; set; } = "";
    public string Pool { get; set; } = "";
    public string Message { get; set; } = "";

    public static TreatmentRow Of(TreatedState state, Treatment treatment) => new()
    {
        State = state,
        Access = treatment.Access,
        DownloadMbps = treatment.DownloadKbps / 1000m,
        UploadMbps = treatment.UploadKbps / 1000m,
        AddressList = treatment.AddressList ?? "",
        Pool = treatment.Pool ?? "",
        Message = treatment.Message ?? "",
    };

    /// <summary>Only what the chosen access uses is kept.</summary>
    public Treatment ToTreatment()
    {
        var slowed = Access is LineAccess.Limited or LineAccess.WalledGarden;
        return new Treatment(
            Access,
            slowed ? Kbps(DownloadMbps) : null,
            slowed ? Kbps(UploadMbps) : null,
            Access is LineAccess.Refused ? null : Text(AddressList),
            slowed ? Text(Pool) : null,
            Text(Message));
    }

    private static int? Kbps(decimal? mbps) => mbps is { } speed ? (int)Math.Round(Math.Clamp(speed, 0, 1_000_000) * 1000) : null;

    private static string? Text(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
