namespace DataDefender.Domain.Network;

/// <summary>
/// One sentence to a router. Words travel with their length, so a value may hold anything, line breaks and <c>=</c> included.
/// </summary>
public sealed record RouterCommand
{
    private RouterCommand(string path, IReadOnlyList<string> words) => (Path, Words) = (path, words);

    /// <summary>The command word, e.g. <c>/ppp/secret/add</c>.</summary>
    public string Path { get; }

    /// <summary>Attribute and query words, in the order they are sent.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>How long the router may stay silent on this command; null takes the client's read timeout. Backups and exports need more.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>True for commands that change nothing, which may be asked again on a new connection.</summary>
    public bool IsReadOnly => Path.EndsWith("/print", StringComparison.Ordinal) || Path.EndsWith("/getall", StringComparison.Ordinal);

    public static RouterCommand Print(string menu, IReadOnlyCollection<string>? query = null, IReadOnlyCollection<string>? properties = null)
    {
        var words = new List<string>(1 + (query?.Count ?? 0));
        AddProperties(words, properties);
        words.AddRange(query ?? []);
        return new RouterCommand(Command(menu, "print"), words);
    }

    /// <summary>Asks only how many items match; the number comes in <see cref="RouterOutcome.Done.Ret"/>.</summary>
    public static RouterCommand Count(string menu, IReadOnlyCollection<string>? query = null) =>
        new(Command(menu, "print"), ["=count-only=", .. query ?? []]);

    public static RouterCommand Add(string menu, IReadOnlyCollection<(string Name, string Value)> properties) =>
        new(Command(menu, "add"), Attributes(properties));

    public static RouterCommand Set(string menu, string? id, IReadOnlyCollection<(string Name, string Value)> properties) =>
        new(Command(menu, "set"), id is null ? Attributes(properties) : [Attribute(".id", id), .. Attributes(properties)]);

    public static RouterCommand Remove(string menu, IReadOnlyCollection<string> ids)
    {
        // Remove with an empty list answers "done" and removes nothing, which would read as success.
        ArgumentOutOfRangeException.ThrowIfZero(ids.Count, nameof(ids));
        return new RouterCommand(Command(menu, "remove"), [Attribute(".id", string.Join(',', ids))]);
    }

    public static RouterCommand Listen(string menu, IReadOnlyCollection<string>? properties = null)
    {
        var words = new List<string>(1);
        AddProperties(words, properties);
        return new RouterCommand(Command(menu, "listen"), words);
    }

    public static RouterCommand Call(string command, IReadOnlyCollection<(string Name, string Value)>? arguments = null) =>
        new(Checked(command), Attributes(arguments ?? []));

    private static void AddProperties(List<string> words, IReadOnlyCollection<string>? properties)
    {
        if (properties is { Count: > 0 })
        {
            // One comma-joined word: what the router makes of several .proplist words is not defined.
            words.Add("=.proplist=" + string.Join(',', properties));
        }
    }

    private static string[] Attributes(IReadOnlyCollection<(string Name, string Value)> properties) =>
        [.. properties.Select(p => Attribute(p.Name, p.Value))];

    private static string Attribute(string name, string value)
    {
        if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{name}' is not a property name.", nameof(name));
        }

        return $"={name}={value}";
    }

    private static string Command(string menu, string verb) => $"{Checked(menu)}/{verb}";

    private static string Checked(string path) =>
        path.Length > 1 && path[0] == '/' && path[^1] != '/'
            ? path
            : throw new ArgumentException($"'{path}' is not a menu path such as /ppp/active.", nameof(path));
}

/// <summary>
/// Query words of a print. Several of them are joined by AND unless an operator follows; an absent property never matches.
/// </summary>
public static class RouterQuery
{
    /// <summary>Joins the two queries before it by OR.</summary>
    public const string Or = "?#|";

    /// <summary>Joins the two queries before it by AND.</summary>
    public const string And = "?#&";

    /// <summary>Negates the query before it.</summary>
    public const string Not = "?#!";

    public static string Is(string name, string value) => $"?{name}={value}";

    public static string Has(string name) => $"?{name}";

    public static string Lacks(string name) => $"?-{name}";

    public static string Less(string name, string value) => $"?<{name}={value}";

    public static string Greater(string name, string value) => $"?>{name}={value}";
}
