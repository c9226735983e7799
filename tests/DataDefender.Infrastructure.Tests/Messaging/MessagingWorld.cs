using DataDefender.Domain.Clients;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Messaging;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Sandbox;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Messaging;

/// <summary>A company that writes to its customers through the Sandbox's providers, over HTTP.</summary>
internal sealed class MessagingWorld : IAsyncDisposable
{
    private MessagingWorld(SandboxWorld world, TestServices services, TestCompany company) => (World, Services, Company) = (world, services, company);

    public SandboxWorld World { get; }

    public TestServices Services { get; }

    public TestCompany Company { get; }

    public static async Task<MessagingWorld> StartAsync(DatabaseProvider provider = DatabaseProvider.Sqlite, Action<MessagingOptions>? options = null, Action<MessagingInput>? settings = null)
    {
        var world = await SandboxWorld.StartAsync(new SandboxOptions { HttpPort = 0 });
        var services = await TestServices.CreateAsync(provider, s => s
            .AddMessageGateways()
            .AddScoped<DeliveryReports>().AddScoped<MessageLogService>().AddScoped<MessagingSettingsService>().AddScoped<TemplateService>()
            .Configure<MessagingOptions>(o =>
            {
                (o.AfricasTalkingUrl, o.ResendUrl) = ($"{world.ControlUrl}africastalking", $"{world.ControlUrl}resend");
                (o.TwilioUrl, o.PostmarkUrl) = ($"{world.ControlUrl}twilio", $"{world.ControlUrl}postmark");
                (o.Timeout, o.EmailsPerSecond) = (TimeSpan.FromSeconds(20), 100);
                options?.Invoke(o);
            }));
        services.Clock.Advance(new DateTime(2026, 3, 3, 9, 0, 0, DateTimeKind.Utc) - services.Clock.Now); // noon in Nairobi
        var company = await TestCompany.CreateAsync(services);
        var input = new MessagingInput
        {
            SmsOn = true, SmsUsername = "savanna", SmsKey = "at-secret-key", SmsSender = "SAVANNA", SmsPromotionalSender = "SAVANNAPR",
            EmailOn = true, EmailKey = "re_secret_key", EmailFrom = "Savanna Fibre <billing@savanna.example>", PaymentInstructions = "Paybill 123456, account ACCOUNT",
        };
        settings?.Invoke(input);
        await using var scope = company.Scope();
        await scope.ServiceProvider.GetRequiredService<MessagingSettingsService>().SaveAsync(input);
        return new MessagingWorld(world, services, company);
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        await World.DisposeAsync();
    }

    /// <summary>Writes about a topic to a client and returns the message's id; one a channel.</summary>
    public async Task<Guid> WriteAsync(
        Client client, MessageTopic topic = MessageTopic.Notice, MessageValues? values = null, string? businessEvent = null, MessageChannel channel = MessageChannel.Sms,
        MessagePurpose purpose = MessagePurpose.Transactional)
    {
        await using var db = Company.Open();
        var desk = await MessageDesk.OpenAsync(db);
        var written = desk.Write(
            db, topic, Addressee.Of(client), values ?? new MessageValues { Text = "hello" }, businessEvent ?? $"test:{Guid.CreateVersion7()}", [channel], Services.Clock.Now, purpose);
        await db.SaveChangesAsync();
        return written[0].Id;
    }

    public void MoveTo(DateTime utc) => Services.Clock.Advance(utc - Services.Clock.Now);

    public async Task<int> SendAsync()
    {
        await using var scope = Company.Scope();
        return await scope.ServiceProvider.GetRequiredService<MessageDelivery>().SendDueAsync(TestContext.Current.CancellationToken);
    }

    public async Task<bool> ReportAsync(DeliveryReport report, MessageChannel channel = MessageChannel.Sms, bool suppress = false)
    {
        await using var scope = Company.Scope();
        return await scope.ServiceProvider.GetRequiredService<DeliveryReports>().ApplyAsync(channel, report, suppress);
    }

    public async Task<Message> MessageAsync(Guid id)
    {
        await using var db = Company.Open();
        return await db.Messages.AsNoTracking().SingleAsync(m => m.Id == id);
    }
}
