using System.Globalization;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>A menu of one router: the declaration over its items. Callers hold the router's lock.</summary>
internal sealed class Table
{
    private readonly SimulatedRouter _router;
    private readonly Dictionary<string, Field> _fields;

    public Table(SimulatedRouter router, Menu menu, RowStore store)
    {
        (_router, Menu, Store) = (router, menu, store);
        Fields = [.. menu.Fields.Where(f => f.ExistsIn(router.Personality))];
        _fields = Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
        if (menu.IsSingleton && store.Count == 0)
        {
            store.Insert(store.Create(), name: null);
        }
    }

    public Menu Menu { get; }

    public RowStore Store { get; }

    public IReadOnlyList<Field> Fields { get; }

    public IEnumerable<Row> Rows => Menu.Rows is { } computed ? computed(_router)
        : Menu.SharedType is { } type ? Store.Rows.Where(r => Kept(r, "type") == type)
        : Store.Rows;

    /// <summary>The row of a singleton.</summary>
    public Row Only => Store.Rows.First();

    public Field? Field(string name) => _fields.GetValueOrDefault(name);

    public Row? ById(string printed) =>
        printed.StartsWith('*') && uint.TryParse(printed.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id) && Store.ById(id) is { } row && Belongs(row)
            ? row
            : null;

    /// <summary>By id or, where the menu has one, by name.</summary>
    public Row? Find(string idOrName)
    {
        if (idOrName.StartsWith('*'))
        {
            return ById(idOrName);
        }

        if (Menu.Key is not { } key)
        {
            return null;
        }

        return (Store.ByName(idOrName) ?? Store.Rows.FirstOrDefault(r => Value(r, key) == idOrName)) is { } row && Belongs(row) ? row : null;
    }

    public string? NameOf(Row row) => Menu.Key is { } key ? Kept(row, key) : null;

    /// <summary>As it is printed; null when the row has no such property.</summary>
    public string? Value(Row row, string name) => name switch
    {
        ".id" => Menu.IsSingleton ? null : row.PrintedId,
        _ => _fields.TryGetValue(name, out var field) ? Value(row, field) : name == "dynamic" && row.IsDynamic ? "true" : null,
    };

    public string? Value(Row row, Field field)
    {
        var value = row.Source?.Get(Menu.Path, field.Name) ?? field.Live?.Invoke(_router, row) ?? row[field.Name] ?? (field.Name == "dynamic" ? RouterFormat.Bool(row.IsDynamic) : field.Default);
        return value is not null && field.Show is { } show ? show(_router, value) : value;
    }

    /// <summary>Puts a row there as the router's own configuration would, without the rules for clients.</summary>
    public Row Insert(params (string Field, string Value)[] values)
    {
        var row = Store.Create();
        foreach (var (name, value) in values)
        {
            row[name] = _fields.TryGetValue(name, out var field) && field is { Accept: { } accept, IsReadOnly: false } ? accept(_router, value) : value;
        }

        if (Menu.SharedType is { } type)
        {
            row["type"] = type;
        }

        Store.Insert(row, NameOf(row));
        return row;
    }

    public Row InsertDynamic(IRowSource? source, params (string Field, string Value)[] values)
    {
        var row = Store.Create(source);
        row.IsDynamic = true;
        foreach (var (name, value) in values)
        {
            row[name] = value;
        }

        Store.Insert(row, NameOf(row));
        return row;
    }

    public Row Add(IEnumerable<KeyValuePair<string, string>> arguments)
    {
        if (Menu.DeviceMode is { } feature && _router.IsForbiddenByDeviceMode(feature))
        {
            throw new RouterTrapException("failure: not allowed by device-mode");
        }

        var row = Store.Create();
        Row? before = null;
        foreach (var (name, value) in arguments)
        {
            switch (name)
            {
                case "place-before" when Menu.Allows(Verbs.Move):
                    before = Find(value) ?? throw RouterTrapException.NoSuchItem();
                    break;
                case "copy-from":
                    Copy(Find(value) ?? throw RouterTrapException.NoSuchItem(), row);
                    break;
                default:
                    row[name] = Accepted(name, value);
                    break;
            }
        }

        if (Fields.FirstOrDefault(f => f.IsRequired && row[f.Name] is null) is { } missing)
        {
            throw RouterTrapException.Missing(missing.Name);
        }

        if (Menu.SharedType is { } type)
        {
            row["type"] = type;
        }

        Judge(row);
        Store.Insert(row, NameOf(row), before);
        Menu.Changed?.Invoke(_router, row);
        return row;
    }

    public void Set(Row row, IEnumerable<KeyValuePair<string, string>> arguments)
    {
        if (row.IsDynamic && row.Source is not null)
        {
            throw new RouterTrapException("failure: can not change dynamic item");
        }

        var changes = arguments.Select(a => (a.Key, Before: row[a.Key], After: Accepted(a.Key, a.Value))).ToList();
        var name = NameOf(row);
        changes.ForEach(c => row[c.Key] = c.After);
        try
        {
            Judge(row);
        }
        catch (RouterTrapException)
        {
            changes.ForEach(c => row[c.Key] = c.Before);
            throw;
        }

        Store.Rename(row, name, NameOf(row));
        Store.Touch(row);
        Menu.Changed?.Invoke(_router, row);
    }

    public void Unset(Row row, string field)
    {
        _ = _fields.TryGetValue(field, out var known) && !known.IsReadOnly ? known : throw RouterTrapException.UnknownParameter(field);
        row[field] = null;
        Store.Touch(row);
    }

    public void Remove(Row row)
    {
        Menu.Removing?.Invoke(_router, row);
        if (row.Source is { } source)
        {
            if (!source.Remove(Menu.Path))
            {
                throw new RouterTrapException("failure: can not remove dynamic item");
            }

            return; // what the row shows goes away and takes its rows along
        }

        Store.Remove(row, NameOf(row));
        Menu.Changed?.Invoke(_router, row);
    }

    public void Delete(Row row) => Store.Remove(row, NameOf(row));

    private bool Belongs(Row row) => Menu.SharedType is not { } type || Kept(row, "type") == type;

    private string? Kept(Row row, string field) => row.Source?.Get(Menu.Path, field) ?? row[field];

    private string Accepted(string name, string value) =>
        _fields.TryGetValue(name, out var field) && field is { Accept: { } accept, IsReadOnly: false }
            ? accept(_router, value)
            : throw RouterTrapException.UnknownParameter(name);

    private void Judge(Row row)
    {
        if (Menu.Unique is { } unique)
        {
            var twin = unique.Fields is [var only] && only == Menu.Key
                ? Store.ByName(row[only] ?? "")
                : Store.Rows.FirstOrDefault(other => other != row && unique.Fields.All(f => Value(other, f) == Value(row, f)));
            if (twin is not null && twin != row)
            {
                throw new RouterTrapException(unique.Message);
            }
        }

        Menu.Check?.Invoke(_router, row);
    }

    private void Copy(Row from, Row to)
    {
        foreach (var field in Fields.Where(f => !f.IsReadOnly && f.Live is null))
        {
            to[field.Name] = from[field.Name];
        }
    }
}
