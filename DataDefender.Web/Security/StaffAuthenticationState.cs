using System.Security.Claims;
using DataDefender.Domain.Security;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace DataDefender.Web.Security;

/// <summary>
/// Asks again and again whether the circuit's session still lives, and at once when this process ends some session. When it has ended,
/// the circuit's user loses every permission and the screen becomes the sign-in page.
/// </summary>
internal sealed partial class StaffAuthenticationState(
    ILoggerFactory logs, ISessionDirectory sessions, StaffPrincipal staff, CurrentUser user) : RevalidatingServerAuthenticationStateProvider(logs)
{
    private readonly ILogger _log = logs.CreateLogger<StaffAuthenticationState>();
    private IDisposable? _watch;
    private int _ended;

    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    /// <summary>Follows the directory's news for as long as the circuit lives.</summary>
    public void Follow() => _watch ??= sessions.Watch(() => _ = LookNowAsync());

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        try
        {
            if (await IsUnchangedAsync(authenticationState.User, cancellationToken))
            {
                return true;
            }
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            CouldNotAsk(_log, ex); // a database that is away signs nobody out
            return true;
        }

        user.End();
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _watch?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The same company and the same rights as when the circuit opened: a circuit cannot change either, so it ends instead.</summary>
    private async Task<bool> IsUnchangedAsync(ClaimsPrincipal shown, CancellationToken ct) =>
        await staff.RefreshAsync(shown, ct) is { } current
        && Texts(current).SetEquals(Texts(shown));

    private static HashSet<string> Texts(ClaimsPrincipal principal) =>
        principal.Claims.Where(c => c.Type is StaffPrincipal.PermissionClaim or StaffPrincipal.VisitCompanyClaim or ClaimTypes.Role or "company").Select(c => $"{c.Type}={c.Value}").ToHashSet(StringComparer.Ordinal);

    private async Task LookNowAsync()
    {
        try
        {
            var state = await GetAuthenticationStateAsync();
            if (state.User.Identity?.IsAuthenticated is true
                && !await ValidateAuthenticationStateAsync(state, CancellationToken.None)
                && Interlocked.Exchange(ref _ended, 1) == 0)
            {
                SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
            }
        }
        catch (Exception ex)
        {
            CouldNotAsk(_log, ex);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A session could not be checked")]
    private static partial void CouldNotAsk(ILogger log, Exception exception);
}
