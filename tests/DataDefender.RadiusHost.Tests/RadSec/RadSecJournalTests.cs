using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.RadSec;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.RadiusHost.Tests.RadSec;

/// <summary>Over TLS as over UDP: no answer to accounting before it is on the disk (RFC 2866 §2).</summary>
public sealed class RadSecJournalTests
{
    [Fact]
    public async Task Accounting_is_answered_only_after_the_journal_and_logins_do_not_wait_for_it()
    {
        await using var services = await TestServices.CreateAsync();
        var company = await TestCompany.CreateAsync(services);
        await company.AddNasAsync(address: "", configure: n => n.Certificate = "router.example");
        await company.AddSubscriptionAsync(username: "wanjiku", password: HostFixture.Password);
        var authority = new TestAuthority();
        using var syncing = new SemaphoreSlim(0);
        using var disk = new ManualResetEventSlim(initialState: true);
        await using var host = RunningHost.Prepare(
            services.Database,
            replace => replace.AddSingleton(_ => Journal.Open(Path.Combine(services.Database.Folder.FullName, "slow-journal"), 1 << 20, file =>
            {
                syncing.Release();
                disk.Wait(TestContext.Current.CancellationToken);
                DurableFiles.SyncData(file);
            })),
            [.. authority.Write(services.Database.Folder.FullName, authority.ForServer()), ("Radius:RadSecPort", $"{Test.FreeTcpPort()}")]);
        await host.StartAsync();
        await using var accounting = await RadSecTestClient.ConnectAsync(host.Service<RadSecPorts>().EndPoint, authority, authority.ForRouter("router.example"));
        await using var logins = await RadSecTestClient.ConnectAsync(host.Service<RadSecPorts>().EndPoint, authority, authority.ForRouter("router.example"));
        while (await syncing.WaitAsync(0, TestContext.Current.CancellationToken))
        {
            // those of the start
        }

        disk.Reset();
        using var end = new Release(disk);
        var answer = accounting.AskAsync(Test.Accounting(AcctStatusType.Start, "somebody-else", "slow-disk"));
        Assert.True(await syncing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Equal(RadiusCode.AccessAccept, (await logins.AskAsync(Test.Login(RadSecTestClient.Secret, "wanjiku", HostFixture.Password, 1))).Code);
        Assert.False(answer.IsCompleted);

        disk.Set();

        Assert.Equal(RadiusCode.AccountingResponse, (await answer).Code);
        await host.AppliedAsync();
    }

    [Fact]
    public async Task What_was_taken_before_the_end_is_still_answered()
    {
        await using var services = await TestServices.CreateAsync();
        var company = await TestCompany.CreateAsync(services);
        await company.AddNasAsync(address: "", configure: n => n.Certificate = "router.example");
        var authority = new TestAuthority();
        using var syncing = new SemaphoreSlim(0);
        using var disk = new ManualResetEventSlim(initialState: true);
        await using var host = RunningHost.Prepare(
            services.Database,
            replace => replace.AddSingleton(_ => Journal.Open(Path.Combine(services.Database.Folder.FullName, "slow-journal"), 1 << 20, file =>
            {
                syncing.Release();
                disk.Wait(TestContext.Current.CancellationToken);
                DurableFiles.SyncData(file);
            })),
            [.. authority.Write(services.Database.Folder.FullName, authority.ForServer()), ("Radius:RadSecPort", $"{Test.FreeTcpPort()}")]);
        await host.StartAsync();
        await using var router = await RadSecTestClient.ConnectAsync(host.Service<RadSecPorts>().EndPoint, authority, authority.ForRouter("router.example"));
        while (await syncing.WaitAsync(0, TestContext.Current.CancellationToken))
        {
            // those of the start
        }

        disk.Reset();
        var answer = router.AskAsync(Test.Accounting(AcctStatusType.Start, "nobody", "at-the-end"));
        Assert.True(await syncing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        var ending = host.StopAsync();
        disk.Set();

        Assert.Equal(RadiusCode.AccountingResponse, (await answer).Code);
        await ending;
        Assert.True(await router.IsClosedAsync());
    }

    [Theory]
    [InlineData("Radius:RadSecCertificate", "", "is needed")]
    [InlineData("Radius:RadSecCertificateKey", "nowhere.key", "there is no file")]
    [InlineData("Radius:RadSecClientAuthorities", "empty.pem", "holds no certificate")]
    public async Task A_setting_that_cannot_be_used_ends_the_start_and_is_named(string setting, string value, string problem)
    {
        await using var services = await TestServices.CreateAsync();
        var authority = new TestAuthority();
        var folder = services.Database.Folder.FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "empty.pem"), "", TestContext.Current.CancellationToken);
        await using var host = RunningHost.Prepare(
            services.Database,
            [.. authority.Write(folder, authority.ForServer()), ("Radius:RadSecPort", $"{Test.FreeTcpPort()}"), (setting, value.Length == 0 ? "" : Path.Combine(folder, value))]);

        var refused = await Assert.ThrowsAnyAsync<Exception>(host.StartAsync);

        Assert.Contains(setting, refused.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    private sealed class Release(ManualResetEventSlim disk) : IDisposable
    {
        public void Dispose() => disk.Set();
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_without_a_restart()
    {
        await using var services = await TestServices.CreateAsync();
        var authority = new TestAuthority();
        var (first, second) = (authority.ForServer(), authority.ForServer());
        var settings = authority.Write(services.Database.Folder.FullName, first);
        var options = new RadSecOptions { RadSecCertificate = settings[0].Value, RadSecCertificateKey = settings[1].Value, RadSecClientAuthorities = settings[2].Value };
        using var certificates = new RadSecCertificates(options, services.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<RadSecCertificates>.Instance);
        Assert.Equal(first.Thumbprint, certificates.ForHandshake().ServerCertificateContext!.TargetCertificate.Thumbprint);

        File.WriteAllText(settings[0].Value, "half a cert");
        File.SetLastWriteTimeUtc(settings[0].Value, services.Clock.Now.AddDays(1));
        services.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first.Thumbprint, certificates.ForHandshake().ServerCertificateContext!.TargetCertificate.Thumbprint);

        authority.Write(services.Database.Folder.FullName, second);
        File.SetLastWriteTimeUtc(settings[0].Value, services.Clock.Now.AddDays(2));
        services.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(second.Thumbprint, certificates.ForHandshake().ServerCertificateContext!.TargetCertificate.Thumbprint);
    }
}
