using System.Text;
using System.Text.Unicode;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>
/// Turns words into text and rows. Property names repeat in every row, so each is kept once, and rows of the same shape share
/// their names.
/// </summary>
internal sealed class RowDecoder
{
    private const int MaxKeptNames = 2048;
    private const int MaxNameLength = 64;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public RowDecoder() => _lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Bytes are UTF-8 from version 7; names typed in older WinBox versions are latin-1 and would not survive as such.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "";
        }

        if (bytes.Length <= 5)
        {
            if (bytes.SequenceEqual("true"u8))
            {
                return "true";
            }

            if (bytes.SequenceEqual("false"u8))
            {
                return "false";
            }

            if (bytes.SequenceEqual("0"u8))
            {
                return "0";
            }
        }

        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
    }

    /// <summary>The value of an attribute of the current sentence, or null.</summary>
    /// <param name="prefix">Name with both its signs, e.g. <c>=message=</c>.</param>
    public static string? Attribute(SentenceReader sentence, ReadOnlySpan<byte> prefix)
    {
        for (var i = 1; i < sentence.WordCount; i++)
        {
            var word = sentence.Word(i);
            if (word.StartsWith(prefix))
            {
                return Text(word[prefix.Length..]);
            }
        }

        return null;
    }

    /// <param name="shape">Names of the row before it; replaced when this row has others.</param>
    public RouterRow Row(SentenceReader sentence, ref string[] shape)
    {
        var count = 0;
        for (var i = 1; i < sentence.WordCount; i++)
        {
            if (sentence.Word(i)[0] == (byte)'=')
            {
                count++;
            }
        }

        var names = shape;
        var shared = shape.Length == count;
        if (!shared)
        {
            names = new string[count];
        }

        var values = new string[count];
        var at = 0;
        for (var i = 1; i < sentence.WordCount; i++)
        {
            var word = sentence.Word(i);
            if (word[0] != (byte)'=')
            {
                continue; // the tag, or an API attribute of the future
            }

            word = word[1..];
            var equals = word.IndexOf((byte)'=');
            var name = equals < 0 ? word : word[..equals];
            if (shared && !Ascii.Equals(name, shape[at]))
            {
                (names, shared) = ([.. shape], false);
            }

            if (!shared)
            {
                names[at] = Name(name);
            }

            values[at++] = equals < 0 ? "" : Text(word[(equals + 1)..]);
        }

        shape = names;
        return new RouterRow(names, values);
    }

    private string Name(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxNameLength || !Ascii.IsValid(bytes))
        {
            return Text(bytes);
        }

        Span<char> text = stackalloc char[MaxNameLength];
        Ascii.ToUtf16(bytes, text, out var length);
        var name = (ReadOnlySpan<char>)text[..length];
        if (_lookup.TryGetValue(name, out var known))
        {
            return known;
        }

        var kept = name.ToString();
        if (_names.Count < MaxKeptNames)
        {
            _names.Add(kept);
        }

        return kept;
    }
}
