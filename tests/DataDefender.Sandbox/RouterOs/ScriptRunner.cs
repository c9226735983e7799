using System.Globalization;
using System.Text;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>
/// Runs RouterOS scripts as far as provisioning needs them: menu commands with <c>[find …]</c>, ids and names, <c>:do { } on-error={ }</c>
/// and <c>:if ([… get …] &gt;= n) do={ }</c>. As on a router the first error ends a script, unless it is caught. Callers hold the router's lock.
/// </summary>
internal sealed class ScriptRunner(SimulatedRouter router)
{
    private const int DeepestCall = 10;

    private int _depth;
    private HashSet<string>? _held; // null: a person at the terminal, who may do everything

    /// <summary>What a scheduler runs: with the policies that it was given, and no others.</summary>
    public void Run(string text, string policies)
    {
        _held = Words(policies);
        try
        {
            Run(text);
        }
        finally
        {
            _held = null;
        }
    }

    /// <summary>A script's name, or the commands themselves.</summary>
    public void Run(string text)
    {
        var held = _held;
        if (_depth >= DeepestCall)
        {
            throw new RouterTrapException("maximum script depth reached", 3);
        }

        _depth++;
        try
        {
            if (router.Table("/system/script").Find(text.Trim()) is { } script)
            {
                var needed = Words(script["policy"] ?? "");
                if (_held is not null && script["dont-require-permissions"] != "true" && !needed.IsSubsetOf(_held))
                {
                    throw RouterTrapException.NotPermitted();
                }

                _held = needed;
                script["run-count"] = RouterFormat.Number(long.Parse(script["run-count"] ?? "0", CultureInfo.InvariantCulture) + 1);
                script["last-started"] = RouterFormat.DateTime(router.LocalTime, router.Personality);
                text = script["source"] ?? "";
            }

            foreach (var statement in Split(text, "\n;"))
            {
                Statement(statement);
            }
        }
        finally
        {
            _depth--;
            _held = held;
        }
    }

    private static HashSet<string> Words(string policies) => [.. policies.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private void Demand(string policy)
    {
        if (_held?.Contains(policy) is false)
        {
            throw RouterTrapException.NotPermitted();
        }
    }

    private void Statement(string statement)
    {
        var words = Split(statement, " \t\r");
        if (words.Count == 0 || words[0].StartsWith('#'))
        {
            return;
        }

        switch (words[0])
        {
            case ":do":
                Try(words);
                break;
            case ":if":
                if (Holds(Inside(words[1], '(', ')')))
                {
                    Run(Inside(words.First(w => w.StartsWith("do=", StringComparison.Ordinal))[3..], '{', '}'));
                }

                break;
            case ":delay":
                break; // time passes outside
            case var word when word.StartsWith('/'):
                Command(words);
                break;
            default:
                throw new RouterTrapException($"bad command name {words[0]}", 3);
        }
    }

    private void Try(List<string> words)
    {
        try
        {
            Run(Inside(words[1], '{', '}'));
        }
        catch (RouterTrapException) when (words.FirstOrDefault(w => w.StartsWith("on-error=", StringComparison.Ordinal)) is { } otherwise)
        {
            Run(Inside(otherwise["on-error=".Length..], '{', '}'));
        }
    }

    private bool Holds(string condition)
    {
        var end = condition.LastIndexOf(']');
        var words = Split(condition[(condition.IndexOf('[', StringComparison.Ordinal) + 1)..end], " \t");
        var comparison = Split(condition[(end + 1)..], " \t");
        if (words is [":len", var found] && comparison is ["=", var length])
        {
            var find = Split(Inside(found, '[', ']'), " \t");
            var (menu, _) = Menu(find, out var first);
            return Matching(menu, find[first..]).Count == int.Parse(length, CultureInfo.InvariantCulture);
        }

        var (path, verb) = Menu(words, out var used);
        if (verb != "get" || comparison is not [">=", var number])
        {
            throw new RouterTrapException("expected a comparison", 3);
        }

        var row = Targets(path, words[used]).FirstOrDefault() ?? throw RouterTrapException.NoSuchItem();
        return long.TryParse(router.Table(path).Value(row, words[used + 1]), out var value) && value >= long.Parse(number, CultureInfo.InvariantCulture);
    }

    private void Command(List<string> words)
    {
        if (words[0] == "/log")
        {
            router.Log($"script,{words[1]}", Unquoted(words[2]));
            return;
        }

        if (words is ["/tool", "fetch", ..])
        {
            Fetch(words);
            return;
        }

        if (words[0] == "/import")
        {
            var file = words.Find(w => w.StartsWith("file-name=", StringComparison.Ordinal))?["file-name=".Length..] ?? words[1];
            Run(router.Files.Read(Unquoted(file), 0, int.MaxValue));
            return;
        }

        if (words is ["/certificate", "sign", var template, ..])
        {
            router.Sign(Unquoted(template));
            return;
        }

        if (words is ["/system", "backup", "save", ..])
        {
            var name = words.Find(w => w.StartsWith("name=", StringComparison.Ordinal)) is { } given ? Unquoted(given["name=".Length..]) : router.Name;
            router.Files.Write($"{name}.backup", "backup", $"BACKUP {router.Files.Export(showSensitive: false)}");
            return;
        }

        var (path, verb) = Menu(words, out var used);
        var rest = words[used..];
        if (path == "/system/script" && verb == "run")
        {
            Run(Unquoted(rest[0]));
            return;
        }

        if (router.FindTable(path) is not { } table)
        {
            throw RouterTrapException.NoSuchPrefix();
        }

        var values = rest.Where(w => !w.StartsWith('[') && w.Contains('=', StringComparison.Ordinal))
            .Select(w => new KeyValuePair<string, string>(w[..w.IndexOf('=', StringComparison.Ordinal)], Unquoted(w[(w.IndexOf('=', StringComparison.Ordinal) + 1)..])))
            .ToList();
        Demand("write");
        if (table.Menu.WritePolicy is { } policy)
        {
            Demand(policy);
        }

        if (verb == "add")
        {
            table.Add(values);
            return;
        }

        var rows = table.Menu.IsSingleton ? [table.Only] : Targets(path, rest[0]);
        foreach (var row in rows)
        {
            switch (verb)
            {
                case "set":
                    table.Set(row, values);
                    break;
                case "unset":
                    table.Unset(row, rest[^1]);
                    break;
                case "remove":
                    table.Remove(row);
                    break;
                case "move":
                    table.Store.Move(row, values.Find(v => v.Key == "destination").Value is { } before ? table.Find(before) ?? throw RouterTrapException.NoSuchItem() : null);
                    break;
                default:
                    throw RouterTrapException.NoSuchCommand();
            }
        }
    }

    /// <summary>Over HTTP, as a router does it; the answer is kept as a file unless told otherwise.</summary>
    private void Fetch(List<string> words)
    {
        if (router.IsForbiddenByDeviceMode("fetch"))
        {
            throw new RouterTrapException("failure: not allowed by device-mode");
        }

        string? Given(string name) => words.Find(w => w.StartsWith($"{name}=", StringComparison.Ordinal)) is { } found ? Evaluated(found[(name.Length + 1)..]) : null;
#pragma warning disable RS0030 // one fetch of one router, as the router makes a connection for each
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
#pragma warning restore RS0030
        var url = Given("url") ?? throw RouterTrapException.Missing("url");
        using var request = new HttpRequestMessage(Given("http-method") == "post" ? HttpMethod.Post : HttpMethod.Get, url);
        if (Given("http-data") is { } data)
        {
            request.Content = new StringContent(data, Encoding.UTF8, "application/x-www-form-urlencoded"); // as it is: nothing is escaped
        }

        var body = Sent(client, request);
        if (Given("keep-result") != "no")
        {
            router.Files.Write(Given("dst-path") ?? url[(url.LastIndexOf('/') + 1)..], "script", body);
        }
    }

    private static string Sent(HttpClient client, HttpRequestMessage request)
    {
        try
        {
            using var response = client.Send(request);
            using var reader = new StreamReader(response.Content.ReadAsStream());
            return response.IsSuccessStatusCode ? reader.ReadToEnd() : throw new RouterTrapException($"failure: Fetch failed with status {(int)response.StatusCode}");
        }
        catch (HttpRequestException trouble)
        {
            throw new RouterTrapException($"failure: {trouble.Message}");
        }
    }

    /// <summary>A literal, <c>("a" . [… get … name])</c>, or a <c>[… get … name]</c> by itself.</summary>
    private string Evaluated(string text)
    {
        if (text.StartsWith('('))
        {
            return string.Concat(Split(Inside(text, '(', ')'), ".").Select(Evaluated));
        }

        if (!text.StartsWith('['))
        {
            return Unquoted(text);
        }

        var words = Split(Inside(text, '[', ']'), " \t");
        var (path, verb) = Menu(words, out var used);
        if (verb != "get")
        {
            throw new RouterTrapException("expected a value", 3);
        }

        var row = Targets(path, words[used]).FirstOrDefault() ?? throw RouterTrapException.NoSuchItem();
        return router.Table(path).Value(row, words[used + 1]) ?? "";
    }

    private List<Row> Targets(string path, string target)
    {
        var table = router.FindTable(path) ?? throw RouterTrapException.NoSuchPrefix();
        if (!target.StartsWith('['))
        {
            return [table.Find(Unquoted(target)) ?? throw RouterTrapException.NoSuchItem()];
        }

        return Matching(path, Split(Inside(target, '[', ']'), " \t").Skip(1));
    }

    private List<Row> Matching(string path, IEnumerable<string> find)
    {
        var table = router.FindTable(path) ?? throw RouterTrapException.NoSuchPrefix();
        var conditions = find.Select(c => c.Split('=', 2)).ToList();
        return [.. table.Rows.Where(row => conditions.All(c => table.Value(row, c[0]) == Unquoted(c[1])))];
    }

    /// <summary><c>/ip firewall filter add</c>: the longest menu that there is, then the verb.</summary>
    private (string Path, string Verb) Menu(List<string> words, out int used)
    {
        var path = words[0];
        used = 1;
        while (used < words.Count && (router.FindTable($"{path}/{words[used]}") is not null || router.HasMenuUnder($"{path}/{words[used]}")))
        {
            path = $"{path}/{words[used++]}";
        }

        return used < words.Count ? (path, words[used++]) : throw RouterTrapException.NoSuchCommand();
    }

    /// <summary>Parts between separators that stand outside of quotes and brackets of any kind.</summary>
    private static List<string> Split(string text, string separators)
    {
        var (parts, part, depth, quoted) = (new List<string>(), new StringBuilder(), 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted && c == '\\' && i + 1 < text.Length)
            {
                part.Append(c).Append(text[++i]);
                continue;
            }

            quoted ^= c == '"';
            depth += quoted ? 0 : c is '{' or '[' or '(' ? 1 : c is '}' or ']' or ')' ? -1 : 0;
            if (!quoted && depth == 0 && separators.Contains(c, StringComparison.Ordinal))
            {
                parts.Add(part.ToString().Trim());
                part.Clear();
            }
            else
            {
                part.Append(c);
            }
        }

        parts.Add(part.ToString().Trim());
        return parts.FindAll(p => p.Length > 0);
    }

    private static string Inside(string text, char open, char close) =>
        text.StartsWith(open) && text.EndsWith(close) ? text[1..^1] : throw new RouterTrapException($"expected {open}", 3);

    private static string Unquoted(string text)
    {
        if (!text.StartsWith('"'))
        {
            return text;
        }

        var plain = new StringBuilder();
        for (var i = 1; i < text.Length - 1; i++)
        {
            plain.Append(text[i] == '\\' ? text[++i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other } : text[i]);
        }

        return plain.ToString();
    }
}
