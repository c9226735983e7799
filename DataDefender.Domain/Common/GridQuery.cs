namespace DataDefender.Domain.Common;

/// <summary>What a list page asks for. <see cref="Page"/> counts from zero; <see cref="SortBy"/> is the name of a row's property.</summary>
public sealed record GridQuery(int Page = 0, int PageSize = 25, string? SortBy = null, bool Descending = false, string? Search = null)
{
    /// <summary>The search text, trimmed and lower-cased, or null. Searches run on lower-cased columns.</summary>
    public string? Term => string.IsNullOrWhiteSpace(Search) ? null : Search.Trim().ToLowerInvariant();
}

/// <summary>The place of a row in a list that is by time, then by id.</summary>
public sealed record ListKey(DateTime At, Guid Id);

/// <summary>One page of rows and how many there are in all.</summary>
public sealed record PageOf<T>(IReadOnlyList<T> Items, int Total);
