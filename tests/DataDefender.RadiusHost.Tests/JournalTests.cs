using DataDefender.RadiusHost.Accounting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DataDefender.RadiusHost.Tests;

public sealed class JournalTests : IDisposable
{
    private const long SegmentBytes = 64 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("ddjournal").FullName;

    [Fact]
    public void What_was_committed_is_read_back_in_order_after_reopening()
    {
        using (var journal = Open())
        {
            Fill(journal, 1, 1_000, perCommit: 7);
        }

        using var again = Open();
        var read = ReadAll(again);

        Assert.Equal(Enumerable.Range(1, 1_000).Select(i => (long)i), read.Select(r => r.Sequence));
        Assert.All(read, r => Assert.Equal(r.Sequence, BitConverter.ToInt64(r.Packet.Span)));
        Assert.Equal(1_001, again.Append(0, Tenant, Nas, Line, Payload(1_001)));
    }

    [Fact]
    public void What_was_appended_and_not_committed_is_not_there()
    {
        using (var journal = Open())
        {
            Fill(journal, 1, 10, perCommit: 10);
            journal.Append(0, Tenant, Nas, Line, Payload(11));
        }

        using var again = Open();
        Assert.Equal(10, ReadAll(again).Count);
    }

    [Fact]
    public void A_reader_follows_what_is_being_written_over_many_segments()
    {
        using var journal = Open();
        using var reader = journal.OpenReader(FromStart);
        Assert.Null(reader.Read(10));
        var read = new List<long>();
        for (var i = 1; i <= 2_000; i++)
        {
            journal.Commit(journal.Append(0, Tenant, Nas, Line, Payload(i)));
            while (reader.Read(1) is { } batch)
            {
                read.AddRange(batch.Records.Select(r => r.Sequence));
            }
        }

        Assert.Equal(Enumerable.Range(1, 2_000).Select(i => (long)i), read);
        Assert.True(Segments().Count > 3, "It was meant to need several segments.");
    }

    [Fact]
    public void Reading_goes_on_after_a_position()
    {
        using var journal = Open();
        Fill(journal, 1, 100, perCommit: 8);
        using var reader = journal.OpenReader(new Dictionary<Guid, long> { [journal.Id] = 37 });

        Assert.Equal(38, reader.Read(1)!.Records[0].Sequence);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("garbage")]
    [InlineData("zeros")]
    public void A_torn_tail_loses_nothing_that_was_committed_before_it(string damage)
    {
        long end;
        string segment;
        using (var journal = Open(16 << 20))
        {
            Fill(journal, 1, 50, perCommit: 5);
            end = journal.End.Offset;
            segment = JournalSegment.PathOf(_folder, journal.End.SegmentNumber);
        }

        var octets = File.ReadAllBytes(segment);
        switch (damage)
        {
            case "cut":
                octets = octets[..(int)(end - 20)];
                break;
            case "garbage":
                new Random(1).NextBytes(octets.AsSpan((int)end - 20, 500));
                break;
            default:
                octets.AsSpan((int)end - 20, 20).Clear();
                break;
        }

        File.WriteAllBytes(segment, octets);

        using var again = Open();
        Assert.Equal(45, ReadAll(again).Count); // the last commit of five is the torn one
        Assert.Equal(46, again.Append(0, Tenant, Nas, Line, Payload(46)));
    }

    [Fact]
    public void Damage_in_the_middle_costs_one_commit_and_is_counted()
    {
        string segment;
        using (var journal = Open(16 << 20))
        {
            Fill(journal, 1, 50, perCommit: 5);
            segment = JournalSegment.PathOf(_folder, journal.End.SegmentNumber);
        }

        var octets = File.ReadAllBytes(segment);
        octets[400] ^= 0xFF;
        File.WriteAllBytes(segment, octets);

        using var again = Open();
        using var reader = again.OpenReader(FromStart);
        var read = new List<long>();
        while (reader.Read(100) is { } batch)
        {
            read.AddRange(batch.Records.Select(r => r.Sequence));
        }

        Assert.Equal(45, read.Count);
        Assert.Equal(50, read[^1]);
        Assert.True(reader.DamagedOctets > 0);
    }

    [Fact]
    public void Segments_that_were_applied_are_deleted_and_the_sequence_goes_on()
    {
        using (var journal = Open())
        {
            Fill(journal, 1, 2_000, perCommit: 10);
            journal.DeleteBefore(journal.End.SegmentNumber);
        }

        using (var quiet = Open())
        {
            quiet.DeleteBefore(quiet.End.SegmentNumber);
        }

        using var again = Open();
        Assert.Empty(ReadAll(again));
        Assert.Equal(2_001, again.Append(0, Tenant, Nas, Line, Payload(2_001)));
    }

    [Fact]
    public void A_directory_belongs_to_one_process()
    {
        using var journal = Open();

        Assert.Contains("in use", Assert.Throws<JournalTakenException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_whose_files_were_removed_is_another_journal()
    {
        Guid id;
        using (var journal = Open())
        {
            Fill(journal, 1, 10, perCommit: 1);
            id = journal.Id;
        }

        Segments().ForEach(File.Delete);

        using var again = Open();
        Assert.NotEqual(id, again.Id);
    }

    [Fact]
    public void A_sync_that_fails_is_no_commit_and_what_comes_after_it_goes_into_a_new_file()
    {
        var broken = false;
        using var journal = Journal.Open(_folder, SegmentBytes, file =>
        {
            if (broken)
            {
                throw new IOException("The disk is on fire.");
            }

            DurableFiles.SyncData(file);
        });
        Fill(journal, 1, 10, perCommit: 5);
        var before = journal.End;

        broken = true;
        Assert.False(journal.Commit(journal.Append(0, Tenant, Nas, Line, Payload(11))));
        Assert.Equal("The disk is on fire.", journal.Failure);
        Assert.Equal(before, journal.End);

        broken = false;
        Assert.True(SpinWait.SpinUntil(() => journal.Commit(journal.Append(0, Tenant, Nas, Line, Payload(12))), TimeSpan.FromSeconds(5)));
        Assert.Null(journal.Failure);
        Assert.True(journal.End.SegmentNumber > before.SegmentNumber);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12], ReadAll(journal).Select(r => BitConverter.ToInt64(r.Packet.Span)));
    }

    [Fact]
    public void On_a_disk_that_cannot_be_written_it_opens_and_acknowledges_nothing_until_it_can()
    {
        using (var journal = Open())
        {
            Fill(journal, 1, 10, perCommit: 5);
        }

        foreach (var number in Enumerable.Range(2, 3)) // where the next segments would come something stands in the way
        {
            File.Delete(JournalSegment.PathOf(_folder, number));
            Directory.CreateDirectory(JournalSegment.PathOf(_folder, number));
        }

        using var stuck = Open();
        Assert.NotNull(stuck.Failure);
        using var reader = stuck.OpenReader(FromStart);
        Assert.Equal(10, reader.Read(100)!.Records.Count); // what was taken before is still carried over
        Assert.False(stuck.Commit(stuck.Append(0, Tenant, Nas, Line, Payload(11))));

        Assert.True(SpinWait.SpinUntil(() => stuck.Commit(stuck.Append(0, Tenant, Nas, Line, Payload(12))), TimeSpan.FromSeconds(10)));
        Assert.Null(stuck.Failure);
        Assert.Equal(12, BitConverter.ToInt64(reader.Read(1)!.Records[^1].Packet.Span));
    }

    [Fact]
    public void A_record_that_was_lost_stays_lost_for_whoever_asks_later()
    {
        var broken = false;
        using var journal = Journal.Open(_folder, SegmentBytes, file =>
        {
            if (broken)
            {
                throw new IOException("The disk is on fire.");
            }

            DurableFiles.SyncData(file);
        });
        List<long> lost = [];
        for (var round = 0; round < 3; round++)
        {
            broken = true;
            var sequence = journal.Append(0, Tenant, Nas, Line, Payload(round));
            Assert.False(journal.Commit(sequence));
            lost.Add(sequence);
            broken = false;
            Assert.True(SpinWait.SpinUntil(() => journal.Commit(journal.Append(0, Tenant, Nas, Line, Payload(100))), TimeSpan.FromSeconds(5)));
        }

        Assert.All(lost, sequence => Assert.False(journal.Commit(sequence)));
    }

    [Fact] // the first of a batch may be lost with the commit of another thread
    public void A_batch_of_which_the_first_was_lost_is_not_committed()
    {
        var broken = true;
        using var journal = Journal.Open(_folder, SegmentBytes, file =>
        {
            if (broken)
            {
                throw new IOException("The disk is on fire.");
            }

            DurableFiles.SyncData(file);
        });
        var first = journal.Append(0, Tenant, Nas, Line, Payload(1));
        Assert.False(journal.Commit(journal.Append(0, Tenant, Nas, Line, Payload(2))));
        broken = false;
        long last = 0;
        Assert.True(SpinWait.SpinUntil(() => journal.Commit(last = journal.Append(0, Tenant, Nas, Line, Payload(3))), TimeSpan.FromSeconds(5)));

        Assert.False(journal.Commit(first, last));
        Assert.True(journal.Commit(last, last));
    }

    [Fact]
    public void Each_opening_is_a_journal_of_its_own_and_all_are_read_in_their_order_each_from_its_position()
    {
        Guid first;
        using (var journal = Open())
        {
            Fill(journal, 1, 10, perCommit: 5);
            first = journal.Id;
        }

        using var again = Open();
        Fill(again, 11, 10, perCommit: 5);
        using var reader = again.OpenReader(new Dictionary<Guid, long> { [first] = 1_000 });

        Assert.Equal([first], again.Earlier);
        Assert.Equal(10, again.OpenedAfter);
        var batch = reader.Read(100)!;
        Assert.Equal((again.Id, 11L, 10), (batch.JournalId, batch.Records[0].Sequence, batch.Records.Count));
    }

    [Fact]
    public void A_directory_that_cannot_be_read_opens_when_it_can_and_takes_nothing_until_then()
    {
        using (var journal = Open())
        {
            Fill(journal, 1, 10, perCommit: 5);
        }

        var segment = Segments().Max()!;
        var aside = segment + ".aside";
        File.Move(segment, aside);
        File.CreateSymbolicLink(segment, segment); // a loop of links is an EIO that a test may make
        using var stuck = Open();

        Assert.False(stuck.IsOpen);
        Assert.NotNull(stuck.Failure);
        Assert.Equal(0, stuck.Append(0, Tenant, Nas, Line, Payload(11)));
        Assert.False(stuck.TryOpen());

        File.Delete(segment);
        File.Move(aside, segment);
        Assert.True(stuck.TryOpen());
        Fill(stuck, 11, 1, perCommit: 1);
        Assert.Equal(11, ReadAll(stuck).Count);
    }

    [Fact]
    public void A_reader_that_meets_an_unreadable_file_gives_what_came_before_it_and_the_rest_when_it_can_be_read()
    {
        using (var journal = Open())
        {
            Fill(journal, 1, 1_000, perCommit: 10);
        }

        using var again = Open();
        var segment = Segments().Order(StringComparer.Ordinal).ElementAt(1);
        using var reader = again.OpenReader(FromStart);
        var read = new List<long>();
        read.AddRange(reader.Read(1)!.Records.Select(r => r.Sequence));
        File.Move(segment, segment + ".aside");
        File.CreateSymbolicLink(segment, segment);
        Assert.Throws<IOException>(() =>
        {
            while (reader.Read(50) is { } batch)
            {
                read.AddRange(batch.Records.Select(r => r.Sequence));
            }
        });

        File.Delete(segment);
        File.Move(segment + ".aside", segment);
        while (reader.Read(50) is { } batch)
        {
            read.AddRange(batch.Records.Select(r => r.Sequence));
        }

        Assert.Equal(Enumerable.Range(1, 1_000).Select(i => (long)i), read);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Only_what_another_time_would_not_mend_is_the_fault_of_a_record(Exception failed, bool ofTheRecord) =>
        Assert.Equal(ofTheRecord, AccountingApplier.IsOfTheRecord(failed));

    public static TheoryData<Exception, bool> Failures() => new()
    {
        { new DbUpdateException("refused", new PostgresException("value too long", "ERROR", "ERROR", "22001")), true },
        { new DbUpdateException("refused", new PostgresException("foreign key", "ERROR", "ERROR", "23503")), true },
        { new DbUpdateException("refused", new PostgresException("disk full", "ERROR", "ERROR", "53100")), false },
        { new DbUpdateException("refused", new PostgresException("read-only transaction", "ERROR", "ERROR", "25006")), false },
        { new DbUpdateException("refused", new SqliteException("constraint", 19)), true },
        { new DbUpdateException("refused", new SqliteException("full", 13)), false },
        { new DbUpdateConcurrencyException("another host was there"), false },
        { new IOException("No space left on device"), false },
        { new InvalidOperationException("a record that we cannot work out"), true },
    };

    [Fact]
    public async Task Many_threads_commit_together_and_each_record_is_there_once()
    {
        using var journal = Open(16 << 20);
        var sequences = new System.Collections.Concurrent.ConcurrentBag<long>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                var sequence = journal.Append(0, Tenant, Nas, Line, Payload(i));
                Assert.True(journal.Commit(sequence));
                sequences.Add(sequence);
            }
        })));

        Assert.Equal(1_600, sequences.Distinct().Count());
        Assert.Equal(1_600, ReadAll(journal).Count);
        Assert.True(journal.Commits <= 1_600);
    }

    [Theory]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("", 0u)]
    public void The_checksum_is_the_Castagnoli_one(string text, uint expected) =>
        Assert.Equal(expected, JournalFormat.Crc32C(0, System.Text.Encoding.ASCII.GetBytes(text))); // check value of RFC 3720 appendix B.4's polynomial

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Dictionary<Guid, long> FromStart { get; } = [];

    private static Guid Tenant { get; } = Guid.CreateVersion7();

    private static Guid Nas { get; } = Guid.CreateVersion7();

    private static Guid Line { get; } = Guid.CreateVersion7();

    private Journal Open(long segmentBytes = SegmentBytes) => Journal.Open(_folder, segmentBytes);

    private List<string> Segments() => [.. Directory.GetFiles(_folder, "*" + JournalFormat.Extension)];

    private static byte[] Payload(long number)
    {
        var packet = new byte[150 + (number % 50)];
        Array.Fill(packet, (byte)0xA5);
        BitConverter.TryWriteBytes(packet, number);
        return packet;
    }

    private static void Fill(Journal journal, int first, int count, int perCommit)
    {
        for (var i = first; i < first + count; i += perCommit)
        {
            long last = 0;
            for (var n = i; n < Math.Min(i + perCommit, first + count); n++)
            {
                last = journal.Append(0, Tenant, Nas, Line, Payload(n));
            }

            Assert.True(journal.Commit(last));
        }
    }

    private static List<JournalRecord> ReadAll(Journal journal)
    {
        using var reader = journal.OpenReader(FromStart);
        var records = new List<JournalRecord>();
        while (reader.Read(100) is { } batch)
        {
            records.AddRange(batch.Records);
        }

        return records;
    }
}
