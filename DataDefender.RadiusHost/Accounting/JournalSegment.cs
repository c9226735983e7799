using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>One file of the journal, open for writing.</summary>
internal sealed class JournalSegment : IDisposable
{
    private JournalSegment(SafeFileHandle file, long number, long size) => (File, Number, Size) = (file, number, size);

    public SafeFileHandle File { get; }

    public long Number { get; }

    public long Size { get; }

    /// <summary>Where the next frame goes: the end of what is on disk.</summary>
    public long End { get; private set; } = JournalFormat.SegmentHeaderLength;

    public static string PathOf(string directory, long number) =>
        Path.Combine(directory, number.ToString("D12", CultureInfo.InvariantCulture) + JournalFormat.Extension);

    public static bool TryNumber(string path, out long number) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>
    /// Makes the file with its full size in zeros on the disk, so that a commit has only data to sync and no metadata: that is three times
    /// as fast as a file that grows, and far steadier.
    /// </summary>
    /// <exception cref="IOException">No room, or the disk fails.</exception>
    public static JournalSegment Create(string directory, long number, long size)
    {
        var file = System.IO.File.OpenHandle(PathOf(directory, number), FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            var zeros = new byte[1 << 20];
            for (long at = 0; at < size; at += zeros.Length)
            {
                RandomAccess.Write(file, zeros.AsSpan(0, (int)Math.Min(zeros.Length, size - at)), at);
            }

            RandomAccess.FlushToDisk(file);
            DurableFiles.SyncDirectory(directory);
            return new JournalSegment(file, number, size);
        }
        catch
        {
            file.Dispose();
            System.IO.File.Delete(PathOf(directory, number));
            throw;
        }
    }

    /// <summary>Says whose it is and which record comes first; on disk with the first frame.</summary>
    public void Begin(Guid journalId, long firstSequence)
    {
        Span<byte> header = stackalloc byte[JournalFormat.SegmentHeaderLength];
        header.Clear();
        JournalFormat.WriteSegmentHeader(header, journalId, firstSequence);
        RandomAccess.Write(File, header, 0);
    }

    public bool HasRoomFor(int length) => End + length <= Size || End == JournalFormat.SegmentHeaderLength;

    /// <exception cref="IOException">It is not on disk; nothing more may be appended to this file.</exception>
    public void Append(ReadOnlySpan<byte> frame, Action<SafeFileHandle> sync)
    {
        RandomAccess.Write(File, frame, End);
        sync(File);
        End += frame.Length;
    }

    /// <summary>Takes back what a failed append may have left, as far as the disk lets us.</summary>
    public void CutAtEnd()
    {
        try
        {
            RandomAccess.SetLength(File, End);
        }
        catch (IOException)
        {
            // The reader finds by the checksum that this is not a frame, or that it is one which nobody was promised.
        }
    }

    public void Dispose() => File.Dispose();
}
