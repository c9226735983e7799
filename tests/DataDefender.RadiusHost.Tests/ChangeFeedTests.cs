using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.RadiusHost.Lines;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataDefender.RadiusHost.Tests;

/// <summary>What the feed of changes sees of transactions that end in another order than they began.</summary>
public sealed class ChangeFeedTests : IAsyncLifetime
{
    private readonly LineDirectory _directory = new();
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private DirectoryLoader _loader = null!;
    private ChangeFeed _feed = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync(DatabaseProvider.PostgreSql);
        _company = await TestCompany.CreateAsync(_services);
        var databases = _services.Provider.GetRequiredService<IPlatformDbFactory>();
        _loader = new DirectoryLoader(databases, _services.Vault, _directory, NullLogger<DirectoryLoader>.Instance);
        _feed = new ChangeFeed(databases, _loader, _directory, _services.Clock);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_suspension_whose_transaction_stood_still_for_minutes_is_seen_though_later_changes_were_seen_long_before()
    {
        var another = await TestCompany.CreateAsync(_services, "Another"); // in one company the audit trail lets one write after the other
        var (slow, quick) = (await _company.AddSubscriptionAsync(username: "slow"), await another.AddSubscriptionAsync(username: "quick"));
        await LoadAsync();
        await using var stuck = _company.Open();
        await using var transaction = await stuck.Database.BeginTransactionAsync(Ct);
        await SuspendAsync(stuck, slow.Id);

        await using (var other = another.Open())
        {
            await SuspendAsync(other, quick.Id);
        }

        Assert.True(await _feed.ApplyAsync(Ct));
        Assert.Equal(LoginOutcome.AcceptedWalledGarden, Outcome(quick));
        for (var i = 0; i < 10; i++)
        {
            _services.Clock.Advance(TimeSpan.FromSeconds(30));
            Assert.True(await _feed.ApplyAsync(Ct));
        }

        Assert.Equal(LoginOutcome.Accepted, Outcome(slow));
        await transaction.CommitAsync(Ct);
        _services.Clock.Advance(TimeSpan.FromSeconds(21));

        Assert.True(await _feed.ApplyAsync(Ct));

        Assert.Equal(LoginOutcome.AcceptedWalledGarden, Outcome(slow));
    }

    [Fact]
    public async Task A_change_that_was_under_way_at_the_start_is_seen_though_hundreds_of_later_ones_were_read_with_everything()
    {
        var line = await _company.AddSubscriptionAsync(username: "slow");
        await using var stuck = _company.Open();
        await using var transaction = await stuck.Database.BeginTransactionAsync(Ct);
        await SuspendAsync(stuck, line.Id);
        await using (var other = _company.Open())
        {
            other.RadiusChanges.AddRange(Enumerable.Range(0, 700).Select(_ => new RadiusChange { TenantId = _company.Id, Kind = nameof(Subscription), EntityId = Guid.CreateVersion7(), At = _services.Clock.Now }));
            await other.SaveChangesAsync(Ct);
        }

        await LoadAsync();
        await transaction.CommitAsync(Ct);
        _services.Clock.Advance(TimeSpan.FromSeconds(21));

        Assert.True(await _feed.ApplyAsync(Ct));

        Assert.Equal(LoginOutcome.AcceptedWalledGarden, Outcome(line));
    }

    private async Task LoadAsync()
    {
        await _feed.StartAsync(Ct);
        _directory.Replace(await _loader.LoadAllAsync(Ct), DirectorySource.Database);
    }

    private async Task SuspendAsync(DataDefenderDbContext db, Guid line)
    {
        (await db.Subscriptions.SingleAsync(s => s.Id == line, Ct)).Suspend(SuspendReason.Unpaid, null, _services.Clock.Now);
        await db.SaveChangesAsync(Ct);
    }

    private LoginOutcome Outcome(Subscription line) => _directory.Content.Companies[line.TenantId].Find(line.Id)!.TermsAt(_services.Clock.Now.Ticks).Template.Outcome;
}
