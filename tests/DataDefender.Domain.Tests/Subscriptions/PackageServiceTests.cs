using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Domain.Tests.Subscriptions;

public sealed class PackageServiceTests : IAsyncLifetime
{
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private AsyncServiceScope _scope;

    private PackageService Packages => _scope.ServiceProvider.GetRequiredService<PackageService>();

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync(configure: s => s.AddScoped<PackageService>().AddSingleton<LineSignal>());
        _company = await TestCompany.CreateAsync(_services);
        _scope = _company.Scope();
    }

    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_package_is_created_listed_and_read_back_as_typed()
    {
        var typed = Home10() with { BurstDownloadKbps = 20_000, BurstUploadKbps = 20_000, BurstThresholdPercent = 80, BurstSeconds = 16, AddressPool = "pppoe-pool" };

        var id = await Packages.CreateAsync(typed);

        Assert.Equal(typed, (await Packages.GetAsync(id)).Input);
        var row = Assert.Single((await Packages.ListAsync(new GridQuery(Search: "hOME"))).Items);
        Assert.Equal((id, "Home 10", Money.Of(2_500m), 0), (row.Id, row.Name, row.Price, row.Lines));
        Assert.Empty((await Packages.ListAsync(new GridQuery(Search: "office"))).Items);
    }

    [Fact]
    public async Task Every_broken_field_is_named()
    {
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => Packages.CreateAsync(new ServicePackageInput
        {
            Price = -1,
            PeriodCount = 0,
            DownloadKbps = 10,
            UploadKbps = 10_000_001,
            Priority = 9,
            SessionLimit = 0,
            AddressPool = "two words",
            SessionTimeoutSeconds = 5,
        }));

        Assert.Equal(
            ["AddressPool", "DownloadKbps", "Name", "PeriodCount", "Price", "Priority", "SessionLimit", "SessionTimeoutSeconds", "UploadKbps"],
            refused.Errors.Select(e => e.Field).Order());
    }

    [Fact]
    public async Task A_burst_is_whole_or_not_at_all_and_never_below_the_speed()
    {
        var half = await Assert.ThrowsAsync<InvalidInputException>(() => Packages.CreateAsync(Home10() with { BurstDownloadKbps = 5_000 }));

        Assert.Equal(["BurstDownloadKbps", "BurstSeconds", "BurstThresholdPercent", "BurstUploadKbps"], half.Errors.Select(e => e.Field).Order());
    }

    [Fact]
    public async Task A_name_is_taken_whatever_its_case()
    {
        await Packages.CreateAsync(Home10());

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => Packages.CreateAsync(Home10() with { Name = "HOME 10 " }));

        Assert.Equal(nameof(ServicePackageInput.Name), Assert.Single(refused.Errors).Field);
    }

    [Fact]
    public async Task A_name_that_is_taken_between_look_and_write_is_refused_with_the_same_words()
    {
        var attempts = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var scope = _company.Scope();
            return await Record.ExceptionAsync(() => scope.ServiceProvider.GetRequiredService<PackageService>().CreateAsync(Home10()));
        }));

        Assert.Single(attempts, e => e is null);
        Assert.All(attempts.OfType<Exception>(), e => Assert.Contains("called “Home 10” already", Assert.IsType<InvalidInputException>(e).Message));
    }

    [Fact]
    public async Task A_new_speed_orders_a_command_for_each_active_line_with_an_open_session()
    {
        var package = await _company.AddPackageAsync("Home 10");
        var nas = (await _company.AddNasAsync()).Id;
        var online = await AddLineAsync(package, SubscriptionState.Active, nas);
        await AddLineAsync(package, SubscriptionState.Active, null);
        await AddLineAsync(package, SubscriptionState.Suspended, nas);
        await AddLineAsync(await _company.AddPackageAsync("Other"), SubscriptionState.Active, nas);
        var seen = await Packages.GetAsync(package.Id);
        Assert.Equal(new PackageUse(3, 1), seen.Use);

        var reached = await Packages.ChangeAsync(package.Id, seen.Version, seen.Input with { DownloadKbps = 15_000 });

        await using var db = _company.Open();
        var command = await db.LineCommands.SingleAsync();
        Assert.Equal(1, reached);
        Assert.Equal((online, LineAction.Apply, LineCommandStatus.Pending), (command.SubscriptionId, command.Action, command.Status));
        Assert.Contains("Home 10", (await db.NetworkEvents.SingleAsync(e => e.Kind == "package.speed")).Message);
    }

    [Fact]
    public async Task A_new_price_disturbs_no_line()
    {
        var package = await _company.AddPackageAsync("Home 10");
        await AddLineAsync(package, SubscriptionState.Active, (await _company.AddNasAsync()).Id);
        var seen = await Packages.GetAsync(package.Id);

        Assert.Equal(0, await Packages.ChangeAsync(package.Id, seen.Version, seen.Input with { Price = 3_000 }));

        await using var db = _company.Open();
        Assert.Empty(await db.LineCommands.ToListAsync());
    }

    [Fact]
    public async Task A_retired_package_leaves_the_shelf_and_comes_back()
    {
        var id = await Packages.CreateAsync(Home10());

        await Packages.RetireAsync(id);
        Assert.Empty(await Packages.ChoicesAsync());
        Assert.Single((await Packages.ListAsync(new GridQuery(), PackageStatus.Retired)).Items);
        await Assert.ThrowsAsync<DomainException>(() => Packages.RetireAsync(id));

        await Packages.ReactivateAsync(id);
        Assert.Single(await Packages.ChoicesAsync());
        await Assert.ThrowsAsync<DomainException>(() => Packages.ReactivateAsync(id));
    }

    [Theory]
    [InlineData(nameof(PackageRow.Name), "Basic Home Office")]
    [InlineData(nameof(PackageRow.Price), "Home Basic Office")]
    [InlineData(nameof(PackageRow.DownloadKbps), "Basic Home Office")]
    public async Task The_list_is_sorted_by_the_server(string sortBy, string expected)
    {
        await _company.AddPackageAsync("Home", 10_000, price: 100);
        await _company.AddPackageAsync("Office", 50_000, price: 900);
        await _company.AddPackageAsync("Basic", 2_000, price: 200);

        var up = await Packages.ListAsync(new GridQuery(SortBy: sortBy));
        var down = await Packages.ListAsync(new GridQuery(SortBy: sortBy, Descending: true));

        Assert.Equal(expected, string.Join(' ', up.Items.Select(p => p.Name)));
        Assert.Equal(expected, string.Join(' ', down.Items.Select(p => p.Name).Reverse()));
    }

    [Fact]
    public async Task A_package_of_another_company_is_not_found()
    {
        var id = await Packages.CreateAsync(Home10());
        var other = await TestCompany.CreateAsync(_services, "Rift Net");
        await using var scope = other.Scope();
        var packages = scope.ServiceProvider.GetRequiredService<PackageService>();

        await Assert.ThrowsAsync<NotFoundException>(() => packages.GetAsync(id));
        await Assert.ThrowsAsync<NotFoundException>(() => packages.ChangeAsync(id, 0, Home10()));
        await Assert.ThrowsAsync<NotFoundException>(() => packages.RetireAsync(id));
        await Assert.ThrowsAsync<NotFoundException>(() => packages.ReactivateAsync(id));
        Assert.Empty((await packages.ListAsync(new GridQuery())).Items);
        await packages.CreateAsync(Home10()); // the name is free there
    }

    [Fact]
    public async Task Support_sees_packages_and_may_not_change_them()
    {
        var id = await Packages.CreateAsync(Home10());
        await using var scope = _company.Scope(Role.Support);
        var packages = scope.ServiceProvider.GetRequiredService<PackageService>();

        Assert.Equal("Home 10", (await packages.GetAsync(id)).Input.Name);
        await Assert.ThrowsAsync<ForbiddenException>(() => packages.RetireAsync(id));
        await Assert.ThrowsAsync<ForbiddenException>(() => packages.CreateAsync(Home10()));
    }

    private static ServicePackageInput Home10() => new() { Name = "Home 10", Price = 2_500, DownloadKbps = 10_000, UploadKbps = 10_000 };

    private async Task<Guid> AddLineAsync(ServicePackage package, SubscriptionState state, Guid? onlineAt)
    {
        var line = await _company.AddSubscriptionAsync(package: package, state: state);
        if (onlineAt is { } nas)
        {
            await using var db = _company.Open();
            db.LiveSessions.Add(new LiveSession
            {
                TenantId = _company.Id,
                NasId = nas,
                AcctSessionId = line.Username,
                SubscriptionId = line.Id,
                Username = line.Username,
                StartedAt = _services.Clock.Now,
                UpdatedAt = _services.Clock.Now,
            });
            await db.SaveChangesAsync();
        }

        return line.Id;
    }
}
