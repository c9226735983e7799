using System.Diagnostics;
using System.Globalization;
using System.Net;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Infrastructure.Seeding;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Back after a kill while many are online. DATADEFENDER_RESTART_SESSIONS sets how many (5,000).</summary>
[Collection(nameof(Alone))]
public sealed class RestartTests
{
    private const int Batch = 2_000;

    private static int Sessions => int.TryParse(Environment.GetEnvironmentVariable("DATADEFENDER_RESTART_SESSIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var sessions) ? sessions : 5_000;

    [Theory]
    [EachDatabase]
    public async Task Killed_with_many_open_sessions_it_answers_again_within_ten_seconds_and_knows_them(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider);
        await ActivatorUtilities.CreateInstance<SeedLoad>(services.Provider).RunAsync(Sessions, TestContext.Current.CancellationToken);
        await OpenSessionsAsync(services);
        var ports = ChildHost.FreePorts();
        await using (var killed = await ChildHost.StartAsync(services.Database, ports))
        {
            await killed.KillAsync();
        }

        var watch = Stopwatch.StartNew();
        await using var host = await ChildHost.StartAsync(services.Database, ports);
        var client = new RadiusTestClient(new IPEndPoint(IPAddress.Loopback, ports.Authentication), new IPEndPoint(IPAddress.Loopback, ports.Accounting), "testing123");
        var (user, password, _) = SeedLoad.Credentials(Sessions - 1);
        var sameDevice = await client.AskAsync(client.PppoeRequest(user, Mac(Sessions - 1)).AddPapPassword(password, client.Secret));
        var otherDevice = await client.AskAsync(client.PppoeRequest(user, "06:00:00:00:00:01").AddPapPassword(password, client.Secret));

        Assert.Equal((RadiusCode.AccessAccept, RadiusCode.AccessReject), (sameDevice.Code, otherDevice.Code));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Sessions} open sessions, answering after {watch.Elapsed.TotalSeconds:0.0} s");
    }

    private static string Mac(int number) => $"02:00:{(number >> 24) & 255:X2}:{(number >> 16) & 255:X2}:{(number >> 8) & 255:X2}:{number & 255:X2}";

    private static async Task OpenSessionsAsync(TestServices services)
    {
        await using var platform = services.OpenPlatform();
        var company = (await platform.Companies.SingleAsync()).Id;
        await using var db = services.Open(company);
        var nas = (await db.NasDevices.SingleAsync()).Id;
        var lines = await db.Subscriptions.OrderBy(s => s.Username).Select(s => new { s.Id, s.Username }).ToListAsync();
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        foreach (var some in lines.Index().Chunk(Batch))
        {
            db.LiveSessions.AddRange(some.Select(line => new LiveSession
            {
                TenantId = company,
                NasId = nas,
                AcctSessionId = $"{line.Index:x8}",
                SubscriptionId = line.Item.Id,
                Username = line.Item.Username,
                CallingStationId = Mac(line.Index),
                StartedAt = now.AddHours(-1),
                UpdatedAt = now,
            }));
            await db.SaveChangesAsync();
            db.ChangeTracker.Clear();
        }
    }
}
