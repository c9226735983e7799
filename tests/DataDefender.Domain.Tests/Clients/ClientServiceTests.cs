using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Domain.Tests.Clients;

public sealed class ClientServiceTests : IAsyncLifetime
{
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private AsyncServiceScope _scope;

    private ClientService Clients => _scope.ServiceProvider.GetRequiredService<ClientService>();

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync(configure: s => s.AddScoped<LicenceGuard>().AddScoped<ClientService>());
        _company = await TestCompany.CreateAsync(_services);
        _scope = _company.Scope(Role.Support);
    }

    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Clients_get_account_numbers_in_a_row_that_carry_a_check_digit()
    {
        var first = await Clients.GetAsync(await Clients.CreateAsync(Wanjiku()));
        var second = await Clients.GetAsync(await Clients.CreateAsync(Wanjiku() with { Name = "Otieno Odhiambo" }));

        Assert.Equal(["1000017", "1000025"], [first.AccountNumber, second.AccountNumber]);
        Assert.Equal("254712345678", first.Input.Phone);
    }

    [Fact]
    public async Task Two_clients_created_at_the_same_moment_get_different_numbers()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            await using var scope = _company.Scope(Role.Support);
            return await scope.ServiceProvider.GetRequiredService<ClientService>().CreateAsync(Wanjiku() with { Name = $"Client {i}" });
        }));

        await using var db = _company.Open();
        Assert.Equal(6, ids.Distinct().Count());
        Assert.Equal(6, await db.Clients.Select(c => c.AccountNumber).Distinct().CountAsync());
    }

    [Fact]
    public async Task A_refused_input_names_each_field()
    {
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => Clients.CreateAsync(new ClientInput { Name = " ", Phone = "12", Email = "nobody" }));

        Assert.Equal([nameof(ClientInput.Email), nameof(ClientInput.Name), nameof(ClientInput.Phone)], refused.Errors.Select(e => e.Field).Order());
    }

    [Theory]
    [InlineData("wanjik")]
    [InlineData("0712 345 678")]
    [InlineData("712345678")]
    [InlineData("0712 34")]
    [InlineData("+254712")]
    [InlineData("1000017")]
    [InlineData("jane.w")]
    [InlineData("100.64.7.7")]
    [InlineData("10.9.8.7")]
    [InlineData("4c-5e-0c-11-22-33")]
    [InlineData("d4ca6d445566")]
    public async Task A_client_is_found_by_whatever_the_caller_can_say(string typed)
    {
        var wanted = await Clients.CreateAsync(Wanjiku());
        await AddLineAsync(wanted, "jane.wanjiku", "100.64.7.7", "4C:5E:0C:11:22:33", online: ("10.9.8.7", "D4:CA:6D:44:55:66"));
        var other = await Clients.CreateAsync(new ClientInput { Name = "Otieno Odhiambo", Phone = "0733 000 111" });
        await AddLineAsync(other, "otieno", "100.64.7.8", "4C:5E:0C:11:22:34", online: ("10.9.8.8", "D4:CA:6D:44:55:67"));

        var page = await Clients.ListAsync(new GridQuery(Search: typed));

        var row = Assert.Single(page.Items);
        Assert.Equal(wanted, row.Id);
        Assert.Equal(1, page.Total);
        Assert.Equal((true, _services.Clock.Now), (Assert.Single(row.Lines).Online, row.Lines[0].ReportedAt));
    }

    [Fact]
    public async Task The_list_is_sorted_and_paged_by_the_server()
    {
        foreach (var name in (string[])["Chebet", "Achieng", "Barasa"])
        {
            await Clients.CreateAsync(Wanjiku() with { Name = name });
        }

        var first = await Clients.ListAsync(new GridQuery(PageSize: 2, SortBy: nameof(ClientRow.Name)));
        var second = await Clients.ListAsync(new GridQuery(Page: 1, PageSize: 2, SortBy: nameof(ClientRow.Name)));
        var backwards = await Clients.ListAsync(new GridQuery(PageSize: 1, SortBy: nameof(ClientRow.Name), Descending: true));

        Assert.Equal(["Achieng", "Barasa"], first.Items.Select(r => r.Name));
        Assert.Equal(["Chebet"], second.Items.Select(r => r.Name));
        Assert.Equal(["Chebet"], backwards.Items.Select(r => r.Name));
        Assert.Equal([3, 3, 3], [first.Total, second.Total, backwards.Total]);
    }

    [Fact]
    public async Task Each_filter_shows_its_clients_and_the_counters_agree()
    {
        var package = await _company.AddPackageAsync();
        foreach (var state in Enum.GetValues<SubscriptionState>())
        {
            await _company.AddSubscriptionAsync(await _company.AddClientAsync(state.ToString()), package, state: state);
        }

        await _company.AddClientAsync("Nobody");
        await GoOnlineAsync("Active");

        var counts = await Clients.CountsAsync();
        var shown = new Dictionary<ClientFilter, string>();
        foreach (var filter in Enum.GetValues<ClientFilter>())
        {
            var page = await Clients.ListAsync(new GridQuery(), filter);
            Assert.Equal(page.Total, counts[filter]);
            shown[filter] = string.Join(' ', page.Items.Select(c => c.Name));
        }

        Assert.Equal("Active Disconnected Nobody Pending Suspended", shown[ClientFilter.All]);
        Assert.Equal("Active", shown[ClientFilter.Active]);
        Assert.Equal("Active", shown[ClientFilter.Online]);
        Assert.Equal("Suspended", shown[ClientFilter.Suspended]);
        Assert.Equal("Pending", shown[ClientFilter.Pending]);
        Assert.Equal("Disconnected Nobody", shown[ClientFilter.WithoutLine]);
    }

    [Fact]
    public async Task A_change_made_on_an_old_view_is_refused()
    {
        var id = await Clients.CreateAsync(Wanjiku());
        var seen = await Clients.GetAsync(id);
        await Clients.ChangeAsync(id, seen.Version, seen.Input with { County = "Kisumu" });

        var refused = await Assert.ThrowsAsync<DomainException>(() => Clients.ChangeAsync(id, seen.Version, seen.Input with { County = "Mombasa" }));

        Assert.Equal("changed_meanwhile", refused.Code);
        Assert.Equal("Kisumu", (await Clients.GetAsync(id)).Input.County);
    }

    [Fact]
    public async Task A_client_of_another_company_is_not_found()
    {
        var id = await Clients.CreateAsync(Wanjiku());
        var seen = await Clients.GetAsync(id);
        var other = await TestCompany.CreateAsync(_services, "Rift Net");
        await using var scope = other.Scope();
        var clients = scope.ServiceProvider.GetRequiredService<ClientService>();

        await Assert.ThrowsAsync<NotFoundException>(() => clients.GetAsync(id));
        await Assert.ThrowsAsync<NotFoundException>(() => clients.ChangeAsync(id, seen.Version, Wanjiku()));
        Assert.Empty((await clients.ListAsync(new GridQuery())).Items);
        Assert.All(await clients.CountsAsync(), count => Assert.Equal(0, count.Value));
    }

    [Fact]
    public async Task Without_the_permission_nothing_is_shown_or_changed()
    {
        await using var scope = _company.Scope(Role.Customer);
        var clients = scope.ServiceProvider.GetRequiredService<ClientService>();

        await Assert.ThrowsAsync<ForbiddenException>(() => clients.ListAsync(new GridQuery()));
        await Assert.ThrowsAsync<ForbiddenException>(() => clients.CreateAsync(Wanjiku()));
    }

    private static ClientInput Wanjiku() => new() { Name = "Jane Wanjiku", Phone = "0712 345 678", Email = "jane@example.com", County = "Nairobi" };

    private async Task AddLineAsync(Guid clientId, string username, string address, string mac, (string Address, string Mac) online)
    {
        await using var db = _company.Open();
        var line = await _company.AddSubscriptionAsync(await db.Clients.SingleAsync(c => c.Id == clientId), username: username, staticAddress: address);
        db.Attach(line).Entity.LockToCaller(mac);
        db.LiveSessions.Add(Session(line, (await _company.AddNasAsync()).Id, online.Address, online.Mac));
        await db.SaveChangesAsync();
    }

    private async Task GoOnlineAsync(string clientName)
    {
        var nas = await _company.AddNasAsync();
        await using var db = _company.Open();
        var line = await db.Subscriptions.SingleAsync(s => db.Clients.Any(c => c.Id == s.ClientId && c.Name == clientName));
        db.LiveSessions.Add(Session(line, nas.Id, "10.0.0.9", null));
        await db.SaveChangesAsync();
    }

    private LiveSession Session(Subscription line, Guid nasId, string address, string? mac) => new()
    {
        TenantId = _company.Id,
        NasId = nasId,
        AcctSessionId = $"8010{Guid.CreateVersion7():N}",
        SubscriptionId = line.Id,
        Username = line.Username,
        FramedAddress = address,
        CallingStationId = mac,
        StartedAt = _services.Clock.Now,
        UpdatedAt = _services.Clock.Now,
    };
}
