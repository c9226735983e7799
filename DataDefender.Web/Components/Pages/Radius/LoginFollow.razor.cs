using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace DataDefender.Web.Components.Pages.Radius;

/// <summary>
/// The live log of logins. RadiusHost's pulse says each second that there may be news; what is new is then read, at most twice a second
/// however much comes.
/// </summary>
public sealed partial class LoginFollow(LoginLogService logins, LiveMetrics metrics, TenantContext tenant, Formats formats, IJSRuntime browser, TimeProvider clock)
{
    private const int MostRows = 300;
    private const int AtFirst = 50;

    /// <summary>Ids are given before they are committed, and two RadiusHosts may overtake each other: a look goes back this many and takes what it lacks.</summary>
    private const int Overlap = 1_000;

    private static readonly TimeSpan Recent = TimeSpan.FromHours(24);

    private readonly SortedSet<long> _seen = [];
    private List<LoginRow> _rows = [];
    private List<LoginRow> _waiting = [];
    private ElementReference _list;
    private DotNetObjectReference<LoginFollow>? _self;
    private LoginFilter? _followed;
    private long _before;
    private long _newest;
    private bool _isPaused;
    private bool _reading;

    /// <summary>Which logins; its period is not looked at.</summary>
    [Parameter, EditorRequired]
    public LoginFilter Filter { get; set; } = default!;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchRadius(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(5)); // RADIUS may be silent, and logins of before still be stored
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = Filter with { From = default, Until = default };
        if (wanted == _followed)
        {
            return;
        }

        _followed = wanted;
        (_waiting, _before, _newest) = ([], 0, 0);
        _seen.Clear();
        _rows = await NewestAsync(AtFirst);
        _before = _newest = _rows.Count > 0 ? _rows.Max(r => r.Id) : 0;
    }

    protected override Task RefreshAsync() => ReadAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            await browser.InvokeVoidAsync("dataDefender.watchScroll", _list, _self);
        }
    }

    /// <summary>Called by the browser when the list leaves its top or comes back to it.</summary>
    [JSInvokable]
    public void Scrolled(bool isAtTop)
    {
        _isPaused = !isAtTop;
        if (isAtTop)
        {
            ShowWaiting();
        }

        StateHasChanged();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _self?.Dispose();
    }

    private async Task<List<LoginRow>> NewestAsync(int most)
    {
        var after = Math.Max(_before, _newest - Overlap);
        return [.. await logins.NewestAsync(_followed! with { From = Now - Recent, Until = Now.AddDays(1) }, after, most)];
    }

    private async Task ReadAsync()
    {
        if (_reading || _followed is not { } asked)
        {
            return; // a slow database must not pile up questions
        }

        _reading = true;
        try
        {
            var page = await NewestAsync(MostRows);
            if (asked == _followed) // else another filter was chosen meanwhile
            {
                Take(page);
            }
        }
        catch (Exception) when (_rows.Count > 0)
        {
            // The database is away for a moment; the times in the list say how old it is.
        }
        finally
        {
            _reading = false;
        }
    }

    private void Take(List<LoginRow> page)
    {
        _waiting = NewestFirst([.. page.Where(r => _seen.Add(r.Id)), .. _waiting]);
        _newest = page.Count > 0 ? Math.Max(_newest, page.Max(r => r.Id)) : _newest;
        _seen.RemoveWhere(id => id <= _newest - Overlap);
        if (!_isPaused)
        {
            ShowWaiting();
        }
    }

    private void ShowWaiting() => (_rows, _waiting) = (NewestFirst([.. _waiting, .. _rows]), []);

    private static List<LoginRow> NewestFirst(IEnumerable<LoginRow> rows) => [.. rows.OrderByDescending(r => r.At).ThenByDescending(r => r.Id).Take(MostRows)];

    private async Task ResumeAsync()
    {
        _isPaused = false;
        ShowWaiting();
        await browser.InvokeVoidAsync("dataDefender.scrollToTop", _list);
    }
}
