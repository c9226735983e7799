using DataDefender.Domain.Subscriptions;

namespace DataDefender.Web.Components.Pages.Lines;

/// <summary>What was said when a line was to be suspended.</summary>
public sealed record SuspendAnswer(SuspendReason Reason, string? Note);
