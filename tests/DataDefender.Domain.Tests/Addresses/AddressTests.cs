using DataDefender.Domain.Addresses;

namespace DataDefender.Domain.Tests.Addresses;

public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("10.0.0.0/24", "10.0.0.0", "10.0.0.255")]
    [InlineData("10.0.0.2-10.0.0.9", "10.0.0.2", "10.0.0.9")]
    [InlineData("203.0.113.7", "203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8::/63", "2001:db8::", "2001:db8:0:1:ffff:ffff:ffff:ffff")]
    [InlineData("0.0.0.0/0", "0.0.0.0", "255.255.255.255")]
    public void Prefixes_ranges_and_addresses_have_a_first_and_a_last(string text, string first, string last)
    {
        var range = AddressRange.Parse(text)!.Value;

        Assert.Equal((first, last), (range.Address(range.First), range.Address(range.Last)));
    }

    [Theory]
    [InlineData("10.1")]
    [InlineData("10.0.0.9-10.0.0.2")]
    [InlineData("10.0.0.1-2001:db8::1")]
    [InlineData("home")]
    [InlineData("")]
    public void What_is_not_written_whole_is_none(string text) => Assert.Null(AddressRange.Parse(text));

    [Theory]
    [InlineData("10.0.0.1/24")]
    [InlineData("10.0/16")]
    [InlineData("10.0.0.0/33")]
    public void A_prefix_with_bits_past_its_length_is_refused(string text) => Assert.Null(Prefixes.Canonical(text));

    [Fact]
    public void IPv4_and_IPv6_never_overlap() => Assert.False(AddressRange.Parse("0.0.0.0/0")!.Value.Overlaps(AddressRange.Parse("::/0")!.Value));
}

public sealed class CgnatMapTests
{
    private static readonly CgnatMap Map = new(Guid.CreateVersion7(), new CgnatMapInput { Name = "m", Inside = "100.64.0.0/24", Outside = "203.0.113.4-203.0.113.8", BlockSize = 1008, ValidFrom = DateTime.UnixEpoch }, DateTime.UnixEpoch);

    [Theory]
    [InlineData("100.64.0.0", "203.0.113.4", 1024, 2031)]
    [InlineData("100.64.0.1", "203.0.113.4", 2032, 3039)]
    [InlineData("100.64.0.63", "203.0.113.4", 64528, 65535)]
    [InlineData("100.64.0.64", "203.0.113.5", 1024, 2031)]
    [InlineData("100.64.0.255", "203.0.113.7", 64528, 65535)]
    public void Each_private_address_has_its_ports(string inside, string outside, int first, int last) => Assert.Equal(new PortBlock(outside, first, last, inside), Map.Of(inside));

    [Fact]
    public void Every_public_address_and_port_leads_back_to_the_one_line_that_has_it()
    {
        var owners = new Dictionary<(string, int), string>();
        for (var i = 0; i < 256; i++)
        {
            var block = Map.Of($"100.64.0.{i}")!;
            foreach (var port in new[] { block.FirstPort, block.FirstPort + 500, block.LastPort })
            {
                Assert.True(owners.TryAdd((block.Outside, port), block.Inside));
                Assert.Equal(block, Map.Behind(block.Outside, port));
            }
        }
    }

    [Theory]
    [InlineData("203.0.113.4", 80)] // below the blocks
    [InlineData("203.0.113.8", 5000)] // more public addresses than are needed
    [InlineData("203.0.113.9", 5000)]
    [InlineData("2001:db8::1", 5000)]
    public void A_port_that_nobody_has_leads_to_nobody(string outside, int port) => Assert.Null(Map.Behind(outside, port));

    [Fact]
    public void Too_few_public_addresses_are_refused_in_numbers()
    {
        var result = new CgnatMapInputValidator().Validate(new CgnatMapInput { Name = "m", Inside = "100.64.0.0/22", Outside = "203.0.113.4", BlockSize = 1008, ValidFrom = DateTime.UnixEpoch });

        Assert.Contains("1024 private addresses and only 64 blocks", Assert.Single(result.Errors).ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rules_are_three_a_line_and_name_its_ports()
    {
        var rules = Map.Rules().ToList();

        Assert.Equal(256 * 3, rules.Count);
        Assert.Equal("/ip firewall nat add chain=srcnat action=src-nat protocol=tcp src-address=100.64.0.1 to-addresses=203.0.113.4 to-ports=2032-3039 comment=\"CGNAT m\"", rules[3]);
    }
}

public sealed class AddressConflictTests
{
    [Fact]
    public void What_is_given_twice_is_found_and_what_only_touches_is_not()
    {
        var found = AddressConflicts.Find(
        [
            Holder(HolderKind.Line, "10.0.0.7", "line 1", "wanjiku"),
            Holder(HolderKind.Pool, "10.0.0.2-10.0.0.9", "pool a", "the pool home of R1"),
            Holder(HolderKind.Pool, "10.0.0.10-10.0.0.20", "pool b", "the pool home of R2"),
            Holder(HolderKind.Line, "10.0.0.30", "line 2", "otieno"),
        ]);

        Assert.Equal("The fixed address 10.0.0.7 of wanjiku lies in the pool home of R1: the router may give it to another line.", Assert.Single(found).What);
    }

    [Theory]
    [InlineData(HolderKind.Line, "10.0.0.7", HolderKind.Session, "10.0.0.7", "is online with 10.0.0.7, the fixed address of")]
    [InlineData(HolderKind.Session, "10.0.0.7", HolderKind.Session, "10.0.0.7", "are online with the same address")]
    [InlineData(HolderKind.Pool, "10.0.0.2-10.0.0.9", HolderKind.Pool, "10.0.0.8-10.0.0.20", "overlap at 10.0.0.8–10.0.0.9")]
    [InlineData(HolderKind.Pool, "10.0.0.0/24", HolderKind.Router, "10.0.0.1", "the address of two, lies in one")]
    [InlineData(HolderKind.Line, "10.0.0.1", HolderKind.Router, "10.0.0.1", "one has 10.0.0.1, the address of two")]
    public void Each_kind_of_conflict_is_told_in_words(HolderKind one, string first, HolderKind other, string second, string words) =>
        Assert.Contains(words, Assert.Single(AddressConflicts.Find([Holder(one, first, "1", "one"), Holder(other, second, "2", "two")])).What, StringComparison.Ordinal);

    [Fact]
    public void A_lines_own_session_on_its_fixed_address_is_no_conflict() =>
        Assert.Empty(AddressConflicts.Find([Holder(HolderKind.Line, "10.0.0.7", "line 1", "a"), Holder(HolderKind.Session, "10.0.0.7", "line 1", "a")]));

    private static AddressHolder Holder(HolderKind kind, string range, string owner, string name) => new(kind, AddressRange.Parse(range)!.Value, owner, name, "/");
}
