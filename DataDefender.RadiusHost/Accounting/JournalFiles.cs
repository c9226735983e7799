namespace DataDefender.RadiusHost.Accounting;

/// <summary>The files of a journal's directory.</summary>
internal static class JournalFiles
{
    private const string IdFile = "journal.id";

    /// <summary>All segments in the order in which they were begun.</summary>
    public static List<(string Path, long Number)> List(string directory) =>
    [
        .. Directory.EnumerateFiles(directory, "*" + JournalFormat.Extension)
            .Select(path => (Path: path, Number: JournalSegment.TryNumber(path, out var number) ? number : 0))
            .Where(file => file.Number > 0)
            .OrderBy(file => file.Number),
    ];

    /// <summary>
    /// The journal's id. Without any segment a new one is made: the sequences start anew then, and a position that the database keeps
    /// under the old id must not be taken for ours.
    /// </summary>
    public static Guid ReadOrCreateId(string directory, bool hasSegments)
    {
        var path = Path.Combine(directory, IdFile);
        if (hasSegments && File.Exists(path) && Guid.TryParse(File.ReadAllText(path), out var known))
        {
            return known;
        }

        var id = Guid.CreateVersion7();
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(id.ToString()));
            file.Flush(flushToDisk: true);
        }

        DurableFiles.SyncDirectory(directory);
        return id;
    }

    /// <summary>The sequence of the last whole record, 0 when there has never been one.</summary>
    public static long LastSequence(List<(string Path, long Number)> files, Guid id)
    {
        for (var i = files.Count - 1; i >= 0; i--)
        {
            var octets = File.ReadAllBytes(files[i].Path);
            if (!JournalFormat.TryReadSegmentHeader(octets, out var owner, out var first) || owner != id)
            {
                continue; // prepared and never begun
            }

            var last = first - 1;
            var at = JournalFormat.SegmentHeaderLength;
            while (NextFrame(octets, ref at, out var frame))
            {
                last = Math.Max(last, frame.LastSequence);
                at += frame.Length;
            }

            return last;
        }

        return 0;
    }

    /// <summary>The first whole frame at or after a place; moves the place there.</summary>
    public static bool NextFrame(ReadOnlySpan<byte> segment, ref int at, out FrameHeader frame)
    {
        for (; at + JournalFormat.FrameHeaderLength <= segment.Length; at++)
        {
            if (JournalFormat.LooksLikeFrame(segment[at..], out frame)
                && at + frame.Length <= segment.Length
                && JournalFormat.ChecksumFits(segment.Slice(at, frame.Length)))
            {
                return true;
            }

            // Zeros are the unused rest; skip them in one go.
            if (segment[at] == 0)
            {
                var next = segment[at..].IndexOfAnyExcept((byte)0);
                if (next < 0)
                {
                    break;
                }

                at += next - 1;
            }
        }

        frame = default;
        return false;
    }
}
