using System.Globalization;
using System.Text;
using DataDefender.Sandbox.RouterOs.Wire;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>The router's disk. Callers hold the router's lock.</summary>
internal sealed class RouterFiles(SimulatedRouter router)
{
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
        var contents = ApiText.Encode(_contents[row.Id]); // offsets count bytes, and may cut a character in two
        return offset >= contents.Length ? "" : ApiText.Decode(contents.AsSpan(offset, Math.Min(length, contents.Length - offset)));
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

    /// <summary>Bytes that say nothing to whoever lacks the password; the first four are those of an encrypted backup.</summary>
    public string Backup(string? password)
    {
        if (string.IsNullOrEmpty(password))
        {
            return $"BACKUP {Export(showSensitive: true)}";
        }

        var bytes = new byte[48_000];
        new Random(password.Length + router.Seed).NextBytes(bytes);
        ((ReadOnlySpan<byte>)[0xEF, 0xA8, 0x91, 0x72]).CopyTo(bytes);
        return ApiText.Decode(bytes);
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
        row["size"] = RouterFormat.Number(ApiText.Encode(contents).Length);
        row["contents"] = contents.Length <= router.Options.PrintableFile && row["type"] != "backup" ? contents : null;
        row[router.Personality.Version >= new Version(7, 16) ? "last-modified" : "creation-time"] = RouterFormat.DateTime(router.LocalTime, router.Personality);
    }
}
