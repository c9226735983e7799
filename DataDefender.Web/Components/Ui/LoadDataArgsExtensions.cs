using DataDefender.Domain.Common;
using Radzen;

namespace DataDefender.Web.Components.Ui;

public static class LoadDataArgsExtensions
{
    private const int MaxPageSize = 100;

    /// <summary>The grid's request in our terms. Its filter strings are never used: they are LINQ text from the browser.</summary>
    public static GridQuery ToQuery(this LoadDataArgs args, string? search = null)
    {
        var size = Math.Clamp(args.Top ?? 25, 1, MaxPageSize);
        var sort = args.Sorts?.FirstOrDefault();
        return new GridQuery((args.Skip ?? 0) / size, size, sort?.Property, sort?.SortOrder is SortOrder.Descending, search);
    }
}
