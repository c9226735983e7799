namespace DataDefender.Web.Components.Pages.Incidents;

/// <summary>How long an incident is to be muted, and why.</summary>
public sealed record MuteAnswer(TimeSpan For, string Reason);
