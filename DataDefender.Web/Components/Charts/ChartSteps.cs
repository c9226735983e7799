namespace DataDefender.Web.Components.Charts;

/// <summary>When live charts move. They do in steps, so that a second's news redraws numbers and not curves.</summary>
internal static class ChartSteps
{
    /// <summary>
    /// Where a company's charts end now, UTC. All of a company move at one moment, for what they show is worked out once, and each company
    /// at a moment of its own: or every screen of the installation would draw its charts in the same instant, and news would wait behind them.
    /// </summary>
    public static DateTime Until(DateTime now, TimeSpan step, Guid tenantId)
    {
        var own = (uint)tenantId.GetHashCode() % step.Ticks;
        return new DateTime(((now.Ticks - own) / step.Ticks * step.Ticks) + own, DateTimeKind.Utc);
    }
}
