namespace DataDefender.RadiusHost.Accounting;

/// <summary>The files of a journal's directory.</summary>
internal static class JournalFiles
{
    /// <summary>All segments in the order in which they were begun.</summary>
    public static List<(string Path, long Number)> List(string directory) =>
    [
        .. Directory.EnumerateFiles(directory, "*" + JournalFormat.Extension)
            .Select(path => (Path: path, Number: JournalSegment.TryNumber(path, out var number) ? number : 0))
            .Where(file => file.Number > 0)
            .OrderBy(file => file.Number),
    ];

    /// <summary>The journals that the segments are of, in their order. Without those that were prepared and never begun.</summary>
    public static List<Guid> Owners(List<(string Path, long Number)> files)
    {
        var owners = new List<Guid>();
        Span<byte> header = stackalloc byte[JournalFormat.SegmentHeaderLength];
        foreach (var (path, _) in files)
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var read = RandomAccess.Read(file, header, 0);
            if (JournalFormat.TryReadSegmentHeader(header[..read], out var owner, out _) && !owners.Contains(owner))
            {
                owners.Add(owner);
            }
        }

        return owners;
    }

    /// <summary>The sequence of the last whole record, 0 when there has never been one. A segment whose start cannot be read counts with its frames.</summary>
    public static long LastSequence(List<(string Path, long Number)> files)
    {
        for (var i = files.Count - 1; i >= 0; i--)
        {
            var octets = File.ReadAllBytes(files[i].Path);
            var begun = JournalFormat.TryReadSegmentHeader(octets, out _, out var first);
            var last = begun ? first - 1 : 0;
            var at = JournalFormat.SegmentHeaderLength;
            while (NextFrame(octets, ref at, out var frame))
            {
                last = Math.Max(last, frame.LastSequence);
                at += frame.Length;
            }

            if (begun || last > 0)
            {
                return last;
            }
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
