using Bunit;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MessageList = DataDefender.Web.Components.Pages.Messages.Messages;

namespace DataDefender.Web.Tests.Messages;

public sealed class MessagePagesTests : PageTest
{
    [Fact]
    public void Without_a_message_the_page_says_what_would_be_here_and_leads_to_the_channels()
    {
        var page = Render<MessageList>();

        page.WaitForAssertion(() => Assert.Contains("No messages yet", page.Markup, StringComparison.Ordinal));
        Assert.Contains("href=\"/settings/messages\"", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_listed_with_its_client_its_text_and_why_it_did_not_go()
    {
        var client = await Company.AddClientAsync("Wanjiku Kamau", "0712345678");
        await using (var db = Company.Open())
        {
            var desk = await MessageDesk.OpenAsync(db);
            desk.Write(db, MessageTopic.Notice, Addressee.Of(client), new MessageValues { Text = "we are closed on Monday." }, "test:1", [MessageChannel.Sms], Clock.Now);
            await db.SaveChangesAsync();
        }

        var page = Render<MessageList>();

        page.WaitForAssertion(() =>
        {
            Assert.Contains("Dear Wanjiku Kamau, we are closed on Monday.", page.Markup, StringComparison.Ordinal);
            Assert.Contains("0712 345 678", page.Markup, StringComparison.Ordinal);
            Assert.Contains("SMS is switched off in the message channels.", page.Markup, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Channels_are_saved_a_key_is_never_shown_again_and_the_report_address_appears()
    {
        var page = Render<MessageChannels>();
        page.WaitForElement("#sms-user").Change("savanna");
        page.Find("#sms-key").Change("at-secret-key");
        page.FindAll("label.check input")[2].Change(true);
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains($"/hooks/africastalking/{Company.Id}/", page.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("at-secret-key", page.Markup, StringComparison.Ordinal);
        await using var db = Company.Open();
        var settings = await db.MessagingSettings.SingleAsync();
        Assert.True(settings.SmsOn);
        Assert.DoesNotContain("at-secret-key", settings.SmsKeyCipher!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_without_its_key_is_refused_beside_the_field()
    {
        var page = Render<MessageChannels>();
        page.WaitForElement("#sms-user").Change("savanna");
        page.FindAll("label.check input")[2].Change(true);
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("Write the API key of your SMS account.", page.Find("#sms-key-error").TextContent.Trim()));
    }

    [Fact]
    public async Task A_text_counts_its_parts_while_it_is_typed_and_one_that_cannot_be_filled_is_refused()
    {
        var page = Render<MessageTexts>();
        page.WaitForElement("#text-body").Input(new string('a', 161));
        Assert.Contains("2 parts, 161 of 306 characters", page.Markup, StringComparison.Ordinal);
        page.Find("#text-body").Input("Pay’s");
        Assert.Contains("outside the SMS alphabet", page.Markup, StringComparison.Ordinal);

        page.Find("#text-body").Input("Dear {kunde}");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.Contains("{kunde} is not known here", page.Find("#text-body-error").TextContent, StringComparison.Ordinal));

        page.Find("#text-body").Input("Dear {client}, pay {amount}. {payto}");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.Contains("Use the standard text", page.Markup, StringComparison.Ordinal));
        await using var db = Company.Open();
        Assert.Equal("Dear {client}, pay {amount}. {payto}", (await db.MessageTemplates.SingleAsync()).Body);
    }
}
