using System.Collections.Concurrent;
using System.Collections.Immutable;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Identity;

/// <summary>Asks the database about a session at most every 30 seconds, and notes then that it was in use.</summary>
internal sealed class SessionDirectory(ContextSource source, TimeProvider clock, IOptions<SignInRules> options) : ISessionDirectory
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<Guid, Known<SignedInPerson>> _sessions = new();
    private readonly ConcurrentDictionary<Guid, Known<CompanyProfile>> _companies = new();
    private ImmutableArray<Watcher> _watchers = [];

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async ValueTask<SignedInPerson?> FindAsync(Guid sessionId, CancellationToken ct = default)
    {
        if (_sessions.TryGetValue(sessionId, out var known) && Now - known.ReadAt < Freshness)
        {
            return known.Value;
        }

        var person = await ReadAsync(sessionId, ct);
        Prune();
        _sessions[sessionId] = new(Now, person);
        return person;
    }

    public async ValueTask<CompanyProfile?> FindCompanyAsync(Guid companyId, CancellationToken ct = default)
    {
        if (_companies.TryGetValue(companyId, out var known) && Now - known.ReadAt < Freshness)
        {
            return known.Value;
        }

        await using var db = source.Create(null, null);
        var company = await db.Companies.AsNoTracking().SingleOrDefaultAsync(c => c.Id == companyId, ct);
        var profile = company is null ? null : Profile(company);
        _companies[companyId] = new(Now, profile);
        return profile;
    }

    public void Refresh(Guid? accountId)
    {
        foreach (var (id, known) in _sessions)
        {
            if (accountId is null || known.Value?.AccountId == accountId)
            {
                _sessions.TryRemove(id, out _);
            }
        }

        _companies.Clear();
        foreach (var watcher in _watchers)
        {
            watcher.Changed();
        }
    }

    public IDisposable Watch(Action changed)
    {
        var watcher = new Watcher(this, changed);
        ImmutableInterlocked.Update(ref _watchers, static (all, w) => all.Add(w), watcher);
        return watcher;
    }

    private static CompanyProfile Profile(Company company) => new(company.Id, company.Name, company.TimeZone, company.Currency);

    private async Task<SignedInPerson?> ReadAsync(Guid sessionId, CancellationToken ct)
    {
        await using var db = source.Create(null, null);
        var session = await db.SignInSessions.SingleOrDefaultAsync(s => s.Id == sessionId, ct);
        var idleSince = Now.AddHours(-options.Value.IdleHours);
        var createdAfter = Now.AddHours(-options.Value.AbsoluteHours);
        if (session is null || session.RevokedAt is not null || session.LastSeenAt < idleSince || session.CreatedAt < createdAfter)
        {
            return null;
        }

        var account = await db.Users.AsNoTracking().SingleAsync(a => a.Id == session.AccountId, ct);
        Company? company = null;
        if (account.TenantId is { } tenantId)
        {
            company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == tenantId, ct);
        }

        if (account.IsDisabled || company is { Status: not CompanyStatus.Active })
        {
            return null;
        }

        if (Now - session.LastSeenAt >= TouchEvery)
        {
            session.LastSeenAt = Now;
            await db.SaveChangesAsync(ct);
        }

        return new SignedInPerson(
            session.Id, account.Id, account.DisplayName, account.Email ?? "", account.Role, company is null ? null : Profile(company), session.Method, session.CreatedAt,
            await MustEnrolAsync(db, account, ct));
    }

    private async Task<bool> MustEnrolAsync(DataDefenderDbContext db, SignInAccount account, CancellationToken ct) =>
        options.Value.RequireSecondFactorForSuperAdmins
        && account is { Role: Role.SuperAdmin, TwoFactorEnabled: false }
        && !await db.UserPasskeys.AnyAsync(p => p.UserId == account.Id, ct);

    private void Prune()
    {
        if (_sessions.Count < 5000)
        {
            return;
        }

        foreach (var (id, known) in _sessions.Where(s => Now - s.Value.ReadAt >= Freshness))
        {
            _sessions.TryRemove(new KeyValuePair<Guid, Known<SignedInPerson>>(id, known));
        }
    }

    private sealed record Known<T>(DateTime ReadAt, T? Value) where T : class;

    private sealed class Watcher(SessionDirectory owner, Action changed) : IDisposable
    {
        public void Changed() => changed();

        public void Dispose() => ImmutableInterlocked.Update(ref owner._watchers, static (all, w) => all.Remove(w), this);
    }
}
