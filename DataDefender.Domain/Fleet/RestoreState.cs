using System.Collections.Immutable;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Domain.Fleet;

/// <summary>
/// What an earlier export says of the things that are ours: a state that the planner can bring a router back to. Only what bears our mark
/// counts, and the single records that a design of ours is about. Lines are not brought back: who has paid since has paid.
/// </summary>
public static class RestoreState
{
    private static readonly Dictionary<string, ValueKind> Kinds = new(StringComparer.Ordinal)
    {
        ["disabled"] = ValueKind.Boolean, ["accept"] = ValueKind.Boolean, ["use-radius"] = ValueKind.Boolean, ["accounting"] = ValueKind.Boolean, ["enabled"] = ValueKind.Boolean,
        ["one-session-per-host"] = ValueKind.Boolean, ["timeout"] = ValueKind.Duration, ["interim-update"] = ValueKind.Duration, ["keepalive-timeout"] = ValueKind.Duration,
        ["ranges"] = ValueKind.Set, ["service"] = ValueKind.Set, ["authentication"] = ValueKind.Set, ["dns-server"] = ValueKind.Set, ["servers"] = ValueKind.Set, ["server-dns-names"] = ValueKind.Set,
        ["radius-accounting"] = ValueKind.Boolean, ["radius-interim-update"] = ValueKind.Duration, ["login-by"] = ValueKind.Set,
        ["addresses"] = ValueKind.Set, ["read-access"] = ValueKind.Boolean, ["write-access"] = ValueKind.Boolean, ["policy"] = ValueKind.Policies,
    };

    public static DesiredState Of(ProvisioningFacts facts, IReadOnlyList<ExportLine> then, Version version)
    {
        var today = DesiredStates.Of(facts with { Restoring = null }, version);
        var items = new List<DesiredItem>();
        var findings = new List<PlanFinding>();
        foreach (var line in then)
        {
            if (MenuOf(line) is not { } menu || !IsOurs(facts, line))
            {
                continue;
            }

            var said = ExportCommand.Read(line.Text).Values;
            var mark = menu.IsSingle ? "" : said[menu.MarkField];
            if (DesiredStates.IsOfLines(facts, menu, mark) || (!menu.IsSingle && IsWay(facts, menu, mark)))
            {
                continue; // who has paid since has paid, and the way by which we come in is that of today
            }

            var current = today.Items.FirstOrDefault(i => i.Menu == menu && i.Mark == mark);
            if (menu.IsSingle && current is null)
            {
                continue; // none of our business by today's design
            }

            var values = MenuProperties.OfDesign(menu).Select(name => Value(menu, name, said, current)).OfType<DesiredValue>().ToImmutableArray();
            items.Add(new DesiredItem(menu, mark, current?.What ?? $"{menu.Title} {mark[facts.PrefixOf(menu).Length..]}", values));
            if (values.Length < MenuProperties.OfDesign(menu).Count && menu == RouterMenu.Radius && !values.Any(v => v.Name == "secret"))
            {
                findings.Add(new(FindingKind.Blocks, menu.Path, "The RADIUS secret of that time is not in the export, and no RADIUS device of today has one for this router."));
            }
        }

        items.AddRange(today.Items.Where(i => !i.Menu.IsSingle && i.Menu.FixedBy is null && IsWay(facts, i.Menu, i.Mark) && !i.Mark[facts.PrefixOf(i.Menu).Length..].StartsWith(Marks.Tunnel, StringComparison.Ordinal)));
        return new DesiredState([.. items.OrderBy(i => RouterMenu.All.ToList().IndexOf(i.Menu))], [.. findings]);
    }

    /// <summary>The way by which we come in, here or through this router to others, is that of today: a hub that went and came again would have another key.</summary>
    private static bool IsWay(ProvisioningFacts facts, RouterMenu menu, string mark) =>
        mark.Length >= facts.PrefixOf(menu).Length && mark[facts.PrefixOf(menu).Length..] is var own
        && (own.StartsWith(Marks.Tunnel, StringComparison.Ordinal) || own == Marks.Hub || own.StartsWith($"{Marks.Hub}/", StringComparison.Ordinal));

    /// <summary>Whether the planner would bring this line of the text back, or it is of a subscriber's line and follows that.</summary>
    public static bool IsOurs(ProvisioningFacts facts, ExportLine line) => MenuOf(line) is { } menu
        && (menu.IsSingle || (ExportCommand.Read(line.Text) is { Verb: "add" } command && command.Values.GetValueOrDefault(menu.MarkField)?.StartsWith(facts.PrefixOf(menu), StringComparison.Ordinal) is true));

    private static RouterMenu? MenuOf(ExportLine line) => RouterMenu.All.FirstOrDefault(m => m.Path == line.Menu.Replace(' ', '/'));

    // An export leaves out what is as it comes from the factory; of what our items hold only these have such a value.
    private static DesiredValue? Value(RouterMenu menu, string name, IReadOnlyDictionary<string, string> said, DesiredItem? current)
    {
        var isSecret = name is "secret" or "password" || name.EndsWith("-password", StringComparison.Ordinal);
        var value = isSecret ? current?[name] : said.GetValueOrDefault(name) ?? Factory(menu, name);
        return value is null ? null : new DesiredValue(name, value, Kinds.GetValueOrDefault(name, ValueKind.Text), isSecret);
    }

    private static string? Factory(RouterMenu menu, string name) => name switch
    {
        "disabled" => "no",
        "authentication-port" => "1812",
        "accounting-port" => "1813",
        "one-session-per-host" or "accept" or "use-radius" or "enabled" => "no",
        "accounting" => "yes",
        "port" when menu == RouterMenu.Incoming => "3799",
        "interim-update" => "0s",
        "keepalive-timeout" => "10s",
        "hotspot-address" => "0.0.0.0",
        "dns-name" => "",
        "address-pool" or "security" => "none",
        "radius-accounting" or "read-access" => "yes",
        "write-access" => "no",
        _ => null,
    };
}

/// <summary>One command of an export: <c>add name=home ranges=10.0.0.2-10.0.0.9</c>.</summary>
public sealed record ExportCommand(string Verb, IReadOnlyDictionary<string, string> Values)
{
    public static ExportCommand Read(string line)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var verb = "";
        foreach (var word in Words(line))
        {
            var at = word.IndexOf('=', StringComparison.Ordinal);
            if (verb.Length == 0)
            {
                verb = word;
            }
            else if (at > 0 && word[0] is not '[')
            {
                values[word[..at]] = Unquote(word[(at + 1)..]);
            }
        }

        return new ExportCommand(verb, values);
    }

    private static IEnumerable<string> Words(string line)
    {
        var (start, quoted, depth) = (0, false, 0);
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '\\' when quoted:
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case '[' when !quoted:
                    depth++;
                    break;
                case ']' when !quoted:
                    depth--;
                    break;
                case ' ' when !quoted && depth == 0:
                    if (i > start)
                    {
                        yield return line[start..i];
                    }

                    start = i + 1;
                    break;
                default:
                    break;
            }
        }

        if (start < line.Length)
        {
            yield return line[start..];
        }
    }

    // Lower-case letters after a backslash are \\n, \\r, \\t …; a byte is written with capitals.
    private static bool IsHex(char c) => char.IsAsciiDigit(c) || c is >= 'A' and <= 'F';

    private static string Unquote(string text)
    {
        if (text.Length < 2 || text[0] != '"')
        {
            return text;
        }

        var plain = new System.Text.StringBuilder(text.Length);
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length - 1)
            {
                i++;
                if (i + 1 < text.Length - 1 && IsHex(text[i]) && IsHex(text[i + 1]))
                {
                    plain.Append((char)Convert.ToByte(text.Substring(i++, 2), 16));
                    continue;
                }

                plain.Append(text[i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
