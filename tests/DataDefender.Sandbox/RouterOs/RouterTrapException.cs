namespace DataDefender.Sandbox.RouterOs;

/// <summary>A command that the router refuses: <c>!trap</c> with this message. Categories: 0 missing item or argument,
/// 1 argument value, 2 interrupted, 4 general, 5 API; routers often leave them out.</summary>
public sealed class RouterTrapException(string message, int? category = null) : Exception(message)
{
    public int? Category { get; } = category;

    internal static RouterTrapException NoSuchItem() => new("no such item", 0);

    internal static RouterTrapException NoSuchCommand() => new("no such command", 0);

    internal static RouterTrapException NoSuchPrefix() => new("no such command prefix", 0);

    internal static RouterTrapException UnknownParameter(string name) => new($"unknown parameter {name}", 0);

    internal static RouterTrapException Missing(string name) => new($"missing ={name}=", 0);

    internal static RouterTrapException InvalidValue(string name) => new($"invalid value for argument {name}", 1);

    internal static RouterTrapException NoMatch(string name) => new($"input does not match any value of {name}", 1);

    internal static RouterTrapException OutOfRange(string name, long min, long max) => new($"value of {name} is out of range ({min}..{max})", 1);

    internal static RouterTrapException NotPermitted() => new("not enough permissions (9)");

    internal static RouterTrapException Interrupted() => new("interrupted", 2);
}
