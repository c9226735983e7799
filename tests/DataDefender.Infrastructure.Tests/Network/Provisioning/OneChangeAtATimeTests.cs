using DataDefender.Domain.Provisioning;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

public sealed class OneChangeAtATimeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Of_the_changes_of_one_router_one_is_under_way_and_others_wait_for_their_roll_outs(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var router = await company.AddRouterAsync();
        await using var db = company.Open();
        var (first, held) = (New(), New());
        held.Hold();
        db.AddRange(first, held);
        await db.SaveChangesAsync(Ct);

        await using (var faster = company.Open())
        {
            faster.Add(New());
            await Assert.ThrowsAsync<DbUpdateException>(() => faster.SaveChangesAsync(Ct));
        }

        first.Take(services.Clock.Now);
        first.End(RunStatus.Done, null, services.Clock.Now);
        await db.SaveChangesAsync(Ct);
        held.Release(services.Clock.Now);
        await db.SaveChangesAsync(Ct);
        Assert.Equal(2, await db.ProvisioningRuns.CountAsync(Ct));

        ProvisioningRun New() => new(new RouterPlan(router.Id, router.Name, "7.22.3 (stable)", [], []), company.Id, takesOver: false, null, "test", services.Clock.Now);
    }
}
