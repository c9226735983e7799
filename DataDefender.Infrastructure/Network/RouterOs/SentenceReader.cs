namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>
/// Cuts a byte stream into sentences. It owns one buffer that never grows past the longest sentence allowed, and remembers how
/// far it has looked, so that a sentence which arrives in pieces is scanned once. The words of the current sentence are
/// valid until the next call.
/// </summary>
internal sealed class SentenceReader(Stream stream)
{
    private const int InitialCapacity = 8 * 1024;
    private const int MaxWords = 4096;

    private readonly List<Range> _words = new(32);
    private byte[] _buffer = new byte[InitialCapacity];
    private int _start; // of the current sentence
    private int _scanned; // up to here words are known
    private int _end; // of the received bytes

    /// <summary>The longest sentence taken, in bytes. Kept small until the sign-in is over.</summary>
    public int MaxSentenceBytes { get; set; } = 4096;

    /// <summary>True once the peer sent anything at all.</summary>
    public bool HasReceived { get; private set; }

    public int WordCount => _words.Count;

    /// <summary>Bytes of the current sentence, lengths included.</summary>
    public int SentenceBytes => _scanned - _start;

    public ReadOnlySpan<byte> Word(int index) => _buffer.AsSpan(_words[index]);

    /// <summary>Takes the next whole sentence from what was received already. Empty sentences are passed over.</summary>
    /// <exception cref="RouterOsProtocolException">Control byte, too long a sentence, or a first word that is no reply.</exception>
    public bool TryNext()
    {
        if (_words.Count > 0 && IsComplete())
        {
            _words.Clear();
            _start = _scanned;
        }

        while (true)
        {
            var prefix = WordLength.Read(_buffer.AsSpan(_scanned, _end - _scanned), out var length);
            if (prefix == 0)
            {
                return false;
            }

            if (length == 0)
            {
                _scanned++;
                if (_words.Count > 0)
                {
                    return true;
                }

                _start = _scanned;
                continue;
            }

            if (length > MaxSentenceBytes - (_scanned - _start) || _words.Count == MaxWords)
            {
                throw new RouterOsProtocolException($"The peer announced a sentence of more than {MaxSentenceBytes} bytes or {MaxWords} words.");
            }

            var word = _scanned + prefix;
            if (_words.Count == 0 && word < _end && _buffer[word] != (byte)'!')
            {
                // Seen at once, so that a web or SSH server on the port is told apart from a slow router.
                throw new RouterOsProtocolException("The peer does not speak the RouterOS API: its answer does not start with a reply word.");
            }

            if (word + (int)length > _end)
            {
                return false;
            }

            _words.Add(word..(word + (int)length));
            _scanned = word + (int)length;
        }
    }

    /// <summary>Waits for more bytes.</summary>
    /// <returns>False when the peer closed the connection.</returns>
    public async ValueTask<bool> ReceiveAsync(CancellationToken ct)
    {
        MakeRoom();
        var received = await stream.ReadAsync(_buffer.AsMemory(_end), ct);
        _end += received;
        HasReceived |= received > 0;
        return received > 0;
    }

    // The last thing scanned was the zero length that ends a sentence.
    private bool IsComplete() => _scanned > _words[^1].End.Value;

    private void MakeRoom()
    {
        if (_start == _end)
        {
            (_start, _scanned, _end) = (0, 0, 0);
            if (_buffer.Length > 8 * InitialCapacity)
            {
                _buffer = new byte[InitialCapacity];
            }

            return;
        }

        if (_end < _buffer.Length && _start == 0)
        {
            return;
        }

        var pending = _end - _start;
        if (_buffer.Length - pending >= _buffer.Length / 4)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, pending);
        }
        else
        {
            // Never far above the limit on sentences, which is checked as soon as a word's length is known.
            var larger = new byte[_buffer.Length * 2];
            Buffer.BlockCopy(_buffer, _start, larger, 0, pending);
            _buffer = larger;
        }

        for (var i = 0; i < _words.Count; i++)
        {
            _words[i] = (_words[i].Start.Value - _start)..(_words[i].End.Value - _start);
        }

        (_scanned, _end, _start) = (_scanned - _start, pending, 0);
    }
}
