using DataDefender.Domain.Network;
using DataDefender.Domain.Subscriptions;
using DataDefender.Testing;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Class fixture: a company with lines and a NAS at 127.0.0.1, and RadiusHost running over it.</summary>
public class HostFixture : IAsyncLifetime
{
    public const string Secret = "testing123";
    public const string Password = "pw-secret";

    public TestServices Services { get; private set; } = null!;

    public TestCompany Company { get; private set; } = null!;

    public Nas Nas { get; private set; } = null!;

    /// <summary>At the same address, told by its NAS-Identifier "old-nas"; may leave out the Message-Authenticator.</summary>
    public Nas OldNas { get; private set; } = null!;

    public ServicePackage Package { get; private set; } = null!;

    public TestDatabase Database => Services.Database;

    internal RunningHost Host { get; private set; } = null!;

    protected virtual (string Key, string Value)[] Settings => [];

    public async ValueTask InitializeAsync()
    {
        Services = await TestServices.CreateAsync();
        Company = await TestCompany.CreateAsync(Services);
        await Company.AddSettingsAsync();
        Package = await Company.AddPackageAsync("Home 10", 10_000, 5_000, configure: p => p.AddressPool = "customers");
        Nas = await Company.AddNasAsync("127.0.0.1", Secret);
        OldNas = await Company.AddNasAsync("127.0.0.1", Secret, identifier: "old-nas", configure: n => n.MessageAuthenticator = MessageAuthenticatorRule.Off);
        await PrepareAsync();
        Host = await RunningHost.StartAsync(Database, Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Services.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds a line and waits until RadiusHost knows it.</summary>
    public async Task<Subscription> AddLineAsync(
        string username, SubscriptionState state = SubscriptionState.Active, string? address = null, string password = Password, ServicePackage? package = null)
    {
        var line = await Company.AddSubscriptionAsync(package: package ?? Package, username: username, password: password, state: state, staticAddress: address);
        await Eventually.Is(() => Host.Service<Lines.LineDirectory>().Content.Companies[Company.Id].Find(line.Id) is not null);
        return line;
    }

    protected virtual Task PrepareAsync() => Task.CompletedTask;
}
