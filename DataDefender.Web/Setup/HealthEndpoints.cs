namespace DataDefender.Web.Setup;

internal static class HealthEndpoints
{
    /// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve pages, because the database answers.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live")).AllowAnonymous();
        app.MapGet("/health/ready", (DatabaseWatch database) => database.IsReady
            ? Results.Text("ready")
            : Results.Text(database.Problem, statusCode: StatusCodes.Status503ServiceUnavailable)).AllowAnonymous();
    }
}
