using DataDefender.Domain.Search;
using DataDefender.Domain.Security;
using DataDefender.Web.Security;

namespace DataDefender.Web.Components.Layout;

/// <summary>What the search offers: what the company holds, then pages by name; before anything is typed, the pages.</summary>
public sealed class SearchPalette(SearchService search, CurrentUser user, Workplace workplace)
{
    public async Task<IReadOnlyList<SearchHit>> FindAsync(string text)
    {
        var term = text.Trim();
        var pages = Navigation.For(user, workplace)
            .Where(item => term.Length == 0 || Matches(item, term))
            .Select(item => new SearchHit("Page", item.Text, item.Group, item.Href));
        return workplace.Company is null ? [.. pages] : [.. await search.FindAsync(term), .. pages];
    }

    private static bool Matches(NavigationItem item, string term) =>
        item.Text.Contains(term, StringComparison.OrdinalIgnoreCase)
        || item.Words.Split(' ').Any(word => word.StartsWith(term, StringComparison.OrdinalIgnoreCase));
}
