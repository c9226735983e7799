using System.Text;
using DataDefender.Domain.Subscriptions;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Tests;

public sealed class LineTableTests
{
    private static readonly PackageLines Package = new(Guid.CreateVersion7());

    [Theory]
    [InlineData(3, 20_000)] // the same few come and go: places are given back and taken again
    [InlineData(500, 20_000)]
    [InlineData(40_000, 60_000)]
    public void It_finds_what_a_dictionary_finds_through_any_coming_and_going(int names, int steps)
    {
        var (random, table, expected) = (new Random(names), new LineTable<ReadOnlySpan<byte>, ByUsername>(), new Dictionary<string, Subscriber>());
        for (var i = 0; i < steps; i++)
        {
            var name = $"line-{random.Next(names)}";
            if (random.Next(3) == 0 && expected.Remove(name, out var gone))
            {
                table.Remove(gone);
            }
            else
            {
                table.Put(expected[name] = Line(name));
            }
        }

        Assert.Equal(expected.Count, table.Count);
        Assert.Equal(expected.Values.ToHashSet(), table.Lines.ToHashSet());
        for (var i = 0; i < names; i++)
        {
            Assert.Equal(expected.GetValueOrDefault($"line-{i}"), table.TryFind(Encoding.UTF8.GetBytes($"line-{i}"), out var found) ? found : null);
        }
    }

    [Fact]
    public void Another_line_with_the_key_is_not_taken_out()
    {
        var (table, first, second) = (new LineTable<ReadOnlySpan<byte>, ByUsername>(), Line("wanjiku"), Line("wanjiku"));
        table.Put(first);
        table.Put(second);

        table.Remove(first);

        Assert.True(table.TryFind("wanjiku"u8, out var found));
        Assert.Same(second, found);
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public async Task A_line_that_stays_is_found_all_the_while_others_come_and_go_and_the_table_grows()
    {
        var (table, staying) = (new LineTable<Guid, BySubscription>(), Enumerable.Range(0, 50).Select(i => Line($"stays-{i}")).ToArray());
        foreach (var line in staying)
        {
            table.Put(line);
        }

        using var over = new CancellationTokenSource();
        var reading = Task.Run(
            () =>
            {
                var missed = 0;
                while (!over.IsCancellationRequested)
                {
                    missed += staying.Count(line => !table.TryFind(line.Line.SubscriptionId, out var found) || found.Line != line.Line);
                }

                return missed;
            },
            TestContext.Current.CancellationToken);
        var passing = new Queue<Subscriber>();
        for (var i = 0; i < 100_000; i++)
        {
            var line = Line($"passes-{i}");
            table.Put(line);
            passing.Enqueue(line);
            if (i % 3 != 0)
            {
                table.Remove(passing.Dequeue());
            }

            if (i % 100 == 0)
            {
                var at = i / 100 % staying.Length;
                table.Put(staying[at] = new Subscriber(staying[at].Line, Package, staying[at].ToFacts())); // a change makes a new one
            }
        }

        await over.CancelAsync();
        Assert.Equal(0, await reading);
    }

    private static Subscriber Line(string username)
    {
        var id = Guid.CreateVersion7();
        return new Subscriber(new LineState(id), Package, new SubscriberFacts(id, Package.Id, username, "secret", null, null, SubscriptionState.Active, null));
    }
}
