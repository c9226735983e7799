using DataDefender.Domain.Topology;

namespace DataDefender.Domain.Tests.Network;

public sealed class TreeLayoutTests
{
    [Fact]
    public void A_parent_stands_in_the_middle_of_its_children_one_column_to_the_left()
    {
        var (core, a, b, c, alone) = (Id(), Id(), Id(), Id(), Id());

        var places = TreeLayout.Place([(alone, null), (core, null), (a, core), (b, core), (c, b)]).ToDictionary(p => p.Id);

        Assert.Equal((0, 0.5), (places[core].Column, places[core].Row));
        Assert.Equal((1, 0.0), (places[a].Column, places[a].Row));
        Assert.Equal((1, 1.0), (places[b].Column, places[b].Row));
        Assert.Equal((2, 1.0), (places[c].Column, places[c].Row));
        Assert.Equal((0, 2.0), (places[alone].Column, places[alone].Row)); // what stands alone is last
    }

    [Fact]
    public void A_ring_is_cut_and_a_chain_of_ten_thousand_is_walked()
    {
        var (one, two) = (Id(), Id());
        Assert.Equal(2, TreeLayout.Place([(one, two), (two, one)]).Count);

        var chain = Enumerable.Range(0, 10_000).Select(_ => Id()).ToList();
        var places = TreeLayout.Place([.. chain.Select((id, i) => (id, i == 0 ? (Guid?)null : chain[i - 1]))]);

        Assert.Equal(9_999, places.Max(p => p.Column));
        Assert.Equal(0, places.Max(p => p.Row));
    }

    [Fact]
    public void No_two_nodes_are_in_one_place()
    {
        var random = new Random(7);
        var nodes = new List<(Guid Id, Guid? Parent)>();
        for (var i = 0; i < 300; i++)
        {
            nodes.Add((Id(), i < 3 ? null : nodes[random.Next(nodes.Count)].Id));
        }

        var places = TreeLayout.Place(nodes);

        Assert.Equal(300, places.Select(p => (p.Column, p.Row)).Distinct().Count());
    }

    private static Guid Id() => Guid.CreateVersion7();
}
