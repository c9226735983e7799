using System.Text;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>
/// Ways back as a RouterOS script, for a router that has to find it alone. It touches only what a plan touches: importing an export of
/// the whole configuration over the one that is there would stop at the first item that exists.
/// </summary>
internal static class WayBack
{
    /// <summary>One caught command a line, so that one that fails does not keep the rest from being taken back.</summary>
    public static string Script(IEnumerable<StepUndo> undosLastFirst)
    {
        var text = new StringBuilder();
        foreach (var undo in undosLastFirst)
        {
            foreach (var command in Commands(undo))
            {
                text.Append(command).Append('\n');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string> Commands(StepUndo undo)
    {
        var menu = $"/{undo.Menu[1..].Replace('/', ' ')}";
        var field = RouterMenu.Of(undo.Menu).MarkField;
        var marked = $"[find {field}={NasSetup.Quote(undo.Mark)}]";
        switch (undo.Kind)
        {
            case UndoKind.Remove:
                yield return Caught($"{menu} remove {marked}");
                break;
            case UndoKind.Restore:
                var target = undo.ItemId is { } id ? $" {id}" : "";
                if (undo.Values.Where(v => v.Value is not null).Select(v => $" {v.Key}={NasSetup.Quote(v.Value!)}").ToList() is { Count: > 0 } values)
                {
                    yield return Caught($"{menu} set{target}{string.Concat(values)}");
                }

                foreach (var name in undo.Values.Where(v => v.Value is null).Select(v => v.Key))
                {
                    yield return undo.ItemId is null
                        ? Caught($"{menu} set {name}=\"\"")
                        : Caught($"{menu} unset{target} {name}", Caught($"{menu} set{target} {name}=\"\""));
                }

                break;
            case UndoKind.AddBack:
                var add = $"{menu} add{string.Concat(undo.Values.Where(v => v.Value is not null).Select(v => $" {v.Key}={NasSetup.Quote(v.Value!)}"))}{(field == "comment" ? $" comment={NasSetup.Quote(undo.Mark)}" : "")}";
                var again = undo.Before is { } before ? Caught($"{add} place-before={before}", Caught(add)) : Caught(add);
                yield return Caught($":if ([:len [{menu} find {field}={NasSetup.Quote(undo.Mark)}]] = 0) do={{ {again} }}"); // it may not have left yet
                break;
            case UndoKind.MoveBack:
                yield return Caught(undo.Before is { } place ? $"{menu} move {undo.ItemId} destination={place}" : $"{menu} move {undo.ItemId}");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(undo), undo.Kind, null);
        }
    }

    private static string Caught(string command, string otherwise = "") => $":do {{ {command} }} on-error={{ {otherwise} }}";
}
