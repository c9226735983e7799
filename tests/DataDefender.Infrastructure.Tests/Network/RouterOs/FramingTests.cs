using System.Text;
using DataDefender.Infrastructure.Network.RouterOs;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Infrastructure.Tests.Network.RouterOs;

public sealed class FramingTests
{
    [Theory]
    [InlineData(0x00, new byte[] { 0x00 })]
    [InlineData(0x7F, new byte[] { 0x7F })]
    [InlineData(0x80, new byte[] { 0x80, 0x80 })]
    [InlineData(0x3FFF, new byte[] { 0xBF, 0xFF })]
    [InlineData(0x4000, new byte[] { 0xC0, 0x40, 0x00 })]
    [InlineData(0x1FFFFF, new byte[] { 0xDF, 0xFF, 0xFF })]
    [InlineData(0x200000, new byte[] { 0xE0, 0x20, 0x00, 0x00 })]
    [InlineData(0xFFFFFFF, new byte[] { 0xEF, 0xFF, 0xFF, 0xFF })]
    [InlineData(0x10000000, new byte[] { 0xF0, 0x10, 0x00, 0x00, 0x00 })]
    public void A_length_has_the_documented_bytes_at_every_border(int length, byte[] bytes)
    {
        var written = new byte[WordLength.MaxBytes];
        var count = WordLength.Write(written, length);

        Assert.Equal(bytes, written[..count]);
        Assert.Equal(count, WordLength.Read(bytes, out var read));
        Assert.Equal((uint)length, read);
        Assert.Equal(0, WordLength.Read(bytes.AsSpan(0, count - 1), out _));
    }

    [Theory]
    [InlineData(0xF1)]
    [InlineData(0xF7)]
    [InlineData(0xF8)]
    [InlineData(0xFF)]
    public void Control_and_undefined_bytes_are_not_taken_for_lengths(byte first) =>
        Assert.Throws<RouterOsProtocolException>(() => WordLength.Read([first, 0, 0, 0, 0], out _));

    [Fact]
    public void Any_sentences_in_any_pieces_come_out_as_they_went_in()
    {
        var words = Gen.Choose(0, 400).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, 255).Select(b => (byte)b), n));
        var sentences = words.Select(w => (byte[])[.. "!"u8, .. w]).ArrayOf().Where(s => s.Length is > 0 and < 20).ArrayOf();
        var pieces = Gen.Choose(1, 700).ArrayOf().Where(p => p.Length > 0);

        Prop.ForAll(sentences.ToArbitrary(), pieces.ToArbitrary(), (sent, sizes) =>
        {
            var wire = sent.SelectMany(s => (byte[])[0, .. s.SelectMany(FakeSession.Word), 0]).ToArray(); // an empty sentence in front of each
            var read = Read(wire, sizes);
            Assert.Equal(sent.Length, read.Count);
            Assert.All(sent.Zip(read), pair => Assert.Equal(pair.First, pair.Second));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_the_writer_writes_another_codec_reads()
    {
        var texts = Gen.OneOf(Gen.Elements("", "=name=WAN – Nairobi", "=comment=a=b\nc", new string('x', 127), new string('x', 128), new string('y', 20_000)),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => s.Get.Replace("\ud800", "", StringComparison.Ordinal)));

        Prop.ForAll(texts.ArrayOf().ToArbitrary(), sent =>
        {
            var words = sent.Where(w => w.Length > 0).ToArray();
            var writer = new SentenceWriter();
            Array.ForEach(words, writer.Word);
            writer.Word(".tag="u8, 42);
            writer.End();
            byte[] expected = [.. words.Append(".tag=42").SelectMany(w => FakeSession.Word(Encoding.UTF8.GetBytes(w))), 0];
            Assert.Equal(expected, writer.Written.ToArray());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_sentence_longer_than_allowed_is_refused_when_its_length_is_announced()
    {
        var reader = new SentenceReader(new MemoryStream([0xF0, 0x7F, 0xFF, 0xFF, 0xFF, (byte)'!'])) { MaxSentenceBytes = 1 << 20 };

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<RouterOsProtocolException>(() => Drain(reader));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 256 * 1024);
    }

    [Fact]
    public void Endless_words_in_one_sentence_are_refused()
    {
        var reader = new SentenceReader(new EndlessStream(FakeSession.Word("!re"u8.ToArray()))) { MaxSentenceBytes = 64 * 1024 };

        Assert.Throws<RouterOsProtocolException>(() => Drain(reader));
    }

    [Fact]
    public void Any_bytes_at_all_either_read_or_are_refused_in_bounded_memory() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var reader = new SentenceReader(new MemoryStream(bytes));
            try
            {
                Drain(reader);
            }
            catch (RouterOsProtocolException)
            {
                // Refused, as it should be.
            }
        }).QuickCheckThrowOnFailure();

    private static void Drain(SentenceReader reader)
    {
        do
        {
            while (reader.TryNext())
            {
                Assert.True(reader.WordCount > 0);
            }
        }
        while (Receive(reader));
    }

    private static List<byte[][]> Read(byte[] wire, int[] sizes)
    {
        var reader = new SentenceReader(new PiecemealStream(wire, sizes)) { MaxSentenceBytes = 1 << 20 };
        var read = new List<byte[][]>();
        do
        {
            while (reader.TryNext())
            {
                read.Add([.. Enumerable.Range(0, reader.WordCount).Select(i => reader.Word(i).ToArray())]);
            }
        }
        while (Receive(reader));

        return read;
    }

    // These streams answer at once.
    private static bool Receive(SentenceReader reader) => reader.ReceiveAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private sealed class PiecemealStream(byte[] bytes, int[] sizes) : MemoryStream(bytes)
    {
        private int _turn;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, sizes[_turn++ % sizes.Length])], cancellationToken);
    }

    private sealed class EndlessStream(byte[] word) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = 0;
            while (buffer.Length - count >= word.Length)
            {
                word.CopyTo(buffer[count..]);
                count += word.Length;
            }

            return ValueTask.FromResult(count);
        }
    }
}
