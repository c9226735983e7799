using System.Threading.Channels;
using DataDefender.Sandbox.RouterOs.Wire;

namespace DataDefender.Sandbox.RouterOs.Commands;

/// <summary>The verbs that every menu has, worked from its declaration; actions of their own are in <see cref="ApiActions"/>.</summary>
internal static class ApiCommands
{
    private static readonly string[] PrintArguments =
    [
        ".proplist", "count-only", "detail", "stats", "stats-detail", "follow", "follow-only", "interval", "from", ".id", "terse", "brief", "value-list", "without-paging", "show-ids", "show-sensitive", "as-value",
    ];

    private static readonly string[] WritingVerbs = ["add", "set", "remove", "enable", "disable", "comment", "unset", "move"];

    public static bool IsWrite(ApiRequest request) => WritingVerbs.Contains(request.Verb, StringComparer.Ordinal);

    public static async Task ExecuteAsync(CommandContext context)
    {
        var request = context.Request;
        if (ApiActions.Find(context.Router, request.Command) is { } action)
        {
            context.Demand(action.Policy);
            await action.Run(context);
            return;
        }

        if (context.Router.FindTable(request.Menu) is not { } table)
        {
            throw context.Router.HasMenuUnder(request.Menu) || request.Menu.Length == 0 ? RouterTrapException.NoSuchCommand() : RouterTrapException.NoSuchPrefix();
        }

        if (request.Verb is "print" or "getall")
        {
            await PrintAsync(context, table);
        }
        else if (request.Verb == "listen" && table.Menu.Allows(Verbs.Listen))
        {
            context.Demand("read");
            await ListenAsync(context, table, Subscribe(context, table, new Projection(table, context)));
        }
        else if (request.Verb == "get")
        {
            Get(context, table);
        }
        else
        {
            Write(context, table);
        }
    }

    private static async Task PrintAsync(CommandContext context, Table table)
    {
        context.Demand("read");
        var request = context.Request;
        if (request.Arguments.Keys.FirstOrDefault(name => !PrintArguments.Contains(name)) is { } unknown)
        {
            throw RouterTrapException.UnknownParameter(unknown);
        }

        var projection = new Projection(table, context);
        if (request.Flag("follow-only"))
        {
            await ListenAsync(context, table, Subscribe(context, table, projection));
            return;
        }

        var (rows, news) = PrintOnce(context, table, projection, follow: request.Flag("follow"));
        if (news is not null)
        {
            await ListenAsync(context, table, news);
        }

        if (request.Flag("count-only"))
        {
            context.Reply.Done(RouterFormat.Number(rows));
            return;
        }

        if (request.Argument("interval") is not null)
        {
            var interval = context.Duration("interval", TimeSpan.FromSeconds(1));
            while (true)
            {
                await context.FlushAsync();
                await Task.Delay(interval, context.Cancellation);
                PrintOnce(context, table, projection, follow: false);
            }
        }

        if (rows == 0 && context.Router.Personality.SaysEmpty)
        {
            context.Reply.Empty();
        }

        context.Reply.Done();
    }

    private static (int Rows, News? News) PrintOnce(CommandContext context, Table table, Projection projection, bool follow)
    {
        var filter = new QueryFilter(context.Request.Queries);
        var only = (context.Request.Argument(".id") ?? context.Request.Argument("from"))?.Split(',');
        var countOnly = context.Request.Flag("count-only");
        var rows = 0;
        lock (context.Router.Gate)
        {
            foreach (var row in table.Rows)
            {
                if ((only is null || only.Contains(row.PrintedId) || (table.NameOf(row) is { } name && only.Contains(name)))
                    && (filter.IsEmpty || filter.Keeps(name => projection.Shows(name) ? table.Value(row, name) : null)))
                {
                    rows++;
                    if (!countOnly)
                    {
                        context.Reply.Row(projection.Of(row));
                    }
                }
            }

            return (rows, follow ? Subscribe(context, table, projection) : null);
        }
    }

    private static News Subscribe(CommandContext context, Table table, Projection projection)
    {
        var news = Channel.CreateUnbounded<IReadOnlyList<(string, string)>>(new UnboundedChannelOptions { SingleReader = true });
        lock (context.Router.Gate)
        {
            var subscription = table.Store.Listen((row, dead) =>
            {
                if (table.Menu.SharedType is not { } type || table.Value(row, "type") == type || row["type"] == type || row.Source?.Get(table.Menu.Path, "type") == type)
                {
                    // v6 says yes where v7 says true.
                    news.Writer.TryWrite(dead ? [(".id", row.PrintedId), (".dead", context.Router.Personality.Version.Major < 7 ? "yes" : "true")] : [.. projection.Of(row)]);
                }
            });
            return new News(news.Reader, subscription);
        }
    }

    private static async Task ListenAsync(CommandContext context, Table table, News news)
    {
        try
        {
            await context.FlushAsync();
            await foreach (var row in news.Rows.ReadAllAsync(context.Cancellation))
            {
                context.Reply.Row(row);
                if (!news.Rows.TryPeek(out _))
                {
                    await context.FlushAsync();
                }
            }
        }
        finally
        {
            lock (context.Router.Gate)
            {
                news.Subscription.Dispose();
            }
        }
    }

    private static void Get(CommandContext context, Table table)
    {
        context.Demand("read");
        lock (context.Router.Gate)
        {
            var row = table.Menu.IsSingleton ? table.Only : table.Find(Ids(context.Request)[0]) ?? throw RouterTrapException.NoSuchItem();
            context.Reply.Done(table.Value(row, context.Required("value-name")) ?? "");
        }
    }

    private static void Write(CommandContext context, Table table)
    {
        var (request, menu) = (context.Request, table.Menu);
        var needed = request.Verb switch
        {
            "add" => Verbs.Add,
            "set" or "unset" or "comment" => Verbs.Set,
            "remove" => Verbs.Remove,
            "enable" or "disable" => Verbs.Toggle,
            "move" => Verbs.Move,
            "reset-counters" or "reset-counters-all" => Verbs.Reset,
            _ => throw RouterTrapException.NoSuchCommand(),
        };
        if (!menu.Allows(needed) && !(request.Verb is "set" or "unset" && menu.Allows(Verbs.Toggle)))
        {
            throw RouterTrapException.NoSuchCommand();
        }

        context.Demand("write");
        if (menu.WritePolicy is { } policy)
        {
            context.Demand(policy);
        }

        lock (context.Router.Gate)
        {
            if (context.Router.Faults.Strikes(Fault.IgnoreWrites, request.Command) || (IsWrite(request) && context.Router.Faults.Threatens(Fault.CutBeforeWrite, request.Command)))
            {
                context.Reply.Done(request.Verb == "add" ? $"*{table.Store.ReserveId():X}" : null);
                return;
            }

            context.Reply.Done(Apply(context.Router, request, table));
        }
    }

    private static string? Apply(SimulatedRouter router, ApiRequest request, Table table)
    {
        var values = request.Arguments.Where(a => a.Key is not (".id" or "numbers")).ToList();
        if (request.Verb == "add")
        {
            return table.Add(values).PrintedId;
        }

        var rows = table.Menu.IsSingleton ? [table.Only]
            : request.Verb == "reset-counters-all" ? table.Rows.ToList()
            : Ids(request).Select(id => table.Find(id) ?? throw RouterTrapException.NoSuchItem()).ToList();
        if (request.Verb == "move")
        {
            Move(request, table, rows);
            return null;
        }

        foreach (var row in rows)
        {
            switch (request.Verb)
            {
                case "set" or "comment":
                    table.Set(row, values);
                    break;
                case "unset":
                    table.Unset(row, request.Argument("value-name") ?? throw RouterTrapException.Missing("value-name"));
                    break;
                case "remove":
                    table.Remove(row);
                    break;
                case "enable" or "disable":
                    table.Set(row, [new("disabled", request.Verb == "disable" ? "true" : "false")]);
                    break;
                default:
                    foreach (var counter in table.Menu.Counters)
                    {
                        row[counter] = null;
                    }

                    router.Traffic.Reset(row);
                    break;
            }
        }

        return null;
    }

    private static void Move(ApiRequest request, Table table, List<Row> rows)
    {
        var before = request.Argument("destination") is { } destination ? table.Find(destination) ?? throw RouterTrapException.NoSuchItem() : null;
        foreach (var row in rows)
        {
            if (row == before)
            {
                throw new RouterTrapException("failure: can not move object before itself");
            }

            table.Store.Move(row, before);
        }
    }

    private static string[] Ids(ApiRequest request) =>
        (request.Argument(".id") ?? request.Argument("numbers") ?? throw RouterTrapException.Missing(".id")).Split(',', StringSplitOptions.RemoveEmptyEntries);

    private sealed record News(ChannelReader<IReadOnlyList<(string, string)>> Rows, IDisposable Subscription);

    /// <summary>The properties that this print shows of a row: those asked for, less those that the user may not see.</summary>
    private sealed class Projection
    {
        private readonly Table _table;
        private readonly List<Field> _fields;
        private readonly bool _id;
        private readonly HashSet<string> _secret;

        public Projection(Table table, CommandContext context)
        {
            _table = table;
            var asked = context.Request.Argument(".proplist") is { Length: > 0 } list ? list.Split(',', StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal) : null;
            var secrets = context.User.May("sensitive");
            _secret = [.. table.Fields.Where(f => f.IsHidden || (f.IsSensitive && !secrets)).Select(f => f.Name)];
            _fields = [.. table.Fields.Where(f => !_secret.Contains(f.Name) && (asked is null || asked.Contains(f.Name)))];
            _id = !table.Menu.IsSingleton && (asked is null || asked.Contains(".id"));
        }

        public bool Shows(string name) => !_secret.Contains(name);

        public IEnumerable<(string Name, string Value)> Of(Row row)
        {
            if (_id)
            {
                yield return (".id", row.PrintedId);
            }

            foreach (var field in _fields)
            {
                if (_table.Value(row, field) is { } value)
                {
                    yield return (field.Name, value);
                }
            }
        }
    }
}
