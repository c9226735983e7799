using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.RouterOs;
using static DataDefender.Infrastructure.Tests.Network.RouterOs.RouterOsTest;

namespace DataDefender.Infrastructure.Tests.Network.RouterOs;

public sealed class ConversationTests
{
    private static readonly int[] SectionsOfThree = [0, 1, 2];

    [Fact]
    public async Task Commands_run_side_by_side_and_may_end_in_any_order()
    {
        var arrived = new ConcurrentStack<FakeCommand>();
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            arrived.Push(command);
            if (arrived.Count == 8) // a client that waits for each answer before it asks again would wait for ever
            {
                foreach (var waiting in arrived)
                {
                    await session.ReplyAsync(waiting, "!re", $"=name={waiting.Attribute("n")}");
                    await session.ReplyAsync(waiting, "!done");
                }
            }
        });
        await using var connection = await ConnectAsync(router);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => connection.ExecuteAsync(RouterCommand.Call("/x", [("n", $"{n}")]), Ct))).InTime();

        Assert.Equal(Enumerable.Range(0, 8).Select(n => $"{n}"), answers.Select(a => a.Require().Rows[0]["name"]));
    }

    [Fact]
    public async Task Eight_hundred_listings_of_eight_workers_each_reach_their_caller()
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            await Task.Yield();
            var rows = int.Parse(command.Attribute("rows")!, CultureInfo.InvariantCulture);
            for (var i = 0; i < rows; i++)
            {
                await session.ReplyAsync(command, "!re", $"=.id=*{i:X}", $"=for={command.Attribute("n")}");
            }

            await session.ReplyAsync(command, "!done");
        });
        await using var connection = await ConnectAsync(router);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                var (n, rows) = ($"{worker}/{i}", (worker + i) % 7);
                var done = (await connection.ExecuteAsync(RouterCommand.Call("/x", [("n", n), ("rows", $"{rows}")]), Ct)).Require();
                Assert.Equal(rows, done.Rows.Count);
                Assert.All(done.Rows, row => Assert.Equal(n, row["for"]));
            }
        }, Ct))).InTime();

        Assert.Equal(1, router.Accepted);
    }

    [Fact]
    public async Task Text_beyond_ascii_survives_both_ways_and_old_names_are_readable()
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            await session.ReplyAsync(command, "!re", $"=comment={command.Attribute("comment")}", "=script=a=b\nc");
            byte[] latin = [.. FakeSession.Word("!re"u8.ToArray()), .. FakeSession.Word(Encoding.UTF8.GetBytes(command.Tag!)), .. FakeSession.Word([.. "=comment=Caf"u8, 0xE9]), 0];
            await session.RawAsync(latin);
            await session.ReplyAsync(command, "!done");
        });
        await using var connection = await ConnectAsync(router);

        var rows = (await connection.ExecuteAsync(RouterCommand.Call("/echo", [("comment", "WAN – Nairobi 東京")]), Ct).InTime()).Require().Rows;

        Assert.Equal("WAN – Nairobi 東京", rows[0]["comment"]);
        Assert.Equal("a=b\nc", rows[0]["script"]);
        Assert.Equal("Café", rows[1]["comment"]);
    }

    [Fact]
    public async Task Rows_of_different_shapes_keep_their_own_properties()
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            await session.ReplyAsync(command, "!re", "=.id=*1", "=name=a", "=comment=first");
            await session.ReplyAsync(command, "!re", "=.id=*2", "=name=b");
            await session.ReplyAsync(command, "!re", "=.id=*3", "=name=c", "=disabled=true");
            await session.ReplyAsync(command, "!re");
            await session.ReplyAsync(command, "!re", "=.id=*4", "=name=d", "=disabled=");
            await session.ReplyAsync(command, "!done");
        });
        await using var connection = await ConnectAsync(router);

        var rows = (await connection.ExecuteAsync(RouterCommand.Print("/interface"), Ct).InTime()).Require().Rows;

        Assert.Equal(["*1", "*2", "*3", null, "*4"], rows.Select(r => r.Id));
        Assert.Equal(["first", null, null, null, null], rows.Select(r => r["comment"]));
        Assert.Equal([null, null, "true", null, ""], rows.Select(r => r["disabled"]));
        Assert.Equal(0, rows[3].Count);
    }

    [Fact]
    public async Task Adding_returns_the_new_id_and_counting_the_number()
    {
        await using var router = FakeRouter.Answering((session, command) =>
            session.ReplyAsync(command, "!done", command.Path.EndsWith("/add", StringComparison.Ordinal) ? "=ret=*1A" : "=ret=412"));
        await using var connection = await ConnectAsync(router);

        Assert.Equal("*1A", (await connection.ExecuteAsync(RouterCommand.Add("/ppp/secret", [("name", "a")]), Ct).InTime()).Require().Ret);
        Assert.Equal("412", (await connection.ExecuteAsync(RouterCommand.Count("/ppp/active"), Ct).InTime()).Require().Ret);
    }

    [Fact]
    public async Task Cancelling_returns_at_once_and_stops_the_command_on_the_router()
    {
        var asked = new TaskCompletionSource<FakeCommand>();
        var cancelled = new TaskCompletionSource<string?>();
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            if (command.Path == "/cancel")
            {
                cancelled.SetResult(command.Attribute("tag"));
                await session.ReplyAsync(await asked.Task, "!trap", "=category=2", "=message=interrupted");
                await session.ReplyAsync(await asked.Task, "!done");
                await session.ReplyAsync(command, "!done");
            }
            else if (command.Path == "/interface/print")
            {
                asked.SetResult(command);
            }
            else
            {
                await session.ReplyAsync(command, "!done");
            }
        });
        await using var connection = await ConnectAsync(router);
        using var caller = new CancellationTokenSource();
        var listing = connection.ExecuteAsync(RouterCommand.Print("/interface"), caller.Token);
        var command = await asked.Task.InTime();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing.InTime());
        Assert.Equal(command.Tag, $".tag={await cancelled.Task.InTime()}");
        Assert.IsType<RouterOutcome.Done>(await connection.ExecuteAsync(RouterCommand.Print("/system/identity"), Ct).InTime());
    }

    [Fact]
    public async Task A_caller_that_gave_up_before_asking_sends_nothing()
    {
        var seen = new ConcurrentQueue<string>();
        await using var router = FakeRouter.Answering((session, command) =>
        {
            seen.Enqueue(command.Path);
            return session.ReplyAsync(command, "!done");
        });
        await using var connection = await ConnectAsync(router);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.ExecuteAsync(RouterCommand.Print("/a"), new CancellationToken(canceled: true)));
        await connection.ExecuteAsync(RouterCommand.Print("/b"), Ct).InTime();

        Assert.Equal(["/b/print"], seen);
    }

    [Fact]
    public async Task Listening_reports_changes_and_removals_until_the_reader_leaves()
    {
        var cancelled = new TaskCompletionSource();
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            if (command.Path == "/cancel")
            {
                cancelled.SetResult();
                await session.ReplyAsync(command, "!done");
                return;
            }

            await session.ReplyAsync(command, "!re", "=.id=*5", "=name=wanjiku");
            await session.ReplyAsync(command, "!re", "=.id=*5", "=.dead=true");
        });
        await using var connection = await ConnectAsync(router);

        var rows = new List<RouterRow>();
        await foreach (var row in connection.StreamAsync(RouterCommand.Listen("/ppp/active", [".id", "name"]), Ct))
        {
            rows.Add(row);
            if (row.IsDead)
            {
                break;
            }
        }

        Assert.Equal(["wanjiku", null], rows.Select(r => r["name"]));
        await cancelled.Task.InTime();
    }

    [Fact]
    public async Task A_stream_ends_when_the_command_does()
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            foreach (var seq in SectionsOfThree)
            {
                await session.ReplyAsync(command, "!re", $"=seq={seq}", "=time=12ms345us");
            }

            await session.ReplyAsync(command, "!done");
        });
        await using var connection = await ConnectAsync(router);

        var times = new List<TimeSpan?>();
        await foreach (var row in connection.StreamAsync(RouterCommand.Call("/ping", [("address", "10.0.0.1"), ("count", "3")]), Ct))
        {
            times.Add(RouterOsValues.Duration(row["time"]));
        }

        Assert.Equal(Enumerable.Repeat<TimeSpan?>(TimeSpan.FromMicroseconds(12_345), 3), times);
    }

    [Fact]
    public async Task A_stream_that_is_refused_or_cut_says_so()
    {
        await using var router = FakeRouter.SignedIn(async session =>
        {
            var refused = (await session.ReadAsync())!;
            await session.ReplyAsync(refused, "!trap", "=message=not enough permissions (9)");
            await session.ReplyAsync(refused, "!done");
            var cut = (await session.ReadAsync())!;
            await session.ReplyAsync(cut, "!re", "=.id=*1");
        });
        await using var connection = await ConnectAsync(router);

        var refusal = await Assert.ThrowsAsync<RouterCommandException>(() => DrainAsync(connection).InTime());
        var loss = await Assert.ThrowsAsync<RouterCommandException>(() => DrainAsync(connection).InTime());

        Assert.Equal(RouterRefusal.NotPermitted, Assert.IsType<RouterOutcome.Refused>(refusal.Outcome).Kind);
        Assert.IsType<RouterOutcome.Unknown>(loss.Outcome);
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_is_given_up_while_others_go_on()
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            for (var i = 0; command.Path == "/log/listen" && i < 1000; i++)
            {
                await session.ReplyAsync(command, "!re", $"=.id=*{i:X}");
            }

            if (command.Path != "/log/listen")
            {
                await session.ReplyAsync(command, "!done");
            }
        });
        await using var connection = await ConnectAsync(router, o => o.MaxWaitingRows = 16);
        await using var log = connection.StreamAsync(RouterCommand.Listen("/log"), Ct).GetAsyncEnumerator(Ct);
        Assert.True(await log.MoveNextAsync().AsTask().InTime());

        for (var i = 0; i < 20; i++)
        {
            Assert.IsType<RouterOutcome.Done>(await connection.ExecuteAsync(RouterCommand.Print("/system/identity"), Ct).InTime());
        }

        await Assert.ThrowsAsync<RouterCommandException>(async () =>
        {
            while (await log.MoveNextAsync().AsTask().InTime())
            {
                // What waited is still delivered.
            }
        });
    }

    private static async Task DrainAsync(RouterOsConnection connection)
    {
        await foreach (var row in connection.StreamAsync(RouterCommand.Listen("/interface"), Ct))
        {
            Assert.NotNull(row.Id);
        }
    }
}
