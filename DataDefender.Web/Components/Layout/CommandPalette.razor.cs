using DataDefender.Domain.Search;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace DataDefender.Web.Components.Layout;

/// <summary>The search of the top bar: opened by "/" or Ctrl+K, walked by arrow keys.</summary>
public sealed partial class CommandPalette(NavigationManager navigation, IJSRuntime browser)
{
    private IReadOnlyList<SearchHit> _hits = [];
    private string _text = "";
    private int _chosen;

    protected override Task OnInitializedAsync() => FindAsync("");

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

    private Task Key(KeyboardEventArgs key)
    {
        switch (key.Key)
        {
            case "ArrowDown" when _hits.Count > 0:
                _chosen = (_chosen + 1) % _hits.Count;
                break;
            case "ArrowUp" when _hits.Count > 0:
                _chosen = (_chosen + _hits.Count - 1) % _hits.Count;
                break;
            case "Enter" when _chosen < _hits.Count:
                return GoAsync(_hits[_chosen]);
            default:
                break;
        }

        return Task.CompletedTask;
    }

    private async Task GoAsync(SearchHit hit)
    {
        await browser.InvokeVoidAsync("dataDefender.closeSearch");
        navigation.NavigateTo(hit.Href);
    }
}
