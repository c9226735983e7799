namespace DataDefender.Domain.Network;

/// <summary>
/// One row of an answer: property names and values as the router wrote them. Rows of one listing share their names,
/// so a row costs little more than its values. <see cref="RouterOsValues"/> reads the values.
/// </summary>
public sealed class RouterRow
{
    private readonly string[] _names;
    private readonly string[] _values;

    /// <param name="names">May be shared between rows; never changed.</param>
    /// <param name="values">As many as there are names.</param>
    public RouterRow(string[] names, string[] values)
    {
        if (names.Length != values.Length)
        {
            throw new ArgumentException("There must be as many values as names.", nameof(values));
        }

        (_names, _values) = (names, values);
    }

    public static RouterRow Of(params (string Name, string Value)[] properties) =>
        new([.. properties.Select(p => p.Name)], [.. properties.Select(p => p.Value)]);

    /// <summary>The value, or null when the row has no such property (RouterOS leaves out what is unset).</summary>
    public string? this[string name]
    {
        get
        {
            var names = _names;
            for (var i = 0; i < names.Length; i++)
            {
                if (string.Equals(names[i], name, StringComparison.Ordinal))
                {
                    return _values[i];
                }
            }

            return null;
        }
    }

    /// <summary>The item's <c>.id</c>, stable for its life; null for menus that are a single record.</summary>
    public string? Id => this[".id"];

    /// <summary>True when a listen reports that the item went away.</summary>
    public bool IsDead => this[".dead"] is "true" or "yes";

    /// <summary>The progress section that scripts and fetch number their rows with.</summary>
    public int? Section => int.TryParse(this[".section"], System.Globalization.CultureInfo.InvariantCulture, out var section) ? section : null;

    public int Count => _names.Length;

    public IEnumerable<KeyValuePair<string, string>> Properties
    {
        get
        {
            for (var i = 0; i < _names.Length; i++)
            {
                yield return new(_names[i], _values[i]);
            }
        }
    }

    // Names only: rows of /ppp/secret and /user carry passwords, and a row may end up in a log.
    public override string ToString() => $"{Id ?? "row"} ({string.Join(", ", _names)})";
}
