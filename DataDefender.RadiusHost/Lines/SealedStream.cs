using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// Encrypts a stream of any length in chunks of AES-256-GCM: each is bound to its number and to whether it is the last, so that a
/// file that was cut, joined or changed does not open. On disk: length (4 octets, the top bit marks the last), tag, ciphertext.
/// The key must be a new one for each file, because the nonce is the chunk's number.
/// </summary>
internal static class SealedStream
{
    public const int KeyLength = 32;

    private const int ChunkLength = 256 * 1024;
    private const int TagLength = 16;
    private const uint LastMark = 0x8000_0000;

    public static Stream Write(Stream target, byte[] key) => new Writer(target, key);

    /// <exception cref="CryptographicException">The content was changed or the key is another (thrown while reading).</exception>
    public static Stream Read(Stream source, byte[] key) => new Reader(source, key);

    private static void Nonce(Span<byte> nonce, long chunk)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[4..], chunk);
    }

    private abstract class Base : Stream
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    private sealed class Writer(Stream target, byte[] key) : Base
    {
        private readonly AesGcm _aes = new(key, TagLength);
        private readonly byte[] _plain = new byte[ChunkLength];
        private readonly byte[] _cipher = new byte[ChunkLength];
        private int _used;
        private long _chunk;
        private bool _closed;

        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (!buffer.IsEmpty)
            {
                if (_used == ChunkLength)
                {
                    Seal(last: false);
                }

                var part = buffer[..Math.Min(buffer.Length, ChunkLength - _used)];
                part.CopyTo(_plain.AsSpan(_used));
                _used += part.Length;
                buffer = buffer[part.Length..];
            }
        }

        public override void Flush() => target.Flush();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_closed)
            {
                _closed = true;
                Seal(last: true);
                CryptographicOperations.ZeroMemory(_plain);
                _aes.Dispose();
            }

            base.Dispose(disposing);
        }

        private void Seal(bool last)
        {
            Span<byte> head = stackalloc byte[sizeof(uint)], nonce = stackalloc byte[12], tag = stackalloc byte[TagLength];
            BinaryPrimitives.WriteUInt32BigEndian(head, (uint)_used | (last ? LastMark : 0));
            Nonce(nonce, _chunk++);
            _aes.Encrypt(nonce, _plain.AsSpan(0, _used), _cipher.AsSpan(0, _used), tag, head);
            target.Write(head);
            target.Write(tag);
            target.Write(_cipher.AsSpan(0, _used));
            _used = 0;
        }
    }

    private sealed class Reader(Stream source, byte[] key) : Base
    {
        private readonly AesGcm _aes = new(key, TagLength);
        private readonly byte[] _plain = new byte[ChunkLength];
        private readonly byte[] _cipher = new byte[ChunkLength];
        private int _length;
        private int _at;
        private long _chunk;
        private bool _ended;

        public override bool CanRead => true;

        public override bool CanWrite => false;

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            while (_at == _length && !_ended)
            {
                Open();
            }

            var part = _plain.AsSpan(_at, Math.Min(buffer.Length, _length - _at));
            part.CopyTo(buffer);
            _at += part.Length;
            return part.Length;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                CryptographicOperations.ZeroMemory(_plain);
                _aes.Dispose();
            }

            base.Dispose(disposing);
        }

        private void Open()
        {
            Span<byte> head = stackalloc byte[sizeof(uint)], nonce = stackalloc byte[12], tag = stackalloc byte[TagLength];
            source.ReadExactly(head);
            source.ReadExactly(tag);
            var mark = BinaryPrimitives.ReadUInt32BigEndian(head);
            var length = (int)(mark & ~LastMark);
            if (length > ChunkLength)
            {
                throw new CryptographicException("A chunk says that it is longer than any.");
            }

            source.ReadExactly(_cipher.AsSpan(0, length));
            Nonce(nonce, _chunk++);
            _aes.Decrypt(nonce, _cipher.AsSpan(0, length), tag, _plain.AsSpan(0, length), head);
            (_length, _at, _ended) = (length, 0, (mark & LastMark) != 0);
        }
    }
}
