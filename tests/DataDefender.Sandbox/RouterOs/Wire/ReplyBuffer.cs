using System.Buffers;

namespace DataDefender.Sandbox.RouterOs.Wire;

/// <summary>Replies of one command, framed and ready to be sent in one write. The tag is the second word of every sentence.</summary>
internal sealed class ReplyBuffer(string? tag)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(512);

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    public int Rows { get; private set; }

    public ReplyBuffer Row(IEnumerable<(string Name, string Value)> attributes)
    {
        Rows++;
        return Sentence("!re", attributes);
    }

    public ReplyBuffer Done(string? result = null) => Sentence("!done", result is null ? [] : [("ret", result)]);

    public ReplyBuffer Empty() => Sentence("!empty", []);

    /// <summary>A kind that no version has.</summary>
    public ReplyBuffer Strange() => Sentence("!hint", [("about", "a version to come")]);

    public ReplyBuffer Trap(RouterTrapException trap)
    {
        Sentence("!trap", trap.Category is { } category ? [("category", RouterFormat.Number(category)), ("message", trap.Message)] : [("message", trap.Message)]);
        return Done();
    }

    /// <summary>The reason is a bare word, without <c>=</c>.</summary>
    public ReplyBuffer Fatal(string reason)
    {
        Word("!fatal");
        Word(reason);
        return End();
    }

    public void Clear()
    {
        _bytes.ResetWrittenCount();
    }

    private ReplyBuffer Sentence(string kind, IEnumerable<(string Name, string Value)> attributes)
    {
        Word(kind);
        if (tag is not null)
        {
            Word($".tag={tag}");
        }

        foreach (var (name, value) in attributes)
        {
            Word($"={name}={value}");
        }

        return End();
    }

    private ReplyBuffer End()
    {
        _bytes.Write<byte>([0]);
        return this;
    }

    private void Word(string text)
    {
        var bytes = ApiText.Encode(text);
        WriteLength((uint)bytes.Length);
        _bytes.Write(bytes);
    }

    private void WriteLength(uint length)
    {
        var prefix = length switch { < 0x80 => 1, < 0x4000 => 2, < 0x20_0000 => 3, < 0x1000_0000 => 4, _ => 5 };
        var marked = prefix switch { 2 => length | 0x8000, 3 => length | 0xC0_0000, 4 => length | 0xE000_0000, _ => length };
        var span = _bytes.GetSpan(prefix);
        for (var i = 0; i < Math.Min(prefix, 4); i++)
        {
            span[prefix - 1 - i] = (byte)(marked >> (8 * i));
        }

        if (prefix == 5)
        {
            span[0] = 0xF0;
        }

        _bytes.Advance(prefix);
    }
}
