namespace DataDefender.Domain.Radius;

/// <summary>
/// Why a session is closed when no Stop of its NAS said so: words of our own beside the names of Acct-Terminate-Cause. All but a reused id
/// are our conclusion, which a later report refutes: the session is then opened again.
/// </summary>
public static class OwnCauses
{
    /// <summary>Three reports in a row did not come. Told apart from the Lost-Carrier that a NAS reports, which is final.</summary>
    public const string NoReports = "Lost-Carrier (no reports)";

    /// <summary>The NAS said that it has restarted (RFC 2866 §5.1, Accounting-On and -Off).</summary>
    public const string NasRestart = "NAS-Restart";

    /// <summary>The same caller has begun another session on the same NAS: the Stop was lost.</summary>
    public const string Replaced = "Replaced";

    /// <summary>The router itself does not list it any more, and reports have stopped.</summary>
    public const string NotOnRouter = "Not-On-Router";

    /// <summary>The NAS gave the same Acct-Session-Id to a new session.</summary>
    public const string IdReused = "Session-Id-Reused";

    /// <summary>The NAS sent a Stop that gives no cause.</summary>
    public const string NotSaid = "Not-Said";

    public static bool IsConclusion(string cause) => cause is NoReports or NasRestart or Replaced or NotOnRouter;
}
