using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Lines;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Domain.Tenancy;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Lines;

/// <summary>One line with an open session at a scripted NAS, and everything that controls it.</summary>
internal sealed class LineBench : IAsyncDisposable
{
    public const string Address = "100.64.0.7";
    public const string List = "/ip/firewall/address-list";

    private LineBench(TestServices services, TestCompany company) => (Services, Company) = (services, company);

    public TestServices Services { get; }

    public TestCompany Company { get; }

    public ScriptedNas Nas { get; } = new();

    public TableRouter Router => (TableRouter)Services.Provider.GetRequiredService<IRouterGateway>();

    public Subscription Line { get; private set; } = null!;

    public Nas NasRow { get; private set; } = null!;

    public string Mark => $"DD:{Line.Id}";

    public static async Task<LineBench> CreateAsync(bool withRouter = true, SubscriptionState state = SubscriptionState.Active, bool online = true, NasVendor vendor = NasVendor.MikroTik)
    {
        var services = await TestServices.CreateAsync(configure: s => s
            .AddScoped<LicenceGuard>().AddScoped<SubscriptionService>().AddScoped<PackageService>().AddSingleton<LiveMetrics>().AddSingleton<IRouterGateway, TableRouter>().AddLineControl());
        var bench = new LineBench(services, await TestCompany.CreateAsync(services));
        var router = withRouter ? await bench.Company.AddRouterAsync() : null;
        bench.NasRow = await bench.Company.AddNasAsync("127.0.0.1", ScriptedNas.Secret, router, configure: n => (n.CoaPort, n.Vendor) = (bench.Nas.Port, vendor));
        bench.Line = await bench.Company.AddSubscriptionAsync(package: await bench.Company.AddPackageAsync("Home 10", 10_000, 5_000), username: "jane", state: state);
        if (online)
        {
            await bench.OpenSessionAsync(bench.Line);
        }

        return bench;
    }

    public async Task OpenSessionAsync(Subscription line, string address = Address, string id = "80100014", string? delegated = null)
    {
        await SaveAsync(new LiveSession
        {
            TenantId = Company.Id,
            NasId = NasRow.Id,
            AcctSessionId = id,
            SubscriptionId = line.Id,
            Username = line.Username,
            FramedAddress = address,
            DelegatedPrefix = delegated,
            StartedAt = Services.Clock.Now,
            UpdatedAt = Services.Clock.Now,
        });
        Router.Insert("/ppp/active", ("name", line.Username), ("address", address));
    }

    /// <summary>Lets somebody in the office act on lines.</summary>
    public async Task ActAsync(Func<SubscriptionService, Task> act)
    {
        await using var scope = Company.Scope(Role.Owner);
        await act(scope.ServiceProvider.GetRequiredService<SubscriptionService>());
    }

    public Task SuspendAsync() => ActAsync(lines => lines.SuspendAsync(Line.Id, SuspendReason.Unpaid, null));

    /// <summary>Carries out what is pending for the line, once, and returns its newest command.</summary>
    public async Task<LineCommand> WorkAsync()
    {
        await Services.Provider.GetRequiredService<LineWorker>().RunAsync(Company.Id, Line.Id, TestContext.Current.CancellationToken);
        return (await CommandsAsync())[^1];
    }

    public Task<int> ReviewAsync() => Services.Provider.GetRequiredService<LineReview>().RunAsync(TestContext.Current.CancellationToken);

    public async Task<List<LineCommand>> CommandsAsync()
    {
        await using var db = Company.Open();
        return await db.LineCommands.AsNoTracking().OrderBy(c => c.RequestedAt).ThenBy(c => c.Id).ToListAsync();
    }

    public async Task<List<NetworkEvent>> EventsAsync(string kind)
    {
        await using var db = Company.Open();
        return await db.NetworkEvents.AsNoTracking().Where(e => e.Kind == kind).ToListAsync();
    }

    public async Task SaveAsync(params object[] rows)
    {
        await using var db = Company.Open();
        db.AddRange(rows);
        await db.SaveChangesAsync();
    }

    /// <summary>Each packet meets silence, and the clock moves on to the next try.</summary>
    public RadiusMessage? StaySilent(RadiusMessage request)
    {
        Services.Clock.Advance(TimeSpan.FromSeconds(1));
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await Nas.DisposeAsync();
        await Services.DisposeAsync();
    }
}
