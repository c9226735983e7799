namespace DataDefender.Sandbox.Nas;

/// <summary>Acct-Terminate-Cause, RFC 2866 §5.10: those that a MikroTik sends.</summary>
public enum TerminateCause
{
    UserRequest = 1,
    LostCarrier = 2,
    LostService = 3,
    IdleTimeout = 4,
    SessionTimeout = 5,
    AdminReset = 6,
    AdminReboot = 7,
    NasRequest = 10,
    NasReboot = 11,
}
