using System.Globalization;
using System.Text;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>The router's disk. Callers hold the router's lock.</summary>
internal sealed class RouterFiles(SimulatedRouter router)
{
    /// <summary>Longer than this, <c>contents</c> is not printed and the file must be read in pieces.</summary>
    private const int PrintableLength = 60 * 1024;

    public const int MaxChunk = 32768;

    private readonly Dictionary<uint, string> _contents = [];

    public void Write(string name, string type, string contents)
    {
        var table = router.Table("/file");
        if (table.Find(name) is { } old)
        {
            table.Delete(old);
        }

        var row = table.Insert(("name", name), ("type", type));
        _contents[row.Id] = contents;
        Describe(row, contents);
    }

    /// <summary>A client wrote <c>contents</c>.</summary>
    public void Sized(Row row)
    {
        if (!row.IsRemoved)
        {
            _contents[row.Id] = row["contents"] ?? "";
            Describe(row, _contents[row.Id]);
        }
        else
        {
            _contents.Remove(row.Id);
        }
    }

    public string Read(string name, int offset, int length)
    {
        var row = router.Table("/file").Find(name) ?? throw RouterTrapException.NoSuchItem();
        var contents = _contents[row.Id];
        return offset >= contents.Length ? "" : contents.Substring(offset, Math.Min(length, contents.Length - offset));
    }

    /// <summary>What <c>/export</c> writes: the commands that make the present configuration.</summary>
    public string Export(bool showSensitive)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {RouterFormat.DateTime(router.LocalTime, router.Personality)} by RouterOS {router.Release}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"# software id = {router.SoftwareId}\r\n#\r\n# model = {router.Personality.Model}\r\n# serial number = {router.SerialNumber}\r\n");
        foreach (var table in router.Tables.Where(t => t.Menu.Rows is null && (t.Menu.Allows(Verbs.Add) || t.Menu.Allows(Verbs.Set)) && t.Menu.Path is not ("/user" or "/file" or "/certificate" or "/interface")))
        {
            var lines = table.Rows.Where(row => !row.IsDynamic).Select(row => Line(table, row, showSensitive)).OfType<string>().ToList();
            if (lines.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"/{table.Menu.Path[1..].Replace('/', ' ')}\r\n").AppendJoin("\r\n", lines).Append("\r\n");
            }
        }

        return text.ToString();
    }

    private static string? Line(Table table, Row row, bool showSensitive)
    {
        var values = table.Fields
            .Where(f => !f.IsReadOnly && !f.IsHidden && (showSensitive || !f.IsSensitive) && row[f.Name] is { } kept && kept != f.Default)
            .Select(f => $"{f.Name}={Quoted(table.Value(row, f) ?? "")}")
            .ToList();
        return values.Count == 0 ? null
            : table.Menu.Allows(Verbs.Add) ? $"add {string.Join(' ', values)}"
            : table.Menu.IsSingleton ? $"set {string.Join(' ', values)}"
            : $"set [ find default-name={table.NameOf(row)} ] {string.Join(' ', values)}";
    }

    private static string Quoted(string value) => value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:,*<>".Contains(c, StringComparison.Ordinal))
        ? value
        : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    private void Describe(Row row, string contents)
    {
        row["size"] = RouterFormat.Number(contents.Length);
        row["contents"] = contents.Length <= PrintableLength && row["type"] != "backup" ? contents : null;
        row[router.Personality.Version >= new Version(7, 16) ? "last-modified" : "creation-time"] = RouterFormat.DateTime(router.LocalTime, router.Personality);
    }
}
