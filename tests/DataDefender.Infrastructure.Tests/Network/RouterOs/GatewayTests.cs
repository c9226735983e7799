using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using static DataDefender.Infrastructure.Tests.Network.RouterOs.RouterOsTest;

namespace DataDefender.Infrastructure.Tests.Network.RouterOs;

public sealed class GatewayTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private readonly RouterOsGateway _gateway;

    public GatewayTests() =>
        _gateway = new RouterOsGateway(Microsoft.Extensions.Options.Options.Create(Options()), _clock, NullLogger<RouterOsGateway>.Instance);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Many_callers_share_one_connection()
    {
        await using var router = FakeRouter.Answering(EchoAsync);
        var endpoint = router.Endpoint();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _gateway.PrintAsync(endpoint, "/system/identity", ct: Ct))).InTime();

        Assert.All(outcomes, o => Assert.IsType<RouterOutcome.Done>(o));
        Assert.Equal(1, router.Accepted);
    }

    [Fact]
    public async Task A_failed_connection_is_an_unknown_outcome_with_its_reason_and_nothing_sent()
    {
        await using var router = new FakeRouter(_ => Task.CompletedTask);

        var unknown = Assert.IsType<RouterOutcome.Unknown>(await _gateway.SetAsync(router.Endpoint(), "/ppp/aaa", null, [("use-radius", "yes")], Ct).InTime());

        Assert.False(unknown.Sent);
        Assert.Equal(RouterConnectFailureKind.ClosedByRouter, unknown.Connect!.Kind);
    }

    [Fact]
    public async Task A_listing_on_a_connection_that_died_unnoticed_is_asked_again_on_a_new_one()
    {
        await using var router = FakeRouter.SignedIn(async session =>
        {
            await EchoAsync(session, (await session.ReadAsync())!);
            await session.ReadAsync(); // and hangs up instead of answering
        });
        var endpoint = router.Endpoint();
        await _gateway.PrintAsync(endpoint, "/system/identity", ct: Ct).InTime();

        var outcome = await _gateway.PrintAsync(endpoint, "/system/identity", ct: Ct).InTime();

        Assert.IsType<RouterOutcome.Done>(outcome);
        Assert.Equal(2, router.Accepted);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_never_sent_twice()
    {
        var writes = 0;
        await using var router = FakeRouter.SignedIn(async session =>
        {
            while (await session.ReadAsync() is { } command)
            {
                if (command.Path.EndsWith("/add", StringComparison.Ordinal))
                {
                    writes++;
                    return;
                }

                await EchoAsync(session, command);
            }
        });
        var endpoint = router.Endpoint();
        await _gateway.PrintAsync(endpoint, "/system/identity", ct: Ct).InTime();

        var unknown = Assert.IsType<RouterOutcome.Unknown>(await _gateway.AddAsync(endpoint, "/ppp/secret", [("name", "wanjiku")], Ct).InTime());

        Assert.True(unknown.Sent);
        Assert.Equal(1, writes);
    }

    [Fact]
    public async Task Another_endpoint_for_the_same_router_replaces_the_connection()
    {
        var closed = new TaskCompletionSource();
        await using var before = FakeRouter.SignedIn(async session =>
        {
            await EchoAsync(session, (await session.ReadAsync())!);
            await session.UntilClosedAsync();
            closed.SetResult();
        });
        await using var after = FakeRouter.Answering(EchoAsync);
        var id = Guid.CreateVersion7();
        await _gateway.PrintAsync(before.Endpoint(id), "/system/identity", ct: Ct).InTime();

        Assert.IsType<RouterOutcome.Done>(await _gateway.PrintAsync(after.Endpoint(id), "/system/identity", ct: Ct).InTime());

        await closed.Task.InTime();
    }

    [Fact]
    public async Task Pinning_the_certificate_that_was_seen_keeps_the_connection()
    {
        var real = TimeProvider.System.GetUtcNow(); // certificates live in real time
        _clock.Advance(real - _clock.GetUtcNow());
        await using var router = FakeRouter.Answering(EchoAsync, FakeRouter.Certificate(TimeSpan.FromDays(10)));
        var endpoint = router.Endpoint();
        await _gateway.PrintAsync(endpoint, "/system/identity", ct: Ct).InTime();
        var seen = Assert.IsType<RouterTest.Passed>(await _gateway.TestAsync(endpoint, Ct).InTime()).Certificate!;

        await _gateway.PrintAsync(endpoint with { CertificateFingerprint = seen.Fingerprint }, "/system/identity", ct: Ct).InTime();

        Assert.Equal(2, router.Accepted); // the first, and that of the test
    }

    [Fact]
    public async Task Testing_a_connection_tells_who_answers()
    {
        await using var router = FakeRouter.Answering(EchoAsync);

        var passed = Assert.IsType<RouterTest.Passed>(await _gateway.TestAsync(router.Endpoint(), Ct).InTime());

        Assert.Equal(new RouterTest.Passed("NBO-1", "7.22 (stable)", "CCR2004", null), passed);
    }

    [Fact]
    public async Task Testing_with_a_user_who_may_not_read_says_so()
    {
        await using var router = FakeRouter.Answering(async (session, command) =>
        {
            await session.ReplyAsync(command, "!trap", "=message=not enough permissions (9)");
            await session.ReplyAsync(command, "!done");
        });

        var failed = Assert.IsType<RouterTest.Failed>(await _gateway.TestAsync(router.Endpoint(), Ct).InTime());

        Assert.Equal(RouterConnectFailureKind.NotPermitted, failed.Failure.Kind);
    }

    [Fact]
    public async Task A_connection_that_nobody_uses_is_closed_and_opened_again_when_needed()
    {
        var closed = new TaskCompletionSource();
        await using var router = FakeRouter.SignedIn(async session =>
        {
            while (await session.ReadAsync() is { } command)
            {
                await EchoAsync(session, command);
            }

            closed.TrySetResult();
        });
        var endpoint = router.Endpoint();
        await _gateway.PrintAsync(endpoint, "/system/identity", ct: Ct).InTime();

        _clock.Advance(TimeSpan.FromMinutes(20));
        await closed.Task.InTime();

        Assert.IsType<RouterOutcome.Done>(await _gateway.PrintAsync(endpoint, "/system/identity", ct: Ct).InTime());
        Assert.Equal(2, router.Accepted);
    }

    [Fact]
    public async Task Forgetting_a_router_ends_what_is_in_flight()
    {
        var asked = new TaskCompletionSource();
        await using var router = FakeRouter.SignedIn(async session =>
        {
            await session.ReadAsync();
            asked.SetResult();
            await session.UntilClosedAsync();
        });
        var endpoint = router.Endpoint();
        var write = _gateway.AddAsync(endpoint, "/ppp/secret", [("name", "a")], Ct);
        await asked.Task.InTime();

        await _gateway.ForgetAsync(endpoint.RouterId).AsTask().InTime();

        Assert.True(Assert.IsType<RouterOutcome.Unknown>(await write.InTime()).Sent);
    }

    [Fact]
    public async Task A_caller_who_gives_up_does_not_take_the_opening_from_the_others()
    {
        var mayGoOn = new TaskCompletionSource();
        await using var router = new FakeRouter(async session =>
        {
            await mayGoOn.Task;
            await session.SignInAsync();
            await EchoAsync(session, (await session.ReadAsync())!);
        });
        var endpoint = router.Endpoint();
        using var impatient = new CancellationTokenSource();
        var first = _gateway.PrintAsync(endpoint, "/system/identity", ct: impatient.Token);
        var second = _gateway.PrintAsync(endpoint, "/system/identity", ct: Ct);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.InTime());
        mayGoOn.SetResult();

        Assert.IsType<RouterOutcome.Done>(await second.InTime());
        Assert.Equal(1, router.Accepted);
    }

    private static async Task EchoAsync(FakeSession session, FakeCommand command)
    {
        await session.ReplyAsync(command, "!re", "=name=NBO-1", "=version=7.22 (stable)", "=board-name=CCR2004");
        await session.ReplyAsync(command, "!done");
    }
}
