using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Domain.Tests.Subscriptions;

public sealed class SubscriptionServiceTests : IAsyncLifetime
{
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private AsyncServiceScope _scope;

    private SubscriptionService Lines => _scope.ServiceProvider.GetRequiredService<SubscriptionService>();

    private CredentialService Credentials => _scope.ServiceProvider.GetRequiredService<CredentialService>();

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync(configure: s => s.AddScoped<LicenceGuard>().AddScoped<SubscriptionService>().AddScoped<CredentialService>().AddSingleton<LineSignal>());
        _company = await TestCompany.CreateAsync(_services);
        _scope = _company.Scope(Role.Support);
    }

    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_new_line_gets_a_readable_user_name_and_a_password_that_only_the_vault_can_read()
    {
        var (client, package) = (await _company.AddClientAsync("Jane Wanjiku"), await _company.AddPackageAsync());

        var first = await FindAsync(await Lines.CreateAsync(client.Id, new SubscriptionInput { PackageId = package.Id }));
        var second = await FindAsync(await Lines.CreateAsync(client.Id, new SubscriptionInput { PackageId = package.Id, Activate = false }));

        Assert.Equal(("jane.wanjiku", SubscriptionState.Active), (first.Username, first.State));
        Assert.Equal(("jane.wanjiku2", SubscriptionState.Pending), (second.Username, second.State));
        var password = await Credentials.RevealAsync(first.Id);
        Assert.Equal(17, password.Length);
        Assert.DoesNotContain(password, first.PasswordCipher);
        Assert.DoesNotContain(_services.Log.Lines, l => l.Contains(password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Looking_at_a_password_leaves_a_line_in_the_audit_trail_and_needs_the_permission()
    {
        var line = await _company.AddSubscriptionAsync(password: "s3cret-word");

        Assert.Equal("s3cret-word", await Credentials.RevealAsync(line.Id));

        await using var db = _company.Open();
        var act = await db.AuditEntries.SingleAsync(a => a.Action == "revealed password");
        Assert.Equal((line.Id.ToString(), "Support of the test"), (act.EntityId, act.Actor));
        Assert.Null(act.After);
        await using var finance = _company.Scope(Role.Finance);
        await Assert.ThrowsAsync<ForbiddenException>(() => finance.ServiceProvider.GetRequiredService<CredentialService>().RevealAsync(line.Id));
        Assert.Equal(1, await db.AuditEntries.CountAsync(a => a.Action == "revealed password"));
    }

    [Fact]
    public async Task A_reset_password_is_new_and_the_old_one_is_gone()
    {
        var line = await _company.AddSubscriptionAsync(password: "old-password");

        var fresh = await Credentials.ResetAsync(line.Id);

        Assert.NotEqual("old-password", fresh);
        Assert.Equal(fresh, await Credentials.RevealAsync(line.Id));
        await using var db = _company.Open();
        Assert.DoesNotContain(await db.AuditEntries.ToListAsync(), a => (a.Before + a.After).Contains(fresh, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_verb_moves_the_line_and_orders_its_command_in_the_same_save()
    {
        var line = await _company.AddSubscriptionAsync(state: SubscriptionState.Pending, staticAddress: "100.64.0.9");

        await Lines.ActivateAsync(line.Id);
        await Lines.SuspendAsync(line.Id, SuspendReason.Unpaid, "two weeks late");
        var suspended = await FindAsync(line.Id);
        await Lines.RestoreAsync(line.Id);
        await Lines.DisconnectAsync(line.Id, "moved away");

        var ended = await FindAsync(line.Id);
        await using var db = _company.Open();
        var commands = await db.LineCommands.OrderBy(c => c.RequestedAt).ThenBy(c => c.Id).ToListAsync();
        Assert.Equal((SubscriptionState.Suspended, SuspendReason.Unpaid, "two weeks late"), (suspended.State, suspended.SuspendReason, suspended.StateNote));
        Assert.Equal((SubscriptionState.Disconnected, "moved away", null), (ended.State, ended.StateNote, ended.StaticAddress));
        Assert.Equal(
            ["Apply activated", "Apply suspended: Unpaid, two weeks late", "Drop disconnected: moved away", "Release restored"],
            commands.Select(c => $"{c.Action} {c.Because}").Order());
        Assert.All(commands, c => Assert.Equal("Support of the test", c.RequestedBy));
        Assert.Equal(
            ["line.activated", "line.disconnected", "line.restored", "line.suspended"],
            await db.NetworkEvents.Where(e => e.SubscriptionId == line.Id).Select(e => e.Kind).Order().ToListAsync());
    }

    [Fact]
    public async Task A_verb_that_does_not_fit_the_state_is_refused_and_orders_nothing()
    {
        var line = await _company.AddSubscriptionAsync(state: SubscriptionState.Active);

        var refused = await Assert.ThrowsAsync<DomainException>(() => Lines.RestoreAsync(line.Id));

        Assert.Equal("subscription.state", refused.Code);
        await using var db = _company.Open();
        Assert.Empty(await db.LineCommands.ToListAsync());
    }

    [Fact]
    public async Task The_dispatcher_is_woken_by_a_change()
    {
        var line = await _company.AddSubscriptionAsync();
        var signal = _services.Provider.GetRequiredService<LineSignal>();
        var woken = signal.WaitAsync(TimeSpan.FromDays(1), _services.Clock, TestContext.Current.CancellationToken);
        Assert.False(woken.IsCompleted);

        await Lines.SuspendAsync(line.Id, SuspendReason.Requested, null);

        await woken.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Another_package_is_applied_and_a_retired_one_refused()
    {
        var line = await _company.AddSubscriptionAsync();
        var (faster, retired) = (await _company.AddPackageAsync("Faster"), await _company.AddPackageAsync("Old"));
        await using (var db = _company.Open())
        {
            db.Attach(retired).Entity.Retire();
            await db.SaveChangesAsync();
        }

        await Lines.ChangePackageAsync(line.Id, faster.Id);

        Assert.Equal(faster.Id, (await FindAsync(line.Id)).PackageId);
        await using var after = _company.Open();
        Assert.Equal("package changed to Faster", (await after.LineCommands.SingleAsync()).Because);
        Assert.Contains("retired", (await Assert.ThrowsAsync<InvalidInputException>(() => Lines.ChangePackageAsync(line.Id, retired.Id))).Message);
        await Assert.ThrowsAsync<DomainException>(() => Lines.ChangePackageAsync(line.Id, faster.Id));
    }

    [Fact]
    public async Task A_fixed_address_drops_the_session_and_belongs_to_one_line_only()
    {
        var (line, other) = (await _company.AddSubscriptionAsync(), await _company.AddSubscriptionAsync(username: "other"));

        await Lines.SetStaticAddressAsync(line.Id, " 100.64.0.7 ");

        await using var db = _company.Open();
        Assert.Equal(LineAction.Drop, (await db.LineCommands.SingleAsync()).Action);
        var taken = await Assert.ThrowsAsync<InvalidInputException>(() => Lines.SetStaticAddressAsync(other.Id, "100.64.0.7"));
        Assert.Equal($"100.64.0.7 belongs to {line.Username}.", taken.Message);
        Assert.Equal(nameof(SubscriptionInput.StaticAddress), taken.Errors[0].Field);
        await Assert.ThrowsAsync<InvalidInputException>(() => Lines.SetStaticAddressAsync(other.Id, "127.0.0.1"));
        await Lines.SetStaticAddressAsync(line.Id, null);
        Assert.Null((await FindAsync(line.Id)).StaticAddress);
    }

    [Theory]
    [InlineData("D4:CA:6D:44:55:66", 0)]
    [InlineData("D4:CA:6D:00:00:00", 1)]
    public async Task A_caller_lock_drops_a_session_of_another_caller_only(string caller, int drops)
    {
        var line = await _company.AddSubscriptionAsync();
        await using var db = _company.Open();
        db.LiveSessions.Add(new LiveSession
        {
            TenantId = _company.Id,
            NasId = (await _company.AddNasAsync()).Id,
            AcctSessionId = "1",
            SubscriptionId = line.Id,
            CallingStationId = caller,
            StartedAt = _services.Clock.Now,
            UpdatedAt = _services.Clock.Now,
        });
        await db.SaveChangesAsync();

        await Lines.SetCallerLockAsync(line.Id, "d4ca.6d44.5566");

        Assert.Equal("D4:CA:6D:44:55:66", (await FindAsync(line.Id)).CallerLock);
        Assert.Equal(drops, await db.LineCommands.CountAsync(c => c.Action == LineAction.Drop));
        await Assert.ThrowsAsync<InvalidInputException>(() => Lines.SetCallerLockAsync(line.Id, "nonsense"));
    }

    [Fact]
    public async Task A_taken_user_name_is_named_beside_its_field()
    {
        var line = await _company.AddSubscriptionAsync(username: "jane");
        var client = await _company.AddClientAsync();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => Lines.CreateAsync(client.Id, new SubscriptionInput { PackageId = line.PackageId, Username = "jane" }));

        Assert.Equal(nameof(SubscriptionInput.Username), Assert.Single(refused.Errors).Field);
    }

    [Fact]
    public async Task A_name_that_is_taken_between_look_and_write_is_refused_with_the_same_words()
    {
        var (client, package) = (await _company.AddClientAsync(), await _company.AddPackageAsync());

        var attempts = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var scope = _company.Scope(Role.Support);
            return await Record.ExceptionAsync(() => scope.ServiceProvider.GetRequiredService<SubscriptionService>()
                .CreateAsync(client.Id, new SubscriptionInput { PackageId = package.Id, Username = "race" }));
        }));

        Assert.Single(attempts, e => e is null);
        Assert.All(attempts.OfType<Exception>(), e => Assert.Equal("The user name race is taken.", Assert.IsType<InvalidInputException>(e).Message));
    }

    [Fact]
    public async Task The_licence_caps_how_many_lines_there_are_and_an_ended_one_makes_room()
    {
        var licence = new Licence("Small", 1, 1, LicensedModules.All, DateOnly.FromDateTime(_services.Clock.Now).AddDays(5));
        var company = await TestCompany.CreateAsync(_services, "Small Net", licence: licence);
        var (client, package) = (await company.AddClientAsync(), await company.AddPackageAsync());
        await using var scope = company.Scope();
        var lines = scope.ServiceProvider.GetRequiredService<SubscriptionService>();
        var first = await lines.CreateAsync(client.Id, new SubscriptionInput { PackageId = package.Id });

        var refused = await Assert.ThrowsAsync<DomainException>(() => lines.CreateAsync(client.Id, new SubscriptionInput { PackageId = package.Id }));

        Assert.Equal("licence.cap", refused.Code);
        await lines.DisconnectAsync(first, null);
        await lines.CreateAsync(client.Id, new SubscriptionInput { PackageId = package.Id });
    }

    [Fact]
    public async Task A_dropped_session_is_in_the_audit_trail_though_nothing_of_the_line_changed()
    {
        var line = await _company.AddSubscriptionAsync();

        await Lines.DropSessionAsync(line.Id);

        await using var db = _company.Open();
        var act = await db.AuditEntries.SingleAsync(a => a.Action == "dropped the session");
        Assert.Equal((line.Id.ToString(), "Support of the test"), (act.EntityId, act.Actor));
    }

    [Fact]
    public async Task A_line_of_another_company_is_not_found()
    {
        var line = await _company.AddSubscriptionAsync();
        var other = await TestCompany.CreateAsync(_services, "Rift Net");
        var (theirClient, theirPackage) = (await other.AddClientAsync(), await other.AddPackageAsync());
        await using var scope = other.Scope();
        var lines = scope.ServiceProvider.GetRequiredService<SubscriptionService>();
        var credentials = scope.ServiceProvider.GetRequiredService<CredentialService>();

        Func<Task>[] reaches =
        [
            () => lines.ActivateAsync(line.Id), () => lines.SuspendAsync(line.Id, SuspendReason.Abuse, null), () => lines.RestoreAsync(line.Id),
            () => lines.DisconnectAsync(line.Id, null), () => lines.DropSessionAsync(line.Id), () => lines.ChangePackageAsync(line.Id, theirPackage.Id),
            () => lines.SetStaticAddressAsync(line.Id, "100.64.0.1"), () => lines.SetCallerLockAsync(line.Id, null),
            () => lines.CreateAsync(line.ClientId, new SubscriptionInput { PackageId = theirPackage.Id }),
            () => lines.CreateAsync(theirClient.Id, new SubscriptionInput { PackageId = line.PackageId }),
            () => credentials.RevealAsync(line.Id), () => credentials.ResetAsync(line.Id),
        ];
        foreach (var reach in reaches)
        {
            await Assert.ThrowsAsync<NotFoundException>(reach);
        }

        await using var db = _company.Open();
        Assert.Empty(await db.LineCommands.ToListAsync());
    }

    [Fact]
    public async Task Sales_sells_lines_and_does_not_control_them()
    {
        var line = await _company.AddSubscriptionAsync();
        await using var scope = _company.Scope(Role.Sales);
        var lines = scope.ServiceProvider.GetRequiredService<SubscriptionService>();

        await lines.CreateAsync(line.ClientId, new SubscriptionInput { PackageId = line.PackageId });
        await Assert.ThrowsAsync<ForbiddenException>(() => lines.SuspendAsync(line.Id, SuspendReason.Unpaid, null));
    }

    private async Task<Subscription> FindAsync(Guid id)
    {
        await using var db = _company.Open();
        return await db.Subscriptions.AsNoTracking().SingleAsync(s => s.Id == id);
    }
}
