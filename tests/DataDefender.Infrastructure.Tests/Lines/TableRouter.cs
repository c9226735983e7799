using System.Runtime.CompilerServices;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Tests.Lines;

/// <summary>A router as tables behind the port: lists by query, adds and removes; can be away, or take writes without doing them.</summary>
internal sealed class TableRouter : IRouterGateway
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Dictionary<string, string>>> _tables = new(StringComparer.Ordinal);
    private int _lastId;

    public bool IsAway { get; set; }

    public bool IgnoresWrites { get; set; }

    public List<string> Commands { get; } = [];

    public void Insert(string menu, params (string Name, string Value)[] values)
    {
        lock (_lock)
        {
            Table(menu).Add(values.Append((Name: ".id", Value: $"*{++_lastId:X}")).ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal));
        }
    }

    public string Show(string menu, params string[] properties)
    {
        lock (_lock)
        {
            return string.Join("; ", Table(menu).Select(row => string.Join(' ', properties.Select(p => row.GetValueOrDefault(p, "-")))).Order(StringComparer.Ordinal));
        }
    }

    public Task<RouterOutcome> ExecuteAsync(RouterEndpoint router, RouterCommand command, CancellationToken ct = default)
    {
        lock (_lock)
        {
            Commands.Add(command.Path);
            return Task.FromResult<RouterOutcome>(IsAway
                ? new RouterOutcome.Unknown("No connection.", Sent: false, new RouterConnectFailure(RouterConnectFailureKind.Silent, $"{router.Host} does not answer."))
                : Run(command));
        }
    }

    public async IAsyncEnumerable<RouterRow> StreamAsync(RouterEndpoint router, RouterCommand command, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await Task.CompletedTask;
        yield break;
    }

    public Task<RouterTest> TestAsync(RouterEndpoint router, CancellationToken ct = default) => throw new NotSupportedException();

    public ValueTask ForgetAsync(Guid routerId) => ValueTask.CompletedTask;

    private RouterOutcome.Done Run(RouterCommand command)
    {
        var at = command.Path.LastIndexOf('/');
        var (table, verb) = (Table(command.Path[..at]), command.Path[(at + 1)..]);
        if (verb == "print")
        {
            return new RouterOutcome.Done(
                [.. table.Where(row => Matches(row, command.Words)).Select(row => RouterRow.Of([.. row.Select(v => (v.Key, v.Value))]))], null);
        }

        var values = command.Words.Select(w => w.Split('=', 3)).ToDictionary(w => w[1], w => w[2], StringComparer.Ordinal);
        if (!IgnoresWrites && verb == "add")
        {
            Insert(command.Path[..at], [.. values.Select(v => (v.Key, v.Value))]);
        }
        else if (!IgnoresWrites && verb == "remove")
        {
            table.RemoveAll(row => values[".id"].Split(',').Contains(row[".id"]));
        }

        return new RouterOutcome.Done([], null);
    }

    private static bool Matches(Dictionary<string, string> row, IEnumerable<string> words)
    {
        var stack = new Stack<bool>();
        foreach (var word in words.Where(w => w[0] == '?'))
        {
            if (word is RouterQuery.Or or RouterQuery.And)
            {
                var (right, left) = (stack.Pop(), stack.Pop());
                stack.Push(word is RouterQuery.Or ? left || right : left && right);
            }
            else
            {
                var parts = word[1..].Split('=', 2);
                stack.Push(row.GetValueOrDefault(parts[0]) == parts[1]);
            }
        }

        return stack.All(hit => hit);
    }

    private List<Dictionary<string, string>> Table(string menu)
    {
        if (!_tables.TryGetValue(menu, out var table))
        {
            _tables[menu] = table = [];
        }

        return table;
    }
}
