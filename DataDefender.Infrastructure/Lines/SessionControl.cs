using System.Net.Sockets;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Lines;

/// <summary>
/// Brings one open session to what its line gets now. The ways are tried from the gentlest to the hardest: change of authorization,
/// disconnect (the client dials in again and gets the new state from RADIUS), removal over the router's API.
/// </summary>
internal sealed class SessionControl(CoaClient coa, IRouterGateway gateway, WalledGarden garden, SilentNas silent)
{
    /// <summary>Where a router lists a user's sessions, what is asked for there, and which property is a session's address.</summary>
    private static IEnumerable<(string Menu, string[] Query, string Address)> ActiveMenus(string username)
    {
        yield return ("/ppp/active", [RouterQuery.Is("name", username)], "address");
        yield return ("/ip/hotspot/active", [RouterQuery.Is("user", username)], "address");
        if (MacAddress.Normalise(username) is { } mac) // whoever has an address by DHCP is called by the MAC; a lease that a person wrote is no session
        {
            yield return ("/ip/dhcp-server/lease", [RouterQuery.Is("active-mac-address", mac), RouterQuery.Is("radius", "true")], "active-address");
        }
    }

    public async Task<SessionOutcome> SettleAsync(LineJob job, SessionPlace session, CancellationToken ct)
    {
        var trail = new Trail();
        if (session.Nas is not null && silent.Silence(session.NasId) is { } ago)
        {
            trail.NoAnswer = true;
            session = session with { Nas = null, NasTrouble = $"{session.NasName} did not answer {ago.TotalSeconds:0} s ago." };
        }

        if (!job.Drop && job.Grant is not null && await ChangeAsync(job, session, trail, ct) is { } changed)
        {
            return changed;
        }

        return await EndAsync(job, session, trail, ct);
    }

    /// <summary>Null when the session has to be ended instead.</summary>
    private async Task<SessionOutcome?> ChangeAsync(LineJob job, SessionPlace session, Trail trail, CancellationToken ct)
    {
        var grant = job.Grant!;
        if (grant.WalledGarden && session.HasIpv6)
        {
            trail.Add("CoA not sent: the session has IPv6, round which no address list leads; it dials in again without.");
            return null;
        }

        if (session.Nas is { } known && VendorAttributes.WhyNoChange(grant.AddressList, job.Release, known.Vendor) is { } why)
        {
            trail.Add($"CoA not sent to {session.NasName}: {why}.");
            return null;
        }

        var what = grant.AddressList is { } list ? $"speed {grant.RateLimit} and list {list}" : $"speed {grant.RateLimit}";
        if (!await AskAsync("CoA", what, session, trail, nas => coa.ChangeAsync(nas, session.Coa, new CoaChange(grant.RateLimit, grant.AddressList), ct)))
        {
            return null;
        }

        if (grant.AddressList is null && !job.Release)
        {
            return new SessionOutcome.Done(LinePath.ChangeOfAuthorization, trail.ToString());
        }

        return await CheckGardenAsync(job, session, trail, ct);
    }

    // The router acknowledged. RouterOS does not promise that a CoA moves a session between address lists, so where the API is at hand it is read back.
    private async Task<SessionOutcome?> CheckGardenAsync(LineJob job, SessionPlace session, Trail trail, CancellationToken ct)
    {
        var list = job.Grant!.AddressList;
        if (session.Router is { } router && session.Address is { } address)
        {
            switch (await garden.SettleAsync(router, job, list, address, ct))
            {
                case GardenCheck.Right { Corrected: var corrected }:
                    trail.Add($"API: {address} is {(list is null ? $"out of {job.Lists}" : $"in list {list}")}{(corrected ? ", written by us" : "")}.");
                    return new SessionOutcome.Done(LinePath.ChangeOfAuthorization, trail.ToString());
                case GardenCheck.Wrong { Why: var why, Leftover: var leftover }:
                    trail.Add($"API: {why}.");
                    if (leftover)
                    {
                        return null;
                    }

                    break;
            }
        }
        else
        {
            trail.Add("Not read back: the router's API is not known.");
        }

        // Into the garden, the acknowledgement has to do. Out of it, a leftover entry would keep a paying client inside: dialling in again is clean.
        return list is not null ? new SessionOutcome.Done(LinePath.ChangeOfAuthorization, trail.ToString()) : null;
    }

    private async Task<SessionOutcome> EndAsync(LineJob job, SessionPlace session, Trail trail, CancellationToken ct)
    {
        if (await AskAsync("Disconnect", "end of the session", session, trail, nas => coa.DisconnectAsync(nas, session.Coa, ct)))
        {
            await ClearGardenAsync(job, session, trail, ct);
            return new SessionOutcome.Done(LinePath.DisconnectRequest, trail.ToString());
        }

        return session.Router is { } router ? await RemoveAsync(job, session, router, trail, ct)
            : trail.SessionUnknown && session.IsAmbiguous ? new SessionOutcome.Open(trail.Add($"{session.NasName} shares its address, port and secret with another NAS, which may be the one that answered: whether the session is open is not known.").ToString())
            : trail.SessionUnknown ? new SessionOutcome.Gone(trail.ToString())
            : new SessionOutcome.Open(trail.Add("No API to fall back to.").ToString(), Waits: trail.NoAnswer);
    }

    private async Task<SessionOutcome> RemoveAsync(LineJob job, SessionPlace session, RouterEndpoint router, Trail trail, CancellationToken ct)
    {
        var removed = 0;
        for (var pass = 1; pass <= 2; pass++)
        {
            var found = await FindActiveAsync(router, session, ct);
            if (found.Trouble is { } trouble)
            {
                return new SessionOutcome.Open(trail.Add($"API: {trouble}").ToString(), found.Waits);
            }

            if (found.Rows.Count == 0)
            {
                await ClearGardenAsync(job, session, trail, ct);
                return removed == 0
                    ? new SessionOutcome.Gone(trail.Add("API: the router has no such session.").ToString())
                    : new SessionOutcome.Done(LinePath.RouterApi, trail.Add("API: session removed, and read back.").ToString());
            }

            if (pass == 1)
            {
                foreach (var (menu, id) in found.Rows)
                {
                    await gateway.RemoveAsync(router, menu, [id], ct); // its answer is not believed: the second pass reads what is there
                }

                removed = found.Rows.Count;
            }
        }

        return new SessionOutcome.Open(trail.Add("API: the session is still there after it was removed.").ToString());
    }

    private async Task<(List<(string Menu, string Id)> Rows, string? Trouble, bool Waits)> FindActiveAsync(RouterEndpoint router, SessionPlace session, CancellationToken ct)
    {
        var rows = new List<(string, string)>();
        foreach (var (menu, query, address) in ActiveMenus(session.Username))
        {
            switch (await gateway.PrintAsync(router, menu, query, [".id", address], ct))
            {
                case RouterOutcome.Done done:
                    rows.AddRange(done.Rows.Where(r => session.Address is null || r[address] == session.Address).Select(r => (menu, r.Id!)));
                    break;
                case RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand }:
                    break; // a router without the hotspot package has no such menu
                case RouterOutcome.Refused refused:
                    return ([], $"the router refused to list {menu}: {refused.Message}.", false);
                case RouterOutcome.Unknown unknown:
                    return ([], $"not reached: {unknown.Connect?.Message ?? unknown.Reason}", true);
            }
        }

        return (rows, null, false);
    }

    // The session has ended; an entry of ours would meet the next client that gets its address.
    private async Task ClearGardenAsync(LineJob job, SessionPlace session, Trail trail, CancellationToken ct)
    {
        if (session.Router is { } router
            && await garden.SettleAsync(router, job, null, job.Release ? session.Address : null, ct, job.Release ? null : session.Address) is GardenCheck.Right { Corrected: true })
        {
            trail.Add($"API: entry in {job.Lists} removed.");
        }
    }

    private async Task<bool> AskAsync(string how, string what, SessionPlace session, Trail trail, Func<CoaTarget, Task<CoaOutcome>> ask)
    {
        if (session.Nas is not { } nas)
        {
            trail.Add($"{how} not sent: {session.NasTrouble}");
            return false;
        }

        switch (await SendAsync(nas, ask))
        {
            case CoaOutcome.Acknowledged:
                silent.Heard(session.NasId);
                trail.Add($"{how} to {session.NasName}: {what} acknowledged.");
                return true;
            case CoaOutcome.Refused refused:
                silent.Heard(session.NasId);
                trail.Refused(refused.Cause).Add($"{how} to {session.NasName} refused: {refused.Text}{(refused.Cause is RadiusErrorCause.None ? "" : $" (Error-Cause {(uint)refused.Cause})")}.");
                return false;
            case CoaOutcome.NotPossible not:
                trail.Add($"{how} not sent to {session.NasName}: {not.Text}.");
                return false;
            case CoaOutcome.NoAnswer none:
                silent.WasSilent(session.NasId);
                trail.NoAnswer = true;
                trail.Add($"{how} to {session.NasName}: {none.Text}");
                return false;
            default:
                throw new InvalidOperationException("An outcome of a CoA that nobody thought of.");
        }
    }

    private static async Task<CoaOutcome> SendAsync(CoaTarget nas, Func<CoaTarget, Task<CoaOutcome>> ask)
    {
        try
        {
            return await ask(nas);
        }
        catch (SocketException trouble)
        {
            return new CoaOutcome.NoAnswer($"The packet could not be sent: {trouble.Message}.");
        }
    }
}
