using DataDefender.RadiusHost.Status;

namespace DataDefender.RadiusHost.Udp;

/// <summary>What a port does with what it receives.</summary>
internal interface IPortHandler
{
    PortCounters Counters { get; }

    /// <summary>Looks at each datagram of the batch and sets its answer. Never throws, whatever the datagrams are.</summary>
    void Handle(DatagramBatch batch);

    /// <summary>The answers are on their way.</summary>
    void Sent(DatagramBatch batch);
}

/// <summary>One thread that receives, answers and sends for one port. A blocking thread is twice as fast here as asynchronous receives.</summary>
internal sealed class PortThread(string name, IDatagramSocket socket, IPortHandler handler, DatagramBatch batch, Urgency urgency)
{
    private readonly Thread _thread = new(static state => ((PortThread)state!).Run()) { Name = name, IsBackground = true };
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the thread has sent its last answer.</summary>
    public Task Ended => _ended.Task;

    public void Start() => _thread.Start(this);

    private void Run()
    {
        ThreadUrgency.Raise(urgency);
        try
        {
            while (socket.Receive(batch))
            {
                Answer();
            }
        }
        catch (ObjectDisposedException)
        {
            // The socket was closed before it was told to stop.
        }

        _ended.SetResult();
    }

    private void Answer()
    {
        handler.Counters.Received += batch.Count;
        handler.Handle(batch);
        socket.SendReplies(batch);
        for (var i = 0; i < batch.Count; i++)
        {
            handler.Counters.Answered += batch.ReplyLength(i) > 0 ? 1 : 0;
        }

        handler.Sent(batch);
    }
}
