using DataDefender.Domain.Provisioning;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>Whose a tunnel address is, and when it is free again.</summary>
public sealed class TunnelTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_address_of_a_line_that_expired_was_called_off_or_never_answered_is_free_again_and_no_other()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var now = world.Clock.GetUtcNow().UtcDateTime;
        var open = await AddAsync(world, "10.99.0.2", _ => { });
        var off = await AddAsync(world, "10.99.0.3", e => e.Cancel(now));
        var home = await AddAsync(world, "10.99.0.4", e => e.CallHome("192.0.2.9", new string('A', 43) + "=", now));
        var registered = await AddAsync(world, "10.99.0.5", e =>
        {
            e.CallHome("192.0.2.9", new string('B', 43) + "=", now);
            e.Register(world.RouterId, now);
        });

        await world.KeepTunnelsAsync();
        Assert.Equal(["10.99.0.2", null, "10.99.0.4", "10.99.0.5"], await AddressesAsync(world, open, off, home, registered));

        world.Clock.Advance(Enrolment.Life + TimeSpan.FromMinutes(1));
        await world.KeepTunnelsAsync();
        Assert.Equal([null, null, "10.99.0.4", "10.99.0.5"], await AddressesAsync(world, open, off, home, registered));

        world.Clock.Advance(Enrolment.Patience);
        await world.KeepTunnelsAsync();
        Assert.Equal([null, null, null, "10.99.0.5"], await AddressesAsync(world, open, off, home, registered));
        await using var db = world.Company.Open();
        Assert.NotNull((await db.Enrolments.SingleAsync(e => e.Id == home, Ct)).GivenUpAt);
    }

    [Theory]
    [EachDatabase]
    public async Task Two_enrolments_of_one_moment_cannot_have_one_address_and_many_may_have_none(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider);
        var (company, other) = (await TestCompany.CreateAsync(services), await TestCompany.CreateAsync(services));
        await using (var db = company.Open())
        {
            db.Enrolments.AddRange(New(company, "10.99.0.2"), New(company, null), New(company, null));
            await db.SaveChangesAsync(Ct);
        }

        await using (var db = other.Open())
        {
            db.Enrolments.Add(New(other, "10.99.0.2")); // another company's tunnels are its own
            await db.SaveChangesAsync(Ct);
        }

        await using var late = company.Open();
        late.Enrolments.Add(New(company, "10.99.0.2"));
        await Assert.ThrowsAsync<DbUpdateException>(() => late.SaveChangesAsync(Ct));
    }

    private static async Task<Guid> AddAsync(ProvisioningFixture world, string address, Action<Enrolment> become)
    {
        await using var db = world.Company.Open();
        var enrolment = New(world.Company, address, world.Clock.GetUtcNow().UtcDateTime);
        become(enrolment);
        db.Enrolments.Add(enrolment);
        await db.SaveChangesAsync(Ct);
        return enrolment.Id;
    }

    private static async Task<IReadOnlyList<string?>> AddressesAsync(ProvisioningFixture world, params Guid[] ids)
    {
        await using var db = world.Company.Open();
        var all = await db.Enrolments.AsNoTracking().ToDictionaryAsync(e => e.Id, e => e.TunnelAddress, Ct);
        return [.. ids.Select(id => all[id])];
    }

    private static Enrolment New(TestCompany company, string? address, DateTime? now = null) =>
        new(company.Id, new EnrolmentInput { Name = "R" }, Enrolment.Hash(Enrolment.NewToken()), address, "test", now ?? new DateTime(2026, 3, 2, 8, 0, 0, DateTimeKind.Utc));
}
