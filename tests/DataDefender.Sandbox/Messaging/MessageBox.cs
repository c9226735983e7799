using System.Collections.Concurrent;
using System.Globalization;

namespace DataDefender.Sandbox.Messaging;

/// <summary>A message as it reached the customer's phone or mailbox, or was refused on the way.</summary>
public sealed record BoxedMessage(long Number, string Id, string Channel, DateTimeOffset At, string To, string From, string? Subject, string Text, string Status);

/// <summary>Everything that was sent to anybody in this world; the newest five thousand are kept.</summary>
public sealed class MessageBox
{
    private const int Most = 5_000;

    private readonly ConcurrentQueue<BoxedMessage> _messages = new();
    private readonly ConcurrentDictionary<string, (string Fingerprint, string Id)> _keys = new(StringComparer.Ordinal);
    private long _number;
    private (MessagingFault Fault, int Times) _sms;
    private (MessagingFault Fault, int Times) _email;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<BoxedMessage> All => [.. _messages];

    public BoxedMessage Add(string channel, string to, string from, string? subject, string text, string status, DateTimeOffset at)
    {
        var number = Interlocked.Increment(ref _number);
        var message = new BoxedMessage(number, channel == "sms" ? $"ATXid_{number.ToString("x8", CultureInfo.InvariantCulture)}" : Guid.CreateVersion7().ToString(), channel, at, to, from, subject, text, status);
        _messages.Enqueue(message);
        while (_messages.Count > Most)
        {
            _messages.TryDequeue(out _);
        }

        return message;
    }

    /// <summary>The next so many calls of that channel meet the fault.</summary>
    public void Turn(string channel, MessagingFault fault, int times)
    {
        lock (_keys)
        {
            if (channel == "sms")
            {
                _sms = (fault, times);
            }
            else
            {
                _email = (fault, times);
            }
        }
    }

    internal MessagingFault Take(string channel)
    {
        lock (_keys)
        {
            ref var set = ref channel == "sms" ? ref _sms : ref _email;
            if (set.Fault is MessagingFault.None || set.Times <= 0)
            {
                return MessagingFault.None;
            }

            set.Times--;
            return set.Fault;
        }
    }

    /// <summary>The id given to the first message under a key; a null id means that the key was used for another message.</summary>
    internal (string? Id, bool IsNew) Once(string? key, string fingerprint, Func<string> make)
    {
        if (string.IsNullOrEmpty(key))
        {
            return (make(), true);
        }

        lock (_keys)
        {
            if (_keys.TryGetValue(key, out var known))
            {
                return (known.Fingerprint == fingerprint ? known.Id : null, false);
            }

            var id = make();
            _keys[key] = (fingerprint, id);
            return (id, true);
        }
    }
}
