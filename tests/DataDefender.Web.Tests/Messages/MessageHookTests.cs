using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Testing;
using DataDefender.Web.Tests.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Messages;

/// <summary>What providers may tell us over HTTP, and what strangers may not.</summary>
public sealed class MessageHookTests(ReadyWeb web) : IClassFixture<ReadyWeb>
{
    private const string Signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public async Task A_delivery_report_at_the_companys_own_address_is_taken()
    {
        var (company, token, message) = await SentAsync(MessageChannel.Sms, "ATXid_1");
        using var http = web.CreateClient();

        using var wrong = await http.PostAsync($"/hooks/africastalking/{company.Id}/{new string('0', 32)}", Report("ATXid_1"));
        Assert.Equal(HttpStatusCode.NotFound, wrong.StatusCode);
        Assert.Equal(MessageStatus.Sent, await StatusAsync(company, message));

        using var taken = await http.PostAsync($"/hooks/africastalking/{company.Id}/{token}", Report("ATXid_1"));
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(MessageStatus.Delivered, await StatusAsync(company, message));

        using var unknown = await http.PostAsync($"/hooks/africastalking/{company.Id}/{token}", Report("ATXid_9"));
        Assert.Equal(HttpStatusCode.OK, unknown.StatusCode); // nothing to complain about

        static FormUrlEncodedContent Report(string id) => new([new("id", id), new("status", "Success"), new("phoneNumber", "+254712345678"), new("networkCode", "63902")]);
    }

    [Fact]
    public async Task An_event_of_the_email_provider_counts_only_with_its_signature()
    {
        var (company, _, message) = await SentAsync(MessageChannel.Email, "9f0e");
        using var http = web.CreateClient();
        const string Body = """{"type":"email.bounced","created_at":"2026-03-03T09:00:00Z","data":{"email_id":"9f0e","to":["Someone@Example.com"]}}""";

        using var unsigned = await http.SendAsync(Event(company.Id, Body, sign: false));
        Assert.Equal(HttpStatusCode.NotFound, unsigned.StatusCode);
        Assert.Equal(MessageStatus.Sent, await StatusAsync(company, message));

        using var signed = await http.SendAsync(Event(company.Id, Body, sign: true));
        Assert.Equal(HttpStatusCode.OK, signed.StatusCode);
        Assert.Equal(MessageStatus.Failed, await StatusAsync(company, message));
        await using var db = company.Open();
        Assert.Equal(OptOutScope.Everything, (await db.OptOuts.SingleAsync()).Scope);

        using var nonsense = await http.SendAsync(Event(company.Id, "[1, 2", sign: true));
        Assert.Equal(HttpStatusCode.OK, nonsense.StatusCode); // signed, and says nothing
    }

    private static HttpRequestMessage Event(Guid company, string body, bool sign)
    {
        var timestamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Convert.FromBase64String(Signing["whsec_".Length..]), Encoding.UTF8.GetBytes($"msg_1.{timestamp}.{body}"));
        var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/resend/{company}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("svix-id", "msg_1");
        request.Headers.Add("svix-timestamp", timestamp);
        request.Headers.Add("svix-signature", sign ? $"v1,{Convert.ToBase64String(signature)}" : "v1,AAAA");
        return request;
    }

    private async Task<(TestCompany Company, string Token, Guid Message)> SentAsync(MessageChannel channel, string providerId)
    {
        var company = await web.AddCompanyAsync();
        await using (var scope = web.Services.CreateAsyncScope())
        {
            scope.ServiceProvider.GetRequiredService<Domain.Tenancy.TenantContext>().Use(company.Id);
            scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(Actor.System("test"));
            await scope.ServiceProvider.GetRequiredService<MessagingSettingsService>().SaveAsync(new MessagingInput
            {
                SmsOn = true, SmsUsername = "savanna", SmsKey = "key", EmailOn = true, EmailKey = "re_key", EmailFrom = "billing@savanna.example", EmailSigning = Signing,
            });
        }

        await using var db = company.Open();
        var client = await company.AddClientAsync(phone: "0712345678");
        var desk = await MessageDesk.OpenAsync(db);
        var now = web.World.Clock.Now;
        var message = desk.Write(db, MessageTopic.Notice, Addressee.Of(client), new MessageValues { Text = "hello" }, "test:1", [channel], now)[0];
        message.Begin(now);
        message.Take(new SendOutcome.Accepted(providerId), now);
        await db.SaveChangesAsync();
        return (company, (await db.MessagingSettings.SingleAsync()).ReportToken, message.Id);
    }

    private static async Task<MessageStatus> StatusAsync(TestCompany company, Guid message)
    {
        await using var db = company.Open();
        return (await db.Messages.AsNoTracking().SingleAsync(m => m.Id == message)).Status;
    }
}
