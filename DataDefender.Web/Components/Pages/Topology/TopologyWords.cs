using System.Globalization;
using DataDefender.Domain.Network;
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

    public static string Name(LinkKind kind) => kind switch
    {
        LinkKind.Fibre => "Fibre",
        LinkKind.Radio => "Radio",
        LinkKind.Copper => "Copper",
        LinkKind.Leased => "Leased",
        _ => kind.ToString(),
    };

    public static string Href(TopologyNode node) => node.IsSite ? node.Routers == 0 ? $"/sites?edit={node.Id}" : $"/routers?q={Uri.EscapeDataString(node.Name)}" : $"/routers/{node.Id}";

    /// <summary>The class of a node or of the state of a link.</summary>
    public static string Tone(RouterState state) => state switch
    {
        RouterState.Up => "is-up",
        RouterState.Degraded => "is-degraded",
        RouterState.Down => "is-down",
        _ => "is-unknown",
    };

    /// <summary>The class of what flows over a link.</summary>
    public static string Weather(TopologyLink link) => link switch
    {
        { State: RouterState.Down } => "is-down",
        { Percent: >= 90 } => "is-full",
        { Percent: >= 70 } => "is-near",
        { Percent: not null } => "is-flowing",
        { BitsPerSecond: not null } => "is-measured",
        _ => "is-unknown",
    };

    public static string Tell(TopologyNode node) => string.Join(
        " · ",
        new[]
        {
            node.Name, Ui.States.Of(node.State).Text, node.IsSite && node.Routers > 0 ? $"{node.Routers} {(node.Routers == 1 ? "router" : "routers")}" : null,
            $"{Ui.Formats.Count(node.Sessions)} {(node.Sessions == 1 ? "session" : "sessions")}", node.State is RouterState.Up ? null : node.Why,
        }.Where(t => !string.IsNullOrEmpty(t)));

    public static string Tell(TopologyLink link) => string.Join(
        " · ",
        new[]
        {
            link.Name, link.Kind is { } kind ? Name(kind) : null, link.CapacityKbps is { } capacity ? Ui.Formats.Speed(capacity) : null,
            link.BitsPerSecond is { } rate ? Ui.Formats.Rate(rate) : null, link.Percent is { } percent ? $"{Ui.Formats.Percent(percent)} used" : null, link.Detail.Length > 0 ? link.Detail : null,
        }.OfType<string>());

    /// <summary>A number in an SVG attribute.</summary>
    public static string At(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
