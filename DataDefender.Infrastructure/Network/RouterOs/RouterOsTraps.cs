using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>
/// Tells what kind of refusal a trap is. RouterOS has no error codes to speak of (the category is often absent and coarse),
/// and the same thing is worded differently from menu to menu and version to version, so parts of the wording decide.
/// </summary>
internal static class RouterOsTraps
{
    private static readonly (RouterRefusal Kind, string[] Wordings)[] Known =
    [
        (RouterRefusal.NotPermitted, ["not enough permissions", "not allowed by device-mode", "permission denied", "not permitted"]),
        (RouterRefusal.AlreadyExists, ["already have", "already exists", "already added", "with the same name", "with such name", "same mac address"]),
        (RouterRefusal.NoSuchItem, ["no such item", "item not found"]),
        (RouterRefusal.NoSuchCommand, ["no such command", "unknown parameter", "bad command name", "expected end of command"]),
        (RouterRefusal.Interrupted, ["interrupted"]),
        (RouterRefusal.InvalidValue, ["input does not match", "out of range", "value of ", "invalid value", "ambiguous value", "expects range", "syntax error"]),
    ];

    public static RouterRefusal Classify(string message, int? category)
    {
        foreach (var (kind, wordings) in Known)
        {
            foreach (var wording in wordings)
            {
                if (message.Contains(wording, StringComparison.OrdinalIgnoreCase))
                {
                    return kind;
                }
            }
        }

        return category switch
        {
            1 => RouterRefusal.InvalidValue,
            2 => RouterRefusal.Interrupted,
            _ => RouterRefusal.Other,
        };
    }
}
