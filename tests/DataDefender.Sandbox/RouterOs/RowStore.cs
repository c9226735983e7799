namespace DataDefender.Sandbox.RouterOs;

/// <summary>The items of one or several menus, in order. Callers hold the router's lock.</summary>
internal sealed class RowStore
{
    private readonly List<Row> _rows = [];
    private readonly Dictionary<uint, Row> _byId = [];
    private readonly Dictionary<string, Row> _byName = new(StringComparer.Ordinal);
    private readonly List<Action<Row, bool>> _listeners = [];
    private uint _lastId;
    private long _lastPosition;
    private int _removed;

    /// <summary>Rises with every change; lets readers know whether what they worked out still holds.</summary>
    public int Version { get; private set; }

    public int Count => _byId.Count;

    public IEnumerable<Row> Rows => _rows.Where(static row => !row.IsRemoved);

    public Row Create(IRowSource? source = null) => new(++_lastId, source) { Position = ++_lastPosition };

    public uint ReserveId() => ++_lastId;

    public Row? ById(uint id) => _byId.GetValueOrDefault(id);

    public Row? ByName(string name) => _byName.GetValueOrDefault(name);

    public void Insert(Row row, string? name, Row? before = null)
    {
        _byId.Add(row.Id, row);
        if (before is null)
        {
            _rows.Add(row);
        }
        else
        {
            _rows.Insert(_rows.IndexOf(before), row);
        }

        if (name is not null)
        {
            _byName.TryAdd(name, row);
        }

        Notify(row, dead: false);
    }

    public void Rename(Row row, string? from, string? to)
    {
        if (string.Equals(from, to, StringComparison.Ordinal))
        {
            return;
        }

        Unname(row, from);
        if (to is not null)
        {
            _byName[to] = row;
        }
    }

    public void Remove(Row row, string? name)
    {
        if (!_byId.Remove(row.Id))
        {
            return;
        }

        row.IsRemoved = true;
        Unname(row, name);
        if (++_removed > 64 && _removed > _byId.Count)
        {
            _rows.RemoveAll(static r => r.IsRemoved);
            _removed = 0;
        }

        Notify(row, dead: true);
    }

    public void Move(Row row, Row? before)
    {
        _rows.Remove(row);
        _rows.Insert(before is null ? _rows.Count : _rows.IndexOf(before), row);
        Notify(row, dead: false);
    }

    public void Touch(Row row) => Notify(row, dead: false);

    public IDisposable Listen(Action<Row, bool> changed)
    {
        _listeners.Add(changed);
        return new Listener(this, changed);
    }

    private void Unname(Row row, string? name)
    {
        if (name is not null && _byName.TryGetValue(name, out var named) && named == row)
        {
            _byName.Remove(name);
        }
    }

    private void Notify(Row row, bool dead)
    {
        Version++;
        foreach (var listener in _listeners)
        {
            listener(row, dead);
        }
    }

    private sealed class Listener(RowStore store, Action<Row, bool> changed) : IDisposable
    {
        public void Dispose() => store._listeners.Remove(changed);
    }
}
