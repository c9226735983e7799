using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Lines;

/// <summary>Whether a router's address list is as it should be for one address.</summary>
internal abstract record GardenCheck
{
    private GardenCheck() { }

    /// <summary>Read back from the router. <paramref name="Corrected"/>: it was otherwise before we wrote.</summary>
    public sealed record Right(bool Corrected) : GardenCheck;

    /// <param name="Leftover">The address is still on a list that it should have left.</param>
    public sealed record Wrong(string Why, bool Leftover = false) : GardenCheck;
}

/// <summary>The walled garden as the router keeps it: entries of an address list. Ours carry the line's mark as their comment.</summary>
internal sealed class WalledGarden(IRouterGateway gateway)
{
    public const string Menu = "/ip/firewall/address-list";
    private static readonly string[] Properties = [".id", "list", "address", "comment", "disabled", "dynamic"];

    /// <summary>
    /// Makes the address a member of this list and of no other that a state of the company's lines puts them on, takes away what we once
    /// wrote for this line at addresses that it no longer has, and reads all of that back: routers have been seen to accept a write and
    /// not do it. What somebody else wrote there to stay is left and told of.
    /// </summary>
    /// <param name="list">Null for no list.</param>
    /// <param name="address">Null to take away our own entries only.</param>
    /// <param name="ended">With no list: the address of the session that has ended, whose sibling stays where it is; null for all of the line's.</param>
    public async Task<GardenCheck> SettleAsync(RouterEndpoint router, LineJob job, string? list, string? address, CancellationToken ct, string? ended = null)
    {
        var homes = job.Sessions.Select(s => s.Address).ToHashSet();
        var corrected = false;
        for (var pass = 1; pass <= 2; pass++)
        {
            if (await gateway.PrintAsync(router, Menu, Query(address, job.Mark), Properties, ct) is not RouterOutcome.Done { Rows: var rows })
            {
                return new GardenCheck.Wrong("the router's address list could not be read");
            }

            var missing = list is not null && !rows.Any(r => r["list"] == list && r["address"] == address && !Is(r, "disabled"));
            var surplus = rows.Where(IsSurplus).ToList();
            if (surplus.Count == 0 && !missing)
            {
                return rows.FirstOrDefault(r => IsElsewhere(r) && r["comment"] != job.Mark && !Is(r, "dynamic") && !Is(r, "disabled")) is { } foreign
                    ? new GardenCheck.Wrong($"{address} is in list {foreign["list"]} by an entry that is not ours{(foreign["comment"] is { Length: > 0 } words ? $" (“{words}”)" : "")}; it was left there, remove it on the router")
                    : new GardenCheck.Right(corrected);
            }

            if (pass == 1)
            {
                await WriteAsync(router, list, address, job.Mark, surplus, missing, ct);
                corrected = true;
            }
            else if (surplus.FirstOrDefault(r => r["address"] == address) is { } left)
            {
                return new GardenCheck.Wrong($"{address} is still in list {left["list"]} after it was removed", Leftover: true);
            }
        }

        return new GardenCheck.Wrong(list is null ? $"an old entry of the line is still in {job.Lists} after it was removed" : $"{address} is still not in list {list} after it was added");

        bool IsSurplus(RouterRow row) => row["comment"] == job.Mark
            ? !homes.Contains(row["address"]) || (list is null && ended is not null ? row["address"] == ended : row["list"] != list)
            : IsElsewhere(row) && Is(row, "dynamic");

        bool IsElsewhere(RouterRow row) => address is not null && row["address"] == address && row["list"] != list && row["list"] is { } other && job.AddressLists.Contains(other);
    }

    private static bool Is(RouterRow row, string flag) => row[flag] is "true" or "yes";

    private static IReadOnlyCollection<string> Query(string? address, string mark) => address is null
        ? [RouterQuery.Is("comment", mark)]
        : [RouterQuery.Is("address", address), RouterQuery.Is("comment", mark), RouterQuery.Or];

    // What the router says to a write is not believed either way: the second pass reads what is there.
    private async Task WriteAsync(RouterEndpoint router, string? list, string? address, string mark, List<RouterRow> surplus, bool missing, CancellationToken ct)
    {
        if (surplus.Select(r => r.Id).OfType<string>().ToList() is { Count: > 0 } ids)
        {
            await gateway.RemoveAsync(router, Menu, ids, ct);
        }

        if (missing)
        {
            await gateway.AddAsync(router, Menu, [("list", list!), ("address", address!), ("comment", mark)], ct);
        }
    }
}
