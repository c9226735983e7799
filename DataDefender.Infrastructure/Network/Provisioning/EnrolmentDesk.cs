using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>
/// Where new routers come in: nobody is signed in, the token alone says whose router it is. What the router asks for is answered, and what
/// has arrived of it is taken down; then its API is tried, and it is registered when it says who it is.
/// </summary>
public sealed partial class EnrolmentDesk
{
    private const string Part = "enrolment";
    private const int TokenLength = 48;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);

    private readonly IPlatformDbFactory _platform;
    private readonly TenantScopes _scopes;
    private readonly ISecretVault _vault;
    private readonly IRouterGateway _gateway;
    private readonly LiveMetrics _live;
    private readonly TimeProvider _clock;
    private readonly ILogger<EnrolmentDesk> _log;

    public EnrolmentDesk(IPlatformDbFactory platform, TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, LiveMetrics live, TimeProvider clock, ILogger<EnrolmentDesk> log) =>
        (_platform, _scopes, _vault, _gateway, _live, _clock, _log) = (platform, scopes, vault, gateway, live, clock, log);

    private DateTime Now => _clock.GetUtcNow().UtcDateTime;

    /// <summary>The script of a token that is still open; null for any other, without saying why.</summary>
    public async Task<string?> ScriptAsync(string token, string address, CancellationToken ct)
    {
        if (await FindAsync(token, ct) is not { } place)
        {
            return null;
        }

        var cipher = await _vault.OpenAsync(place.Tenant, ct);
        await using var scope = _scopes.Open(place.Tenant, Part);
        await using var db = await OpenAsync(scope, ct);
        var enrolment = await db.Enrolments.SingleAsync(e => e.Id == place.Id, ct);
        var design = (await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct))?.Design ?? NetworkDesign.None;
        var (mark, name) = Marks.Of(place.Tenant);
        var tunnel = enrolment.TunnelAddress is { } inside && design.Hub() is { } hub
            ? new EnrolmentTunnel(inside, hub.Network.PrefixLength, design.HubKey, hub.Host, hub.Port, hub.Network.ToString())
            : null;
        if (tunnel is null && DesignText.List(design.ManagementNetworks).Count == 0)
        {
            return null; // whoever manages the routers was taken out of the design since the line was made
        }

        enrolment.Fetch(Now);
        await db.SaveAsync(ct);
        _live.Announce(place.Tenant);
        return EnrolmentScript.Of(new EnrolmentScriptFacts(
            address, token, mark, name, EnrolmentService.Username, cipher.Reveal(enrolment.PasswordPlace(), enrolment.PasswordCipher), enrolment.ApiPort, DesignText.List(design.ManagementNetworks), tunnel));
    }

    /// <summary>The script has begun. False for a token that is not open.</summary>
    public Task<bool> RanAsync(string token, CancellationToken ct) => ChangeAsync(token, e => e.Run(Now), ct);

    /// <summary>The script came to its end; the token is used up. False for one that is not open.</summary>
    public Task<bool> HomeAsync(string token, string from, string? publicKey, CancellationToken ct) => ChangeAsync(token, e => e.CallHome(from, publicKey, Now), ct);

    /// <summary>Tries every router that has called home and is due. Returns how many were tried.</summary>
    internal async Task<int> TryDueAsync(CancellationToken ct)
    {
        List<(Guid Tenant, Guid Id)> due;
        await using (var db = await _platform.OpenAsync(ct))
        {
            var (now, oldest) = (Now, Now - Enrolment.Patience);
            due = (await db.Enrolments.AcrossTenants().AsNoTracking()
                .Where(e => e.CalledHomeAt != null && e.CalledHomeAt > oldest && e.RegisteredAt == null && e.CancelledAt == null && e.GivenUpAt == null && e.NextTryAt <= now)
                .Where(e => !e.AwaitsHub)
                .Select(e => new { e.TenantId, e.Id }).Take(100).ToListAsync(ct)).ConvertAll(e => (e.TenantId, e.Id));
        }

        await Task.WhenAll(due.Select(async e =>
        {
            try
            {
                await TryAsync(e.Tenant, e.Id, ct);
            }
            catch (Exception trouble) when (trouble is not OperationCanceledException)
            {
                NotTried(_log, e.Id, trouble);
            }
        }));
        return due.Count;
    }

    private async Task TryAsync(Guid tenant, Guid id, CancellationToken ct)
    {
        var cipher = await _vault.OpenAsync(tenant, ct);
        Enrolment seen;
        await using (var scope = _scopes.Open(tenant, Part))
        {
            await using var db = await OpenAsync(scope, ct);
            seen = await db.Enrolments.AsNoTracking().SingleAsync(e => e.Id == id, ct);
        }

        var password = cipher.Reveal(seen.PasswordPlace(), seen.PasswordCipher);
        var endpoint = new RouterEndpoint(Guid.CreateVersion7(), seen.ApiHost!, seen.ApiPort, UseTls: true, null, EnrolmentService.Username, password);
        var test = await _gateway.TestAsync(endpoint, ct);
        await using (var scope = _scopes.Open(tenant, Part))
        {
            await using var db = await OpenAsync(scope, ct);
            var enrolment = await db.Enrolments.SingleAsync(e => e.Id == id, ct);
            if (enrolment.RegisteredAt is not null || enrolment.CancelledAt is not null || enrolment.GivenUpAt is not null)
            {
                return;
            }

            switch (test)
            {
                case RouterTest.Failed failed:
                    enrolment.Fail($"{seen.ApiHost}:{seen.ApiPort}: {failed.Failure.Message}", Now + BetweenTries);
                    break;
                case RouterTest.Passed passed:
                    enrolment.Reach($"{passed.Identity}, {passed.Board}, RouterOS {passed.Version}", Now);
                    await RegisterAsync(scope, db, cipher, enrolment, passed, password, ct);
                    break;
                default:
                    throw new InvalidOperationException($"A test ended as {test.GetType().Name}.");
            }

            await db.SaveAsync(ct);
        }

        _live.Announce(tenant);
    }

    private async Task RegisterAsync(AsyncServiceScope scope, IDataDefenderDb db, ITenantCipher cipher, Enrolment enrolment, RouterTest.Passed passed, string password, CancellationToken ct)
    {
        try
        {
            await scope.ServiceProvider.GetRequiredService<LicenceGuard>().DemandRouterAsync(db, ct);
        }
        catch (DomainException full)
        {
            enrolment.Fail(full.Message, Now + TimeSpan.FromMinutes(1));
            return;
        }

        var name = await db.Routers.AnyAsync(r => r.Name == enrolment.Name, ct) ? $"{enrolment.Name} {enrolment.Id.ToString("N")[^4..]}" : enrolment.Name;
        var router = new Router(enrolment.TenantId, new RouterInput { Name = name, Host = enrolment.ApiHost!, ApiPort = enrolment.ApiPort, UseTls = true, Username = EnrolmentService.Username }, Now);
        router.SetPassword(cipher.Protect(router.PasswordPlace(), password));
        router.PinCertificate(passed.Certificate?.Fingerprint);
        router.Describe(passed.Identity, passed.Board, passed.Version, null);
        if (enrolment.Site is { } site)
        {
            router.StandAt(await SiteService.NamedAsync(db, site, Now, ct));
        }

        db.Routers.Add(router);
        db.NetworkEvents.Add(new NetworkEvent { TenantId = enrolment.TenantId, At = Now, RouterId = router.Id, Kind = "router.enrolled", Message = $"{name} called home from {enrolment.CalledFrom} and was registered: {enrolment.Identity}." });
        enrolment.Register(router.Id, Now);
    }

    private async Task<bool> ChangeAsync(string token, Action<Enrolment> change, CancellationToken ct)
    {
        if (await FindAsync(token, ct) is not { } place)
        {
            return false;
        }

        await using var scope = _scopes.Open(place.Tenant, Part);
        await using var db = await OpenAsync(scope, ct);
        change(await db.Enrolments.SingleAsync(e => e.Id == place.Id, ct));
        await db.SaveAsync(ct);
        _live.Announce(place.Tenant);
        return true;
    }

    private async Task<(Guid Tenant, Guid Id)?> FindAsync(string token, CancellationToken ct)
    {
        if (token.Length != TokenLength)
        {
            return null;
        }

        var (hash, now) = (Enrolment.Hash(token), Now);
        await using var db = await _platform.OpenAsync(ct);
        var found = await db.Enrolments.AcrossTenants().AsNoTracking()
            .Where(e => e.TokenHash == hash && e.CancelledAt == null && e.CalledHomeAt == null && e.ExpiresAt > now)
            .Where(e => db.Companies.Any(c => c.Id == e.TenantId && c.Status == CompanyStatus.Active))
            .Select(e => new { e.TenantId, e.Id }).SingleOrDefaultAsync(ct);
        return found is null ? null : (found.TenantId, found.Id);
    }

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);

    [LoggerMessage(Level = LogLevel.Error, Message = "The router of enrolment {Enrolment} could not be tried")]
    private static partial void NotTried(ILogger log, Guid enrolment, Exception trouble);
}
