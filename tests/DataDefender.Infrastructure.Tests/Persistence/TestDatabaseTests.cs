using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Persistence;

/// <summary>The test support itself: what other tests lean on.</summary>
public sealed class TestDatabaseTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task A_company_made_for_a_test_is_read_back(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateFullAsync(services);

        await using var db = company.Open();

        var subscription = await db.Subscriptions.SingleAsync();
        Assert.Equal(1, await db.NasDevices.CountAsync());
        Assert.Equal(company.Id, subscription.TenantId);
        Assert.Equal(services.Clock.Now, subscription.CreatedAt);
    }

    [Fact]
    public void A_timer_fires_when_the_clock_reaches_it_and_again_each_period()
    {
        var clock = new ManualClock();
        var seen = new List<TimeSpan>();
        var start = clock.GetUtcNow();
        using var timer = clock.CreateTimer(_ => seen.Add(clock.GetUtcNow() - start), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));

        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty(seen);

        clock.Advance(TimeSpan.FromSeconds(22));
        Assert.Equal([TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25)], seen);
        Assert.Equal(TimeSpan.FromSeconds(26), clock.GetUtcNow() - start);
    }
}
