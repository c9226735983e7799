namespace DataDefender.Sandbox.RouterOs;

[Flags]
internal enum Verbs
{
    Print = 0,
    Add = 1,
    Set = 2,
    Remove = 4,
    Toggle = 8,
    Move = 16,
    Reset = 32,
    Listen = 64,

    /// <summary>What most lists take.</summary>
    List = Add | Set | Remove | Listen,

    /// <summary>A list whose items can be disabled.</summary>
    Items = List | Toggle,
}

/// <summary>
/// The declaration of one menu: its fields and rules. Everything else (print, queries, add, set, traps, listen) is the
/// same code for all of them.
/// </summary>
internal sealed class Menu
{
    private Version? _since;
    private Version? _before;

    public Menu(string path, Verbs verbs, params Field[] fields)
    {
        (Path, Verbs) = (path, verbs);
        Fields = verbs.HasFlag(Verbs.Toggle)
            ? [.. fields, Field.Bool("disabled", value: false), Field.Text("comment")]
            : fields;
    }

    public string Path { get; }

    public Verbs Verbs { get; }

    public IReadOnlyList<Field> Fields { get; }

    /// <summary>One row without an id: <c>/system/identity</c>.</summary>
    public bool IsSingleton { get; init; }

    /// <summary>The field by which an item may be named where an id is asked.</summary>
    public string? Key { get; init; } = "name";

    /// <summary>Fields that no two items may share in all, and what the router says when they would.</summary>
    public (string[] Fields, string Message)? Unique { get; init; }

    /// <summary>Policies beyond read or write that a user needs to change it.</summary>
    public string? WritePolicy { get; init; }

    /// <summary>A feature that device-mode may forbid (7.17 and later).</summary>
    public string? DeviceMode { get; init; }

    /// <summary>Rules that span fields, run after the values are accepted.</summary>
    public Action<SimulatedRouter, Row>? Check { get; init; }

    /// <summary>Called when an item was changed by a client, to act on it.</summary>
    public Action<SimulatedRouter, Row>? Changed { get; init; }

    /// <summary>Called before an item is removed by a client; may trap.</summary>
    public Action<SimulatedRouter, Row>? Removing { get; init; }

    /// <summary>Items that are another menu's, with the same ids: <c>/interface/vlan</c> shows rows of <c>/interface</c>.</summary>
    public string? SharedWith { get; init; }

    /// <summary>Which rows of a shared table belong here.</summary>
    public string? SharedType { get; init; }

    /// <summary>Fields that <c>reset-counters</c> sets to zero.</summary>
    public IReadOnlyList<string> Counters { get; init; } = [];

    /// <summary>Rows that are worked out at each print.</summary>
    public Func<SimulatedRouter, IEnumerable<Row>>? Rows { get; init; }

    /// <summary>A rule for <see cref="Removing"/>: what the router came with stays.</summary>
    public static Action<SimulatedRouter, Row> Keep(string field, string value, string message) => (_, row) =>
    {
        if (row[field] == value)
        {
            throw new RouterTrapException(message);
        }
    };

    public Menu From(int major, int minor)
    {
        _since = new Version(major, minor);
        return this;
    }

    public Menu Until(int major, int minor)
    {
        _before = new Version(major, minor);
        return this;
    }

    /// <summary>Of the package ipv6 of version 6.</summary>
    public bool IsOfIpv6 { get; init; }

    public bool ExistsIn(Personality personality) =>
        (personality.HasIpv6 || !IsOfIpv6) && (_since is null || personality.Version >= _since) && (_before is null || personality.Version < _before);

    public bool Allows(Verbs verb) => (Verbs & verb) == verb;

    public Field? Find(string name) => Fields.FirstOrDefault(f => f.Name == name);
}
