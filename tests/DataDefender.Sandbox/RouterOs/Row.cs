namespace DataDefender.Sandbox.RouterOs;

/// <summary>Answers for a dynamic row from the thing that it shows (a session), so that nothing is copied.</summary>
internal interface IRowSource
{
    string? Get(string menu, string field);

    /// <summary>What removing the row over the API does; false when it cannot be removed.</summary>
    bool Remove(string menu);
}

/// <summary>One item of a menu.</summary>
internal sealed class Row(uint id, IRowSource? source)
{
    private Dictionary<string, string>? _values;

    /// <summary>Stable for the item's life and not reused soon.</summary>
    public uint Id { get; } = id;

    public string PrintedId => $"*{Id:X}";

    public IRowSource? Source { get; } = source;

    public bool IsDynamic { get; set; }

    public bool IsRemoved { get; set; }

    public long Position { get; set; }

    public string? this[string field]
    {
        get => _values?.GetValueOrDefault(field);
        set
        {
            _values ??= new Dictionary<string, string>(StringComparer.Ordinal);
            if (value is null)
            {
                _values.Remove(field);
            }
            else
            {
                _values[field] = value;
            }
        }
    }
}
