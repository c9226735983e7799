using DataDefender.Sandbox.RouterOs.Wire;

namespace DataDefender.Sandbox.RouterOs.Commands;

/// <summary>One command under way. What is written to the reply goes out at the end, or when it is flushed.</summary>
internal sealed record CommandContext(SimulatedRouter Router, ApiUser User, ApiRequest Request, ReplyBuffer Reply, Func<Task> FlushAsync, CancellationToken Cancellation)
{
    public void Demand(string policy)
    {
        if (!User.May(policy))
        {
            throw RouterTrapException.NotPermitted();
        }
    }

    public string Required(string argument) => Request.Argument(argument) ?? throw RouterTrapException.Missing(argument);

    public int Number(string argument, int otherwise) => Request.Argument(argument) is not { } text ? otherwise
        : int.TryParse(text, out var number) ? number
        : throw RouterTrapException.InvalidValue(argument);

    public TimeSpan Duration(string argument, TimeSpan otherwise) => Request.Argument(argument) is not { } text ? otherwise
        : RouterFormat.TryDuration(text, out var time) ? time
        : throw RouterTrapException.InvalidValue(argument);
}
