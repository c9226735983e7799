using System.Text.Json;
using System.Text.Json.Serialization;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>
/// The demonstration's routers, in the product as an admin would enter them, and in a settings file from which whoever plays the
/// outside world dials the same lines in. The file is made of what the database holds, so it follows what was changed since.
/// </summary>
internal sealed class DemoSandbox(ContextSource source, ISecretVault vault, TenantScopes scopes, DemoPayments payments, IConfiguration configuration)
{
    private const int CoaPortOffset = 40;
    private const string ApiUser = "datadefender";

    private static readonly (string Name, string Site, string Personality)[] Routers =
    [
        ("NBO-KILIMANI-1", "Kilimani POP", "v7.22"), ("NBO-KASARANI-1", "Kasarani POP", "v7.9"), ("KBU-RUIRU-1", "Ruiru POP", "v7.22"), ("KJD-NGONG-1", "Ngong hill", "v6.49"),
    ];

    /// <summary>What the demonstration's company has entered of its accounts at the providers.</summary>
    public static MessagingInput Messaging => new()
    {
        SmsOn = true, SmsUsername = "savanna", SmsKey = "demo-key", SmsSender = "SAVANNA", SmsPromotionalSender = "SAVANNAPROM", PaymentInstructions = "Paybill 522522, account ACCOUNT",
        AnnouncesInvoices = true, AnnouncesPayments = true,
        EmailOn = true, EmailKey = "re_demo_key", EmailFrom = "Savanna Fibre <billing@savanna-fibre.example>", EmailSigning = EmailSigning,
    };

    private const string EmailSigning = "whsec_c2FuZGJveC1zaWduaW5nLXNlY3JldA==";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public async Task AddRoutersAsync(IServiceProvider scope, DemoPlaces places, CancellationToken ct)
    {
        for (var i = 0; i < Routers.Length; i++)
        {
            var router = await scope.GetRequiredService<RouterService>().AddAsync(Wanted(i, places), ct: ct);
            await scope.GetRequiredService<NasService>().AddAsync(
                new NasInput { Name = Routers[i].Name, Address = AddressOf(i), Identifier = IdentifierOf(i), CoaPort = places.RouterPort + CoaPortOffset + i }, router, ct);
        }

        await DemoNetwork.AddAsync(scope, ct);
    }

    /// <summary>Moves the routers to the ports that are asked for now, and writes the file.</summary>
    public async Task WriteAsync(string file, Guid company, DemoPlaces places, CancellationToken ct)
    {
        await MoveAsync(company, places, ct);
        await payments.AddAsync(company, places.SandboxHttpPort, ct);
        await using var db = source.Create(company, Actor.System("seed demo"));
        var cipher = await vault.OpenAsync(company, ct);
        var devices = await (from nas in db.NasDevices.AsNoTracking()
                             join router in db.Routers.AsNoTracking() on nas.RouterId equals router.Id
                             orderby router.Name
                             select new { nas, router }).ToListAsync(ct);
        var lines = await db.Subscriptions.AsNoTracking().OrderBy(s => s.Username).ToListAsync(ct);
        var names = devices.ConvertAll(d => d.router.Name);
        var reports = places.WebUrl is null ? null : await db.MessagingSettings.Select(s => s.ReportToken).SingleOrDefaultAsync(ct);
        var settings = new
        {
            Sandbox = new
            {
                Seed = 7,
                HttpPort = places.SandboxHttpPort,
                Money = await payments.WorldAsync(company, ct),
                DialRate = devices.Count > 50 ? 1 : 10, // each router
                Radius = new
                {
                    Address = configuration["Radius:Address"] ?? "127.0.0.1",
                    AuthenticationPort = configuration.GetValue("Radius:AuthenticationPort", 1812),
                    AccountingPort = configuration.GetValue("Radius:AccountingPort", 1813),
                },
                Messaging = new
                {
                    SmsReportUrl = reports is null ? null : $"{places.WebUrl}/hooks/africastalking/{company}/{reports}",
                    EmailReportUrl = reports is null ? null : $"{places.WebUrl}/hooks/resend/{company}",
                    EmailSigningSecret = EmailSigning,
                },
                Routers = devices.Select(d => new
                {
                    d.router.Name,
                    Personality = Routers.FirstOrDefault(r => r.Name == d.router.Name).Personality ?? "v7.22",
                    d.nas.Address,
                    ApiPort = d.router.UseTls ? (int?)null : d.router.ApiPort,
                    TlsPort = d.router.UseTls ? d.router.ApiPort : (int?)null,
                    CertificateFile = d.router.UseTls ? Path.ChangeExtension(file, $".{d.router.Name}.pfx") : null,
                    d.nas.CoaPort,
                    Updates = new { stable = Routers.FirstOrDefault(r => r.Name == d.router.Name).Personality?.StartsWith("v6", StringComparison.Ordinal) is true ? "6.49.18" : "7.22.5" },
                    Neighbours = DemoNetwork.CablesOf(d.router.Name).Select(c => new { c.Interface, c.Router, c.TheirInterface }),
                    User = d.router.Username,
                    Password = cipher.Reveal(d.router.PasswordPlace(), d.router.PasswordCipher),
                    RadiusSecret = cipher.Reveal(d.nas.SecretPlace(), d.nas.SecretCipher),
                }),
                Subscribers = lines.Select((line, i) => Dialler(line, i, names, cipher)),
            },
        };
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(settings, Json), ct);
    }

    /// <summary>The customer's own box. A few have a password that was mistyped, as in life, so that refused logins can be seen and explained.</summary>
    private static object Dialler(Subscription line, int number, List<string> routers, ITenantCipher cipher) => new
    {
        line.Username,
        Password = number % 40 == 17 ? "mistyped-password" : cipher.Reveal(line.PasswordPlace(), line.PasswordCipher),
        Router = routers.Count == 0 ? "" : routers[routers.Count > 50 ? number % routers.Count : RouterOf(line.Username, routers.Count)],
        Method = (number % 10) switch { 0 => "Pap", 1 or 2 => "Chap", _ => "MsChapV2" },
    };

    /// <summary>Which router, in the order of their names, a line dials in on.</summary>
    public static int RouterOf(string username, int routers) => username.Sum(c => c) % routers;

    private static RouterInput Wanted(int number, DemoPlaces places) => new()
    {
        Name = Routers[number].Name,
        Site = Routers[number].Site,
        Host = AddressOf(number),
        ApiPort = places.RouterPort + number,
        UseTls = number == 0, // one over TLS, so that a pinned certificate can be seen
        Username = ApiUser,
        Password = LineCredentials.NewPassword(),
    };

    /// <summary>Addresses of their own on loopback, which macOS does not have unasked: there the NAS-Identifier tells them apart.</summary>
    private static string AddressOf(int number) => OperatingSystem.IsMacOS() ? "127.0.0.1" : $"127.0.0.{11 + number}";

    private static string? IdentifierOf(int number) => OperatingSystem.IsMacOS() ? Routers[number].Name : null;

    private async Task MoveAsync(Guid company, DemoPlaces places, CancellationToken ct)
    {
        await using var scope = scopes.Open(company, "seed demo");
        await using var db = source.Create(company, Actor.System("seed demo"));
        var devices = await (from nas in db.NasDevices.AsNoTracking()
                             join router in db.Routers.AsNoTracking() on nas.RouterId equals router.Id
                             select new { nas, router }).ToListAsync(ct);
        for (var i = 0; i < Routers.Length; i++)
        {
            var (apiPort, coaPort) = (places.RouterPort + i, places.RouterPort + CoaPortOffset + i);
            foreach (var device in devices.Where(d => d.router.Name == Routers[i].Name))
            {
                if (device.router.ApiPort != apiPort)
                {
                    var wanted = Wanted(i, places);
                    wanted.Password = null; // keeps the one that is stored
                    await scope.ServiceProvider.GetRequiredService<RouterService>().ChangeAsync(device.router.Id, wanted, ct: ct);
                }

                if (device.nas.CoaPort != coaPort)
                {
                    var input = new NasInput
                    {
                        Name = device.nas.Name, Address = device.nas.Address, Identifier = device.nas.Identifier,
                        MessageAuthenticator = device.nas.MessageAuthenticator, CoaPort = coaPort, IsEnabled = device.nas.IsEnabled,
                    };
                    await scope.ServiceProvider.GetRequiredService<NasService>().ChangeAsync(device.nas.Id, input, device.router.Id, ct);
                }
            }
        }
    }
}
