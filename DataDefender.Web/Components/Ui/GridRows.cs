using DataDefender.Domain.Common;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Ui;

/// <summary>The rows of a page that is one list: a page of them as the grid asks, read again when the address asks for others, and what went wrong.</summary>
public sealed class GridRows<TRow>
    where TRow : notnull
{
    private object? _shown;

    /// <summary>Null while the page shows something else: an empty state, an error.</summary>
    public RadzenDataGrid<TRow>? Grid { get; set; }

    /// <summary>Null until the first load: Radzen asks for data by itself only while it has none.</summary>
    public PageOf<TRow>? Page { get; private set; }

    public Exception? Failure { get; private set; }

    /// <summary>For the grid's LoadData. <paramref name="asked"/> is what the address asked for at that moment.</summary>
    public async Task LoadAsync(object? asked, Func<Task<PageOf<TRow>>> read)
    {
        _shown = asked;
        try
        {
            Page = await read();
        }
        catch (Exception failure)
        {
            Failure = failure;
        }
    }

    /// <summary>For OnParametersSetAsync: reads again, from the first page, when the address asks for something else than is shown.</summary>
    public Task FollowAsync(object? asked) => Page is null || Equals(asked, _shown) ? Task.CompletedTask : ReloadAsync(fromFirst: true);

    /// <summary>Reads again where the reader is.</summary>
    public Task ReloadAsync() => ReloadAsync(fromFirst: false);

    public void Retry() => (Failure, Page) = (null, null);

    private async Task ReloadAsync(bool fromFirst)
    {
        if (Grid is not { } grid)
        {
            Page = null; // the grid comes back with the next render and loads by itself
        }
        else if (fromFirst)
        {
            await grid.FirstPage(forceReload: true);
        }
        else
        {
            await grid.Reload();
        }
    }
}
