namespace DataDefender.Sandbox.RouterOs.Wire;

/// <summary>What no router would go on talking after: a reserved control byte, or more than a client may send.</summary>
internal sealed class WireViolationException(string message) : Exception(message);

/// <summary>The server's side of the API framing: length-prefixed words, a sentence ends with a word of length zero.</summary>
internal sealed class SentenceReader(Stream stream)
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>The next sentence that has words, or null when the peer closed between sentences.</summary>
    /// <exception cref="WireViolationException">Control byte 0xF1–0xFF, or a limit passed.</exception>
    /// <exception cref="EndOfStreamException">The peer closed within a sentence.</exception>
    public async ValueTask<List<string>?> ReadAsync(int maxWords, int maxWordLength, CancellationToken ct)
    {
        var words = new List<string>();
        while (true)
        {
            if (TryTakeWord(maxWordLength, out var word))
            {
                if (word.Length > 0)
                {
                    words.Add(word);
                    if (words.Count > maxWords)
                    {
                        throw new WireViolationException($"More than {maxWords} words in a sentence.");
                    }
                }
                else if (words.Count > 0)
                {
                    return words;
                }

                continue;
            }

            if (!await FillAsync(ct))
            {
                return words.Count == 0 && _start == _end ? null : throw new EndOfStreamException();
            }
        }
    }

    private bool TryTakeWord(int maxWordLength, out string word)
    {
        word = "";
        var bytes = _buffer.AsSpan(_start, _end - _start);
        if (!TryReadLength(bytes, out var length, out var prefix))
        {
            return false;
        }

        if (length > maxWordLength)
        {
            throw new WireViolationException($"A word of {length} bytes; {maxWordLength} are allowed.");
        }

        if (bytes.Length < prefix + length)
        {
            return false;
        }

        word = length == 0 ? "" : ApiText.Decode(bytes.Slice(prefix, (int)length));
        _start += prefix + (int)length;
        return true;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> bytes, out uint length, out int prefix)
    {
        (length, prefix) = (0, 0);
        if (bytes.IsEmpty)
        {
            return false;
        }

        var first = bytes[0];
        if (first > 0xF0)
        {
            throw new WireViolationException($"Control byte 0x{first:X2}.");
        }

        prefix = first switch { < 0x80 => 1, < 0xC0 => 2, < 0xE0 => 3, < 0xF0 => 4, _ => 5 };
        if (bytes.Length < prefix)
        {
            return false;
        }

        length = prefix switch { 1 => first, 2 => first & 0x3Fu, 3 => first & 0x1Fu, 4 => first & 0x0Fu, _ => 0 };
        for (var i = 1; i < prefix; i++)
        {
            length = (length << 8) | bytes[i];
        }

        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), ct);
        _end += read;
        return read > 0;
    }
}
