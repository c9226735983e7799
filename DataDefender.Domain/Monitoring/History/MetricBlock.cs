using System.IO.Compression;
using System.Text;

namespace DataDefender.Domain.Monitoring.History;

/// <summary>Series over common times. A null value is a gap.</summary>
/// <param name="Times">UTC, oldest first.</param>
public sealed record MetricBlock(IReadOnlyList<DateTime> Times, IReadOnlyDictionary<string, double?[]> Series)
{
    private const byte Form = 1;

    public static MetricBlock Empty { get; } = new([], new Dictionary<string, double?[]>());

    /// <summary>Differences in a variable number of bytes, compressed.</summary>
    public byte[] Pack()
    {
        using var plain = new MemoryStream();
        plain.WriteByte(Form);
        Write(plain, (ulong)Times.Count);
        var before = 0L;
        foreach (var time in Times)
        {
            var seconds = new DateTimeOffset(time).ToUnixTimeSeconds();
            WriteSigned(plain, seconds - before);
            before = seconds;
        }

        Write(plain, (ulong)Series.Count);
        foreach (var (name, values) in Series.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var text = Encoding.UTF8.GetBytes(name);
            Write(plain, (ulong)text.Length);
            plain.Write(text);
            var (unit, last) = (MetricNames.Unit(name), 0L);
            foreach (var value in values)
            {
                if (value is not { } known || !double.IsFinite(known))
                {
                    plain.WriteByte(0); // a gap
                    continue;
                }

                var number = (long)Math.Round(Math.Clamp(known / unit, -1e15, 1e15));
                Write(plain, Zigzag(number - last) + 1);
                last = number;
            }
        }

        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            plain.Position = 0;
            plain.CopyTo(brotli);
        }

        return packed.ToArray();
    }

    /// <exception cref="InvalidDataException">It is of another form.</exception>
    public static MetricBlock Unpack(byte[] payload)
    {
        using var brotli = new BrotliStream(new MemoryStream(payload), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        brotli.CopyTo(plain);
        plain.Position = 0;
        if (plain.ReadByte() != Form)
        {
            throw new InvalidDataException("The metrics are of a form that this build does not know.");
        }

        var times = new DateTime[Read(plain)];
        var before = 0L;
        for (var i = 0; i < times.Length; i++)
        {
            before += Unzigzag(Read(plain));
            times[i] = DateTimeOffset.FromUnixTimeSeconds(before).UtcDateTime;
        }

        var count = (int)Read(plain);
        var series = new Dictionary<string, double?[]>(count, StringComparer.Ordinal);
        for (var s = 0; s < count; s++)
        {
            var text = new byte[Read(plain)];
            plain.ReadExactly(text);
            var name = Encoding.UTF8.GetString(text);
            var (unit, last, values) = (MetricNames.Unit(name), 0L, new double?[times.Length]);
            for (var i = 0; i < values.Length; i++)
            {
                var read = Read(plain);
                if (read > 0)
                {
                    last += Unzigzag(read - 1);
                    values[i] = last * unit;
                }
            }

            series[name] = values;
        }

        return new MetricBlock(times, series);
    }

    /// <summary>The values of a series with their times; nothing for one that is not here.</summary>
    public IEnumerable<MetricPoint> Points(string name) => Series.TryGetValue(name, out var values) ? Times.Select((at, i) => new MetricPoint(at, values[i])) : [];

    /// <summary>
    /// The means and the highest values in even steps from <paramref name="from"/> on. A step in which nothing was read is a gap. What is
    /// rolled up already keeps its highest values.
    /// </summary>
    public static MetricBlock RollUp(IReadOnlyCollection<MetricBlock> blocks, DateTime from, int steps, TimeSpan step)
    {
        var sums = new Dictionary<string, (double[] Sum, int[] Count, double?[] Highest)>(StringComparer.Ordinal);
        foreach (var block in blocks)
        {
            foreach (var (name, values) in block.Series.Where(s => !s.Key.EndsWith(MetricNames.Highest, StringComparison.Ordinal)))
            {
                if (!sums.TryGetValue(name, out var into))
                {
                    sums[name] = into = (new double[steps], new int[steps], new double?[steps]);
                }

                block.Series.TryGetValue(name + MetricNames.Highest, out var peaks);
                for (var i = 0; i < values.Length; i++)
                {
                    var slot = (int)Math.Floor((block.Times[i] - from) / step);
                    if (values[i] is not { } value || slot < 0 || slot >= steps)
                    {
                        continue;
                    }

                    into.Sum[slot] += value;
                    into.Count[slot]++;
                    var peak = peaks?[i] ?? value;
                    into.Highest[slot] = into.Highest[slot] is { } high && high > peak ? high : peak;
                }
            }
        }

        var series = new Dictionary<string, double?[]>(StringComparer.Ordinal);
        foreach (var (name, (sum, count, highest)) in sums)
        {
            if (Array.Exists(count, c => c > 0))
            {
                series[name] = [.. sum.Select((s, i) => count[i] == 0 ? (double?)null : s / count[i])];
                series[name + MetricNames.Highest] = highest;
            }
        }

        return new MetricBlock([.. Enumerable.Range(0, steps).Select(i => from + (i * step))], series);
    }

    private static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long Unzigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static void WriteSigned(MemoryStream stream, long value) => Write(stream, Zigzag(value));

    private static void Write(MemoryStream stream, ulong value)
    {
        while (value >= 0x80)
        {
            stream.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        stream.WriteByte((byte)value);
    }

    private static ulong Read(MemoryStream stream)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = stream.ReadByte();
            if (next < 0)
            {
                throw new InvalidDataException("The metrics end too early.");
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A number in the metrics is too long.");
    }
}
