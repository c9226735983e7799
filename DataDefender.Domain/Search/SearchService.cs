using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Search;

/// <summary>One thing that was found: what it is, what tells it apart, and the page that opens it.</summary>
public sealed record SearchHit(string Kind, string Title, string Detail, string Href);

/// <summary>The search of the top bar, over everything of the company that the person may see. At most a handful of each kind.</summary>
public sealed class SearchService(IDataDefenderDbFactory dbFactory, CurrentUser user)
{
    private const int EachKind = 6;
    private const int MinimumLength = 2;

    public async Task<IReadOnlyList<SearchHit>> FindAsync(string text, CancellationToken ct = default)
    {
        if (SearchTerm.Of(text) is not { } term || term.Text.Length < MinimumLength)
        {
            return [];
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var hits = new List<SearchHit>();
        if (user.Has(Permissions.ViewClients))
        {
            hits.AddRange(await ClientsAsync(db, term, ct));
            hits.AddRange(await LinesAsync(db, term, ct));
        }

        if (user.Has(Permissions.ViewNetwork))
        {
            hits.AddRange(await RoutersAsync(db, term.Text, ct));
        }

        if (user.Has(Permissions.ViewPackages))
        {
            hits.AddRange(await PackagesAsync(db, term.Text, ct));
        }

        return hits;
    }

    private static async Task<IEnumerable<SearchHit>> ClientsAsync(IDataDefenderDb db, SearchTerm term, CancellationToken ct)
    {
        var clients = await term.Clients(db).AsNoTracking()
            .OrderBy(c => c.Name).ThenBy(c => c.Id).Take(EachKind)
            .Select(c => new { c.Id, c.Name, c.AccountNumber, c.Phone })
            .ToListAsync(ct);
        return clients.Select(c => new SearchHit("Client", c.Name, $"Account {c.AccountNumber} · {PhoneNumber.Format(c.Phone)}", $"/clients/{c.Id}"));
    }

    private async Task<IEnumerable<SearchHit>> LinesAsync(IDataDefenderDb db, SearchTerm term, CancellationToken ct)
    {
        var lines = await (from line in term.Lines(db).AsNoTracking()
                           join client in db.Clients on line.ClientId equals client.Id
                           orderby line.Username
                           select new { client.Id, Line = line.Id, client.Name, line.Username, line.StaticAddress, line.State }).Take(EachKind).ToListAsync(ct);
        var hits = lines.Select(l => new SearchHit("Line", l.Username, string.Join(" · ", new[] { l.Name, l.State.ToString(), l.StaticAddress }.OfType<string>()), $"/clients/{l.Id}?line={l.Line}"));

        // Whoever searches for one line mostly has its client on the telephone.
        return user.Has(Permissions.ViewNetwork) && lines is [var only] ? [.. hits, new SearchHit("Diagnosis", $"Why is {only.Username} offline?", only.Name, $"/clients/{only.Id}?line={only.Line}&why=true")] : hits;
    }

    private static async Task<IEnumerable<SearchHit>> RoutersAsync(IDataDefenderDb db, string term, CancellationToken ct)
    {
        var routers = await db.Routers.AsNoTracking()
            .Where(r => r.Name.ToLower().Contains(term) || r.Host.ToLower().Contains(term) || db.Sites.Any(s => s.Id == r.SiteId && s.Name.ToLower().Contains(term)))
            .OrderBy(r => r.Name).ThenBy(r => r.Id).Take(EachKind)
            .Select(r => new { r.Id, r.Name, r.Host, Site = db.Sites.Where(s => s.Id == r.SiteId).Select(s => s.Name).FirstOrDefault() })
            .ToListAsync(ct);
        return routers.Select(r => new SearchHit("Router", r.Name, r.Site is null ? r.Host : $"{r.Site} · {r.Host}", $"/routers/{r.Id}"));
    }

    private static async Task<IEnumerable<SearchHit>> PackagesAsync(IDataDefenderDb db, string term, CancellationToken ct)
    {
        var packages = await db.Packages.AsNoTracking()
            .Where(p => p.Name.ToLower().Contains(term))
            .OrderBy(p => p.Name).ThenBy(p => p.Id).Take(EachKind)
            .Select(p => new { p.Name, p.DownloadKbps, p.UploadKbps })
            .ToListAsync(ct);
        return packages.Select(p => new SearchHit("Package", p.Name, $"{p.DownloadKbps / 1000m:0.##}/{p.UploadKbps / 1000m:0.##} Mbps", $"/packages?q={Uri.EscapeDataString(p.Name)}"));
    }
}
