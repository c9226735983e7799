using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Lines;

/// <summary>Whether a router's address list is as it should be for one address.</summary>
internal abstract record GardenCheck
{
    private GardenCheck() { }

    /// <summary>Read back from the router. <paramref name="Corrected"/>: it was otherwise before we wrote.</summary>
    public sealed record Right(bool Corrected) : GardenCheck;

    public sealed record Wrong(string Why) : GardenCheck;
}

/// <summary>The walled garden as the router keeps it: entries of an address list. Ours carry the line's mark as their comment.</summary>
internal sealed class WalledGarden(IRouterGateway gateway)
{
    public const string Menu = "/ip/firewall/address-list";
    private static readonly string[] Properties = [".id", "list", "address", "comment", "disabled"];

    /// <summary>
    /// Makes the address a member of the list, or no member of it, takes away what we once wrote for this line at addresses that it no
    /// longer has, and reads all of that back: routers have been seen to accept a write and not do it.
    /// </summary>
    /// <param name="address">Null to take away our own entries only.</param>
    public async Task<GardenCheck> SettleAsync(RouterEndpoint router, LineJob job, string list, string? address, bool inside, CancellationToken ct)
    {
        var homes = inside ? job.Sessions.Select(s => s.Address).ToHashSet() : [];
        var corrected = false;
        for (var pass = 1; pass <= 2; pass++)
        {
            if (await gateway.PrintAsync(router, Menu, Query(list, address, job.Mark), Properties, ct) is not RouterOutcome.Done { Rows: var rows })
            {
                return new GardenCheck.Wrong("the router's address list could not be read");
            }

            var members = rows.Where(r => r["list"] == list && r["address"] == address && r["disabled"] is not ("true" or "yes")).ToList();
            var surplus = rows.Except(inside ? members : []).Where(r => r["list"] != list || !homes.Contains(r["address"])).ToList();
            var missing = inside && members.Count == 0;
            if (surplus.Count == 0 && !missing)
            {
                return new GardenCheck.Right(corrected);
            }

            if (pass == 1)
            {
                await WriteAsync(router, list, address, job.Mark, surplus, missing, ct);
                corrected = true;
            }
        }

        return new GardenCheck.Wrong(inside ? $"{address} is still not in list {list} after it was added" : $"{address} is still in list {list} after it was removed");
    }

    private static IReadOnlyCollection<string> Query(string list, string? address, string mark) => address is null
        ? [RouterQuery.Is("comment", mark)]
        : [RouterQuery.Is("list", list), RouterQuery.Is("address", address), RouterQuery.And, RouterQuery.Is("comment", mark), RouterQuery.Or];

    // What the router says to a write is not believed either way: the second pass reads what is there.
    private async Task WriteAsync(RouterEndpoint router, string list, string? address, string mark, List<RouterRow> surplus, bool missing, CancellationToken ct)
    {
        if (surplus.Select(r => r.Id).OfType<string>().ToList() is { Count: > 0 } ids)
        {
            await gateway.RemoveAsync(router, Menu, ids, ct);
        }

        if (missing)
        {
            await gateway.AddAsync(router, Menu, [("list", list), ("address", address!), ("comment", mark)], ct);
        }
    }
}
