namespace DataDefender.Domain.Network;

/// <summary>How a command ended. A lost connection is never success, and never a refusal either: it is unknown.</summary>
public abstract record RouterOutcome
{
    private RouterOutcome() { }

    /// <summary>The router finished the command.</summary>
    /// <param name="Ret">The new item's id after add, the number after a count-only print.</param>
    public sealed record Done(IReadOnlyList<RouterRow> Rows, string? Ret) : RouterOutcome;

    /// <summary>The router said no; nothing more will happen.</summary>
    /// <param name="Message">The router's own words.</param>
    /// <param name="Category">The trap category 0–7, often absent.</param>
    public sealed record Refused(RouterRefusal Kind, string Message, int? Category) : RouterOutcome;

    /// <summary>No answer. Read the state back before anything is concluded from it.</summary>
    /// <param name="Sent">False when the command certainly never left, so that nothing can have changed.</param>
    /// <param name="Connect">Why there is no connection, when that is the reason.</param>
    public sealed record Unknown(string Reason, bool Sent, RouterConnectFailure? Connect = null) : RouterOutcome;

    /// <summary>The rows of a finished command; for callers that treat anything else as an exception.</summary>
    /// <exception cref="RouterCommandException">The command was refused or its outcome is unknown.</exception>
    public Done Require() => this as Done ?? throw new RouterCommandException(this);
}

/// <summary>What kind of refusal, told from the router's wording and category.</summary>
public enum RouterRefusal
{
    Other,
    AlreadyExists,
    NoSuchItem,

    /// <summary>The menu, command or parameter does not exist in this version or without its package.</summary>
    NoSuchCommand,
    InvalidValue,

    /// <summary>The user's group lacks a policy, or device-mode forbids it.</summary>
    NotPermitted,
    Interrupted,
}

/// <summary>A command that did not end as done, for callers that want an exception.</summary>
public sealed class RouterCommandException(RouterOutcome outcome) : Exception(Describe(outcome))
{
    public RouterOutcome Outcome { get; } = outcome;

    private static string Describe(RouterOutcome outcome) => outcome switch
    {
        RouterOutcome.Refused refused => $"The router refused: {refused.Message}",
        RouterOutcome.Unknown unknown => unknown.Reason,
        _ => "The router finished the command.",
    };
}
