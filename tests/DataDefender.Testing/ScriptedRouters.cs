using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataDefender.Domain.Network;

namespace DataDefender.Testing;

/// <summary>Routers that answer as a test says, without a wire. Commands nobody scripted are refused as unknown to the router.</summary>
public sealed class ScriptedRouters : IRouterGateway
{
    private readonly ConcurrentDictionary<string, Func<RouterCommand, RouterOutcome>> _answers = new();

    /// <summary>What <see cref="TestAsync"/> answers.</summary>
    public RouterTest Test { get; set; } = new RouterTest.Passed("scripted", "7.22.1 (stable)", "CCR2004-1G-12S+2XS", null);

    /// <summary>Every command that was run, oldest first, with the endpoint it went to.</summary>
    public ConcurrentQueue<(RouterEndpoint Router, RouterCommand Command)> Commands { get; } = new();

    /// <summary>The endpoints that were tested.</summary>
    public ConcurrentQueue<RouterEndpoint> Tested { get; } = new();

    /// <summary>The routers whose connections were given up.</summary>
    public ConcurrentQueue<Guid> Forgotten { get; } = new();

    /// <summary>Answers the command with these rows, whatever its words.</summary>
    public ScriptedRouters Answer(string path, params RouterRow[] rows) => Answer(path, _ => new RouterOutcome.Done(rows, null));

    public ScriptedRouters Answer(string path, Func<RouterCommand, RouterOutcome> answer)
    {
        _answers[path] = answer;
        return this;
    }

    public Task<RouterOutcome> ExecuteAsync(RouterEndpoint router, RouterCommand command, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        Commands.Enqueue((router, command));
        return Task.FromResult(_answers.TryGetValue(command.Path, out var answer)
            ? answer(command)
            : new RouterOutcome.Refused(RouterRefusal.NoSuchCommand, "no such command prefix", null));
    }

    public async IAsyncEnumerable<RouterRow> StreamAsync(RouterEndpoint router, RouterCommand command, [EnumeratorCancellation] CancellationToken ct = default)
    {
        foreach (var row in (await ExecuteAsync(router, command, ct)).Require().Rows)
        {
            yield return row;
        }
    }

    public Task<RouterTest> TestAsync(RouterEndpoint router, CancellationToken ct = default)
    {
        Tested.Enqueue(router);
        return Task.FromResult(Test);
    }

    public ValueTask ForgetAsync(Guid routerId)
    {
        Forgotten.Enqueue(routerId);
        return ValueTask.CompletedTask;
    }
}
