using DataDefender.Domain.Search;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace DataDefender.Web.Components.Layout;

/// <summary>The search of the top bar: opened by "/" or Ctrl+K, walked by arrow keys.</summary>
public sealed partial class CommandPalette(NavigationManager navigation, IJSRuntime browser)
{
    private ElementReference _field;
    private IReadOnlyList<SearchHit> _hits = [];
    private string _text = "";
    private int _chosen;
    private bool _open;
    private bool _focus;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus)
        {
            _focus = false;
            await browser.InvokeVoidAsync("dataDefender.focus", _field);
        }
    }

    /// <summary>Shows the search with its field focused.</summary>
    public async Task OpenAsync()
    {
        (_open, _focus) = (true, true);
        await FindAsync("");
        StateHasChanged();
    }

    private void Close() => _open = false;

    private Task TypedAsync(ChangeEventArgs typed) => FindAsync(typed.Value as string ?? "");

    private async Task FindAsync(string text)
    {
        (_text, _chosen) = (text, 0);
        var hits = await Palette.FindAsync(text);
        if (text == _text)
        {
            _hits = hits; // an answer to what has been typed over since is not shown
        }
    }

    private void KeyAsync(KeyboardEventArgs key)
    {
        switch (key.Key)
        {
            case "Escape":
                Close();
                break;
            case "ArrowDown" when _hits.Count > 0:
                _chosen = (_chosen + 1) % _hits.Count;
                break;
            case "ArrowUp" when _hits.Count > 0:
                _chosen = (_chosen + _hits.Count - 1) % _hits.Count;
                break;
            case "Enter" when _chosen < _hits.Count:
                Go(_hits[_chosen]);
                break;
            default:
                break;
        }
    }

    private void Go(SearchHit hit)
    {
        Close();
        navigation.NavigateTo(hit.Href);
    }
}
