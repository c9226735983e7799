namespace DataDefender.Domain.Addresses;

/// <summary>What an address or a range is taken for.</summary>
public enum HolderKind
{
    /// <summary>A line's fixed address.</summary>
    Line,

    /// <summary>An address that a line holds now, out of a pool.</summary>
    Session,

    /// <summary>A pool of a router's design.</summary>
    Pool,

    /// <summary>A router's own address, or that of its RADIUS client.</summary>
    Router,

    /// <summary>A prefix of the plan that is for lines with fixed addresses, for a pool or for the company's own equipment.</summary>
    Prefix,
}

/// <param name="Owner">Who it is: two things of one owner do not conflict.</param>
/// <param name="Name">For people.</param>
/// <param name="Href">The page that shows it.</param>
public sealed record AddressHolder(HolderKind Kind, AddressRange Range, string Owner, string Name, string Href, PrefixUse? Use = null);

/// <param name="What">In a sentence.</param>
public sealed record AddressConflict(string What, string Next, AddressHolder One, AddressHolder Other);

/// <summary>Finds addresses that two have, or that one has within what is another's. Pure; a sweep over what is sorted.</summary>
public static class AddressConflicts
{
    public static IReadOnlyList<AddressConflict> Find(IEnumerable<AddressHolder> holders, int most = 500)
    {
        var found = new List<AddressConflict>();
        var open = new List<AddressHolder>();
        foreach (var next in holders.OrderBy(h => h.Range))
        {
            open.RemoveAll(o => o.Range.IsIPv6 != next.Range.IsIPv6 || o.Range.Last < next.Range.First);
            foreach (var before in open)
            {
                if (before.Owner != next.Owner && Judge(before, next) is { } conflict)
                {
                    found.Add(conflict);
                    if (found.Count == most)
                    {
                        return found;
                    }
                }
            }

            open.Add(next);
        }

        return found;
    }

    private static AddressConflict? Judge(AddressHolder first, AddressHolder second)
    {
        var (one, other) = first.Kind <= second.Kind ? (first, second) : (second, first);
        var (same, thing) = (one.Range == other.Range, one.Range.First == one.Range.Last ? "address" : "prefix");
        return (one.Kind, other.Kind) switch
        {
            (HolderKind.Line, HolderKind.Line) when !same => new($"{one.Name} has {one.Range} and {other.Name} has {other.Range}, which overlap.", "Give one of them another.", one, other),
            (HolderKind.Line, HolderKind.Session) when !same => new($"{other.Name} is online with {other.Range}, which overlaps {one.Range}, the fixed {thing} of {one.Name}.", "End that session; see whether the addresses are in a pool.", one, other),
            (HolderKind.Session, HolderKind.Session) when !same => new($"{one.Name} is online with {one.Range} and {other.Name} with {other.Range}, which overlap.", "Two routers give out of pools that overlap, or a Stop was lost: close the older session.", one, other),
            (HolderKind.Line, HolderKind.Line) => new($"{one.Name} and {other.Name} have the same fixed {thing} {one.Range}.", "Give one of them another.", one, other),
            (HolderKind.Line, HolderKind.Session) => new($"{other.Name} is online with {one.Range}, the fixed {thing} of {one.Name}.", "End that session; see whether the address is in a pool.", one, other),
            (HolderKind.Session, HolderKind.Session) => new($"{one.Name} and {other.Name} are online with the same {thing} {one.Range}.", "Two routers give out of the same pool, or a Stop was lost: close the older session.", one, other),
            (HolderKind.Line, HolderKind.Pool) => new($"The fixed {thing} {one.Range} of {one.Name} {Lies(one, other)} {other.Name}: the router may give it to another line.", "Give the line an address outside of pools, or shorten the pool.", one, other),
            (HolderKind.Line or HolderKind.Session, HolderKind.Router) => new($"{one.Name} has {one.Range}, the address of {other.Name}.", "Give the line another address.", one, other),
            (HolderKind.Pool, HolderKind.Pool) => new($"{one.Name} and {other.Name} overlap at {Common(one.Range, other.Range)}.", "Two lines may be given one address: divide the range.", one, other),
            (HolderKind.Pool, HolderKind.Router) => new($"{other.Range}, the address of {other.Name}, lies in {one.Name}.", "Leave it out of the pool.", one, other),
            (HolderKind.Line, HolderKind.Prefix) when other.Use is PrefixUse.Pool or PrefixUse.Infrastructure or PrefixUse.Shared =>
                new($"The fixed {thing} {one.Range} of {one.Name} {Lies(one, other)} {other.Name}, which is for {Purpose(other.Use.Value)}.", "Give the line an address of a prefix for lines.", one, other),
            (HolderKind.Pool, HolderKind.Prefix) when other.Use is PrefixUse.Lines or PrefixUse.Infrastructure or PrefixUse.Shared =>
                new($"{one.Name} reaches into {other.Name}, which is for {Purpose(other.Use.Value)}.", "Change the pool or the plan.", one, other),
            _ => null,
        };
    }

    private static string Purpose(PrefixUse use) => use switch
    {
        PrefixUse.Pool => "a pool",
        PrefixUse.Lines => "fixed addresses of lines",
        PrefixUse.Infrastructure => "the company’s own equipment",
        PrefixUse.Shared => "carrier-grade NAT",
        _ => "something else",
    };

    private static string Lies(AddressHolder one, AddressHolder other) => other.Range.Contains(one.Range) ? "lies in" : "reaches into";

    private static string Common(AddressRange one, AddressRange other)
    {
        var (first, last) = (one.First > other.First ? one.First : other.First, one.Last < other.Last ? one.Last : other.Last);
        return first == last ? one.Address(first) : $"{one.Address(first)}–{one.Address(last)}";
    }
}
