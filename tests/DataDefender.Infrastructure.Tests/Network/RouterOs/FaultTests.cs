using System.Diagnostics;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Testing;
using static DataDefender.Infrastructure.Tests.Network.RouterOs.RouterOsTest;

namespace DataDefender.Infrastructure.Tests.Network.RouterOs;

/// <summary>What routers and networks do to a client. A lost answer must never look like an answer.</summary>
public sealed class FaultTests
{
    private static readonly RouterCommand Interfaces = RouterCommand.Print("/interface");

    [Fact]
    public async Task A_write_whose_answer_never_came_is_unknown_and_not_done()
    {
        await using var router = FakeRouter.SignedIn(session => session.ReadAsync());
        await using var connection = await ConnectAsync(router);

        var outcome = await connection.ExecuteAsync(RouterCommand.Set("/ppp/secret", "*1", [("disabled", "yes")]), Ct).InTime();

        var unknown = Assert.IsType<RouterOutcome.Unknown>(outcome);
        Assert.True(unknown.Sent);
        Assert.NotNull(connection.FaultReason);
    }

    [Fact]
    public async Task A_command_on_a_broken_connection_was_certainly_not_sent()
    {
        await using var router = FakeRouter.SignedIn(session => session.ReadAsync());
        await using var connection = await ConnectAsync(router);
        await connection.ExecuteAsync(Interfaces, Ct).InTime();

        var outcome = await connection.ExecuteAsync(Interfaces, Ct).InTime();

        Assert.False(Assert.IsType<RouterOutcome.Unknown>(outcome).Sent);
    }

    [Fact]
    public async Task An_answer_after_its_time_does_not_reach_the_next_caller()
    {
        var clock = new ManualClock();
        var slow = new TaskCompletionSource<FakeCommand>();
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            switch (command.Path)
            {
                case "/ppp/secret/print":
                    slow.SetResult(command);
                    break;
                case "/system/identity/print":
                    await session.ReplyAsync(await slow.Task, "!trap", "=message=no such item");
                    await session.ReplyAsync(await slow.Task, "!done");
                    await session.ReplyAsync(command, "!re", "=name=NBO-1");
                    await session.ReplyAsync(command, "!done");
                    break;
                case "/cancel":
                    await session.ReplyAsync(command, "!done");
                    break;
            }
        });
        await using var connection = await ConnectAsync(router, clock: clock);
        var patient = connection.ExecuteAsync(RouterCommand.Call("/system/backup/save") with { Patience = TimeSpan.FromHours(1) }, Ct);
        var secrets = connection.ExecuteAsync(RouterCommand.Print("/ppp/secret"), Ct);
        await slow.Task.InTime();
        clock.Advance(TimeSpan.FromSeconds(30));

        Assert.True(Assert.IsType<RouterOutcome.Unknown>(await secrets.InTime()).Sent);
        var identity = await connection.ExecuteAsync(RouterCommand.Print("/system/identity"), Ct).InTime();
        Assert.Equal("NBO-1", Assert.Single(identity.Require().Rows)["name"]);
        Assert.False(patient.IsCompleted);
    }

    [Fact]
    public async Task A_router_that_falls_silent_loses_its_connection()
    {
        var clock = new ManualClock();
        var asked = new TaskCompletionSource();
        await using var router = FakeRouter.SignedIn(async session =>
        {
            await session.ReadAsync();
            asked.SetResult();
            await session.UntilClosedAsync();
        });
        await using var connection = await ConnectAsync(router, clock: clock);
        var listing = connection.ExecuteAsync(Interfaces, Ct);
        await asked.Task.InTime();

        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(listing.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(15));

        Assert.IsType<RouterOutcome.Unknown>(await listing.InTime());
        Assert.NotNull(connection.FaultReason);
    }

    [Fact]
    public async Task Closing_during_a_listing_ends_the_reader_and_the_listing()
    {
        var listing = new TaskCompletionSource();
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            for (var i = 0; ; i++)
            {
                await session.ReplyAsync(command, "!re", $"=.id=*{i:X}");
                if (i == 100)
                {
                    listing.SetResult();
                }
            }
        });
        var connection = await ConnectAsync(router);
        var outcome = connection.ExecuteAsync(Interfaces, Ct);
        await listing.Task.InTime();

        await Task.Run(() => connection.DisposeAsync().AsTask(), Ct).InTime(); // returns when the reader has ended

        Assert.IsType<RouterOutcome.Unknown>(await outcome.InTime());
    }

    [Fact]
    public async Task A_reset_fails_all_commands_in_flight_at_once()
    {
        await using var router = FakeRouter.SignedIn(async session =>
        {
            var first = (await session.ReadAsync())!;
            await session.ReadAsync();
            await session.ReadAsync();
            await session.ReplyAsync(first, "!re", "=name=ether1");
            session.Reset();
        });
        await using var connection = await ConnectAsync(router);

        var outcomes = await Task.WhenAll(
            connection.ExecuteAsync(Interfaces, Ct), connection.ExecuteAsync(Interfaces, Ct), connection.ExecuteAsync(Interfaces, Ct)).InTime();

        Assert.All(outcomes, outcome => Assert.True(Assert.IsType<RouterOutcome.Unknown>(outcome).Sent));
    }

    [Fact]
    public async Task Properties_are_asked_for_in_one_word()
    {
        FakeCommand? seen = null;
        await using var router = FakeRouter.Answering((session, command) =>
        {
            seen = command;
            return session.ReplyAsync(command, "!done");
        });
        await using var connection = await ConnectAsync(router);

        await connection.ExecuteAsync(RouterCommand.Print("/ppp/active", [RouterQuery.Is("service", "pppoe")], [".id", "name", "address"]), Ct).InTime();

        Assert.Equal(["/ppp/active/print", "=.proplist=.id,name,address", "?service=pppoe", ".tag=1"], seen!.Words);
    }

    [Fact]
    public async Task Reply_kinds_of_other_versions_leave_the_stream_in_step()
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            if (command.Path == "/ip/arp/print")
            {
                await session.ReplyAsync(command, "!empty");
                await session.ReplyAsync(command, "!done");
                return;
            }

            await session.SendAsync("!notice", "=message=hello from the future");
            await session.ReplyAsync(command, "!progress", "=percent=10");
            await session.SendAsync("!re", "=.section=0", "=status=connecting", command.Tag!);
            await session.SendAsync("!re", "=.section=1", "=status=finished", ".about=warning", command.Tag!);
            await session.ReplyAsync(command, "!done");
        });
        await using var connection = await ConnectAsync(router);

        var fetched = (await connection.ExecuteAsync(RouterCommand.Call("/tool/fetch", [("url", "http://10.0.0.1/")]), Ct).InTime()).Require();
        var empty = (await connection.ExecuteAsync(RouterCommand.Print("/ip/arp"), Ct).InTime()).Require();

        Assert.Equal([0, 1], fetched.Rows.Select(r => r.Section));
        Assert.Equal("finished", fetched.Rows[1]["status"]);
        Assert.Empty(empty.Rows);
    }

    [Theory]
    [InlineData("failure: already have such address", null, RouterRefusal.AlreadyExists)]
    [InlineData("failure: already have such entry", 4, RouterRefusal.AlreadyExists)]
    [InlineData("failure: secret with the same name already exists", null, RouterRefusal.AlreadyExists)]
    [InlineData("failure: user with the same name already exists", 4, RouterRefusal.AlreadyExists)]
    [InlineData("no such item", 0, RouterRefusal.NoSuchItem)]
    [InlineData("no such item (4)", null, RouterRefusal.NoSuchItem)]
    [InlineData("not enough permissions (9)", null, RouterRefusal.NotPermitted)]
    [InlineData("failure: not allowed by device-mode", null, RouterRefusal.NotPermitted)]
    [InlineData("no such command prefix", 0, RouterRefusal.NoSuchCommand)]
    [InlineData("unknown parameter rate-limits", null, RouterRefusal.NoSuchCommand)]
    [InlineData("input does not match any value of profile", 1, RouterRefusal.InvalidValue)]
    [InlineData("value of range expects range of ip addresses", null, RouterRefusal.InvalidValue)]
    [InlineData("interrupted", 2, RouterRefusal.Interrupted)]
    [InlineData("failure: dns name does not exist", null, RouterRefusal.Other)]
    [InlineData("failure: timeout", 4, RouterRefusal.Other)]
    public async Task A_refusal_is_told_by_its_wording_and_keeps_it(string message, int? category, RouterRefusal kind)
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            await session.ReplyAsync(command, "!trap", category is null ? [$"=message={message}"] : [$"=category={category}", $"=message={message}"]);
            await session.ReplyAsync(command, "!done");
        });
        await using var connection = await ConnectAsync(router);

        var outcome = await connection.ExecuteAsync(RouterCommand.Add("/ppp/secret", [("name", "wanjiku")]), Ct).InTime();

        Assert.Equal(new RouterOutcome.Refused(kind, message, category), outcome);
    }

    [Theory]
    [InlineData(new byte[] { 0x03, (byte)'!', (byte)'r' })] // half a word, then silence
    [InlineData(new byte[] { 0xF8, 0x00 })] // a control byte
    [InlineData(new byte[] { 0xF0, 0x7F, 0xFF, 0xFF, 0xFF })] // two gigabytes announced
    [InlineData(new byte[] { 0x03, (byte)'a', (byte)'b', (byte)'c', 0x00 })] // no reply word
    [InlineData(new byte[] { 0x05, (byte)'!', (byte)'d', (byte)'o', (byte)'n', (byte)'e', 0x00 })] // no tag
    public async Task A_surprise_on_the_wire_ends_the_connection(byte[] bytes)
    {
        var clock = new ManualClock();
        var sent = new TaskCompletionSource();
        await using var router = FakeRouter.SignedIn(async session =>
        {
            await session.ReadAsync();
            await session.RawAsync(bytes);
            sent.SetResult();
            await session.UntilClosedAsync();
        });
        await using var connection = await ConnectAsync(router, clock: clock);
        var outcome = connection.ExecuteAsync(Interfaces, Ct);
        await sent.Task.InTime();
        while (!outcome.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1)); // silence is noticed by the clock, the rest by itself
            await Task.Yield();
        }

        Assert.IsType<RouterOutcome.Unknown>(await outcome);
        Assert.NotNull(connection.FaultReason);
    }

    [Fact]
    public async Task A_tag_that_was_never_given_ends_the_connection()
    {
        await using var router = FakeRouter.SignedIn(async session =>
        {
            await session.ReadAsync();
            await session.SendAsync("!done", ".tag=99");
            await session.UntilClosedAsync();
        });
        await using var connection = await ConnectAsync(router);

        Assert.IsType<RouterOutcome.Unknown>(await connection.ExecuteAsync(Interfaces, Ct).InTime());
        Assert.NotNull(connection.FaultReason);
    }

    [Fact]
    public async Task A_fatal_reply_ends_the_session_with_the_routers_reason()
    {
        await using var router = FakeRouter.SignedIn(async session =>
        {
            await session.ReadAsync();
            await session.SendAsync("!fatal", "session terminated on request");
        });
        await using var connection = await ConnectAsync(router);

        var outcome = await connection.ExecuteAsync(Interfaces, Ct).InTime();

        Assert.Contains("session terminated on request", Assert.IsType<RouterOutcome.Unknown>(outcome).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_longer_than_allowed_is_given_up_and_the_connection_goes_on()
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            for (var i = 0; command.Path == "/log/print" && i < 100; i++)
            {
                await session.ReplyAsync(command, "!re", $"=message={new string('x', 100)}");
            }

            await session.ReplyAsync(command, "!done");
        });
        await using var connection = await ConnectAsync(router, o => o.MaxAnswerBytes = 4096);

        Assert.IsType<RouterOutcome.Unknown>(await connection.ExecuteAsync(RouterCommand.Print("/log"), Ct).InTime());
        Assert.IsType<RouterOutcome.Done>(await connection.ExecuteAsync(Interfaces, Ct).InTime());
    }

    [Fact]
    public async Task Three_hundred_connections_that_listen_hold_no_threads()
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            await session.ReplyAsync(command, "!re", "=.id=*1");
            await Task.Delay(Timeout.Infinite, session.Stop);
        });
        var connections = new List<RouterOsConnection>();
        var listens = new List<IAsyncEnumerator<RouterRow>>();
        var before = Threads();
        for (var i = 0; i < 300; i++)
        {
            var connection = await ConnectAsync(router).InTime();
            connections.Add(connection);
            var listen = connection.StreamAsync(RouterCommand.Listen("/ppp/active"), Ct).GetAsyncEnumerator(Ct);
            listens.Add(listen);
            Assert.True(await listen.MoveNextAsync().AsTask().InTime());
        }

        var waiting = listens.ConvertAll(l => l.MoveNextAsync().AsTask());

        Assert.True(Threads() - before < 60, $"{Threads() - before} threads more for 300 listens");
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        await Task.WhenAll(connections.Select(c => c.DisposeAsync().AsTask())).InTime();
        Assert.All(await Task.WhenAll(waiting.Select(w => Record.ExceptionAsync(() => w).AsTask())).InTime(), ex => Assert.IsType<RouterCommandException>(ex));

        static int Threads()
        {
            using var process = Process.GetCurrentProcess();
            return process.Threads.Count;
        }
    }
}
