using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tests.Network;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;

namespace DataDefender.Domain.Tests.Monitoring;

public sealed class LoginLogServiceTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    private static readonly LoginFilter LastHour = new(Observations.Now.AddHours(-1), Observations.Now.AddSeconds(1));

    [Theory, EachDatabase]
    public async Task Logins_are_found_by_user_MAC_outcome_NAS_and_time(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var (nas, other) = (await company.AddNasAsync(), await company.AddNasAsync());
        await company.AddLoginAsync(nas, "Kamau-1", LoginOutcome.WrongPassword, mac: "DE:AD:BE:EF:00:01");
        await company.AddLoginAsync(other, "kamau-2", LoginOutcome.Accepted);
        await company.AddLoginAsync(nas, "achieng", LoginOutcome.AcceptedWalledGarden);
        await company.AddLoginAsync(nas, "long-ago", LoginOutcome.UnknownUser, at: Observations.Now.AddHours(-2));
        var foreign = await network.CompanyAsync(provider);
        await foreign.AddLoginAsync(await foreign.AddNasAsync(), "kamau-foreign", LoginOutcome.WrongPassword);

        Assert.Equal(["achieng", "kamau-2", "Kamau-1"], await UsersAsync(LastHour));
        Assert.Equal(["kamau-2", "Kamau-1"], await UsersAsync(LastHour with { Search = "KAMAU" }));
        Assert.Equal(["Kamau-1"], await UsersAsync(LastHour with { Search = "deadbeef0001" }));
        Assert.Equal(["kamau-2"], await UsersAsync(LastHour with { NasId = other.Id }));
        Assert.Equal(["Kamau-1"], await UsersAsync(LastHour with { RefusedOnly = true }));
        Assert.Equal(["achieng"], await UsersAsync(LastHour with { Outcome = LoginOutcome.AcceptedWalledGarden }));
        Assert.Contains("long-ago", await UsersAsync(LastHour with { From = Observations.Now.AddHours(-3) }));

        async Task<IEnumerable<string>> UsersAsync(LoginFilter filter) =>
            (await company.AsAsync<LoginLogService, PageOf<LoginRow>>(Role.Support, l => l.SearchAsync(filter))).Items.Select(l => l.Username);
    }

    [Theory, EachDatabase]
    public async Task Outcomes_are_counted_for_the_period_the_most_frequent_first(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var nas = await company.AddNasAsync();
        await company.AddLoginAsync(nas, outcome: LoginOutcome.UnknownUser);
        await company.AddLoginAsync(nas, outcome: LoginOutcome.WrongPassword);
        await company.AddLoginAsync(nas, outcome: LoginOutcome.WrongPassword);
        await company.AddLoginAsync(nas, outcome: LoginOutcome.Accepted);
        await company.AddLoginAsync(nas, outcome: LoginOutcome.UnknownUser, at: Observations.Now.AddHours(-2));

        var counts = await company.AsAsync<LoginLogService, IReadOnlyList<OutcomeCount>>(Role.Support, l => l.CountOutcomesAsync(LastHour with { RefusedOnly = true }));

        Assert.Equal([new(LoginOutcome.WrongPassword, 2), new(LoginOutcome.UnknownUser, 1)], counts);
    }

    [Theory, EachDatabase]
    public async Task A_page_of_logins_names_the_client_of_the_line(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var nas = await company.AddNasAsync();
        var line = await company.AddSubscriptionAsync(await company.AddClientAsync("Njeri Maina"));
        foreach (var minute in Enumerable.Range(1, 5))
        {
            await company.AddLoginAsync(nas, $"user-{minute}", at: Observations.Now.AddMinutes(-minute), subscriptionId: line.Id);
        }

        var page = await company.AsAsync<LoginLogService, PageOf<LoginRow>>(Role.Support, l => l.SearchAsync(LastHour, page: 2, pageSize: 2));

        Assert.Equal(5, page.Total);
        var row = Assert.Single(page.Items);
        Assert.Equal(("user-5", "Njeri Maina", nas.Name, line.Id), (row.Username, row.ClientName, row.NasName, row.SubscriptionId));
    }

    [Fact]
    public async Task Sales_does_not_see_logins()
    {
        var company = await network.CompanyAsync();

        await Assert.ThrowsAsync<ForbiddenException>(() => company.AsAsync<LoginLogService, PageOf<LoginRow>>(Role.Sales, l => l.SearchAsync(LastHour)));
    }

    [Fact]
    public void Every_outcome_is_explained_with_what_to_do_next()
    {
        foreach (var outcome in Enum.GetValues<LoginOutcome>())
        {
            var explanation = LoginExplanation.Of(outcome);
            Assert.True(explanation is { Title.Length: > 0, Meaning.Length: > 0, NextAction.Length: > 0 }, $"{outcome} is not explained.");
        }
    }

    [Theory]
    [InlineData("aabbccddeeff", "AA:BB:CC:DD:EE:FF")]
    [InlineData("aa-bb-cc-dd-ee-ff", "AA:BB:CC:DD:EE:FF")]
    [InlineData("aabb.ccdd.eeff", "AA:BB:CC:DD:EE:FF")]
    [InlineData("aa:bb:cc:dd:ee", null)]
    [InlineData("aabbccddeeff00", null)]
    [InlineData("user", null)]
    public void MAC_addresses_are_taken_in_every_usual_form(string typed, string? expected) => Assert.Equal(expected, MacAddress.Normalise(typed));
}
