using System.Buffers.Text;
using System.Text;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>
/// Builds one sentence in a buffer of its own, so that it leaves in a single write: a write per word stalls each command
/// for some 40 ms between Nagle's algorithm and the peer's delayed acknowledgement.
/// </summary>
internal sealed class SentenceWriter
{
    private const int KeptCapacity = 16 * 1024;
    private byte[] _buffer = new byte[512];
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Clear()
    {
        _length = 0;
        if (_buffer.Length > KeptCapacity)
        {
            _buffer = new byte[512]; // one uploaded file must not stay in memory for the life of the connection
        }
    }

    public void Word(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        Reserve(WordLength.MaxBytes + bytes);
        _length += WordLength.Write(_buffer.AsSpan(_length), bytes);
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
    }

    /// <summary>A word that ends in a number, such as <c>.tag=7</c>.</summary>
    public void Word(ReadOnlySpan<byte> prefix, int number)
    {
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(number, digits, out var count);
        Reserve(WordLength.MaxBytes + prefix.Length + count);
        _length += WordLength.Write(_buffer.AsSpan(_length), prefix.Length + count);
        prefix.CopyTo(_buffer.AsSpan(_length));
        digits[..count].CopyTo(_buffer.AsSpan(_length + prefix.Length));
        _length += prefix.Length + count;
    }

    public void End()
    {
        Reserve(1);
        _buffer[_length++] = 0;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        }
    }
}
