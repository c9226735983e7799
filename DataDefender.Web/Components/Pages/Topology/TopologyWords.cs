using System.Globalization;
using DataDefender.Domain.Topology;

namespace DataDefender.Web.Components.Pages.Topology;

/// <summary>How sites and links are called.</summary>
internal static class TopologyWords
{
    public static string Name(SiteKind kind) => kind switch
    {
        SiteKind.PointOfPresence => "Point of presence",
        SiteKind.Tower => "Tower",
        SiteKind.Cabinet => "Cabinet",
        SiteKind.Building => "Building",
        SiteKind.DataCentre => "Data centre",
        _ => kind.ToString(),
    };

    public static string Coordinates(decimal latitude, decimal longitude) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(latitude):0.0000}° {(latitude < 0 ? 'S' : 'N')} {Math.Abs(longitude):0.0000}° {(longitude < 0 ? 'W' : 'E')}");
}
