using DataDefender.Domain.Radius;

namespace DataDefender.Domain.Monitoring;

/// <summary>What an outcome means, and what to do next, for the person who answers the customer's call.</summary>
public sealed record LoginExplanation(string Title, string Meaning, string NextAction)
{
    public static LoginExplanation Of(LoginOutcome outcome) => outcome switch
    {
        LoginOutcome.Accepted => new("Accepted", "The line was let in with what it was sold.", "Nothing to do."),
        LoginOutcome.AcceptedWalledGarden => new(
            "Walled garden", "The line is suspended: it got an address but reaches only the payment page.", "See why it is suspended; restore it once that is settled."),
        LoginOutcome.UnknownUser => new(
            "Unknown user", "No line has this user name.", "Compare the name on the customer's router with the line's; a local user on the NAS would have been taken before RADIUS is asked."),
        LoginOutcome.WrongPassword => new(
            "Wrong password", "The user exists, the password does not match. With CHAP a wrong shared secret looks the same.",
            "Send the customer the credentials again. If every login of this NAS fails, compare its secret."),
        LoginOutcome.NotActivated => new("Not activated", "The line was sold and not switched on yet.", "Activate it when the installation is done."),
        LoginOutcome.Disconnected => new("Disconnected", "The line was ended for good.", "Sell a new line, or have the equipment collected."),
        LoginOutcome.WrongCaller => new(
            "Wrong equipment", "The line is locked to another MAC address.", "If the customer changed the router, lock the line to the new one or lift the lock."),
        LoginOutcome.TooManySessions => new(
            "Session limit", "As many sessions are open as the package allows.", "If the open one is dead, drop it; otherwise somebody else uses these credentials: change the password."),
        LoginOutcome.UnsupportedMethod => new(
            "Unsupported method", "The NAS used a way of signing in that we do not take.", "Allow PAP, CHAP or MS-CHAPv2 in the NAS's PPPoE server or hotspot profile."),
        LoginOutcome.CompanySuspended => new(
            "Company not active", "The platform has suspended the company or its licence, so no line is let in.", "The owner must settle this with the platform."),
        LoginOutcome.OverQuota => new(
            "Over quota", "The line has used up what its package allows, and its rules block it until the next period.", "Sell a top-up or a larger package, or wait for the new period."),
        LoginOutcome.Suspended => new(
            "Suspended", "The line is suspended, and the company refuses such lines instead of showing them the walled garden.", "See why it is suspended; restore it once that is settled."),
        LoginOutcome.Expired => new(
            "Paid time over", "The paid time has ended, and the company refuses such lines.", "Take a payment, or set a new end of the paid time."),
        LoginOutcome.WrongPlace => new(
            "Wrong place", "The line is locked to another NAS, port or VLAN.", "If the customer was moved, bind the line to the new place or lift the lock."),
        LoginOutcome.RouterLoginRefused => new(
            "No router login", "Somebody tried to log in to the router itself without being staff who may.",
            "Staff set their router password on their account page; router logins by RADIUS are switched on in the network settings."),
        LoginOutcome.RouterLoginAccepted => new("Router login", "A member of staff logged in to the router itself.", "Nothing to do; the audit trail says who it was."),
        _ => new(outcome.ToString(), "", ""),
    };

    public static bool IsRefusal(LoginOutcome outcome) => !LoginOutcomes.Accepting.Contains(outcome);
}
