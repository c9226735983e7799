using DataDefender.Domain.Common;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Lines;

/// <summary>A short list on a page of one thing, newest first, paged by the server.</summary>
public sealed partial class PagedList<TRow> : ComponentBase
{
    private PageOf<TRow>? _page;
    private Exception? _failure;
    private int _at;
    private object? _shownOf;
    private object? _shownBeat;

    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    /// <summary>Said instead of an empty table.</summary>
    [Parameter, EditorRequired]
    public string Empty { get; set; } = "";

    /// <summary>Whose rows these are; another one starts from the newest page.</summary>
    [Parameter, EditorRequired]
    public object Of { get; set; } = default!;

    /// <summary>A change of this reads the page that is shown again.</summary>
    [Parameter]
    public object? Beat { get; set; }

    [Parameter, EditorRequired]
    public Func<GridQuery, Task<PageOf<TRow>>> Load { get; set; } = default!;

    /// <summary>The cells of the header.</summary>
    [Parameter, EditorRequired]
    public RenderFragment Head { get; set; } = default!;

    /// <summary>The cells of one row.</summary>
    [Parameter, EditorRequired]
    public RenderFragment<TRow> Row { get; set; } = default!;

    [Parameter]
    public int PageSize { get; set; } = 6;

    protected override Task OnParametersSetAsync()
    {
        var same = Equals(Of, _shownOf);
        if (same && Equals(Beat, _shownBeat))
        {
            return Task.CompletedTask;
        }

        (_shownOf, _shownBeat) = (Of, Beat);
        return LoadAsync(same ? _at : 0);
    }

    private async Task LoadAsync(int page)
    {
        try
        {
            _page = await Load(new GridQuery(page, PageSize));
            (_at, _failure) = (page, null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }
}
