using DataDefender.Infrastructure.Persistence;

namespace DataDefender.Web.Setup;

internal static class HealthEndpoints
{
    private const string Degraded = "ready, degraded: row-level security of the database does not bind this process; the log says why";

    /// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve pages, because the database answers.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live")).AllowAnonymous();
        app.MapGet("/health/ready", (DatabaseWatch database, RowSecurityWatch rows) => database.IsReady
            ? Results.Text(rows.Weakness is null ? "ready" : Degraded)
            : Results.Text(database.Problem, statusCode: StatusCodes.Status503ServiceUnavailable)).AllowAnonymous();
    }
}
