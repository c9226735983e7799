using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Sandbox.Messaging;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Messaging;

/// <summary>The outbox against the Sandbox's SMS and e-mail providers, over HTTP.</summary>
public sealed class MessageDeliveryTests
{
    [Theory, EachDatabase]
    public async Task A_reminder_reaches_the_phone_with_its_values_and_its_price(DatabaseProvider provider)
    {
        await using var world = await MessagingWorld.StartAsync(provider);
        var client = await world.Company.AddClientAsync("Wanjiku Kamau", "0712 345 678");
        var id = await world.WriteAsync(client, MessageTopic.PaymentOverdue, new MessageValues { Amount = Money.Of(2_500), Due = new DateOnly(2026, 3, 1), Days = 2 });

        Assert.Equal(1, await world.SendAsync());

        var arrived = Assert.Single(world.World.Messages.All);
        Assert.Equal(("+254712345678", "SAVANNA", "sms"), (arrived.To, arrived.From, arrived.Channel));
        Assert.Equal(
            $"Dear Wanjiku Kamau, KES 2,500 was due on 1 Mar 2026, 2 days ago. Please pay. Paybill 123456, account {client.AccountNumber}. Savanna Fibre", arrived.Text);
        var message = await world.MessageAsync(id);
        Assert.Equal((MessageStatus.Sent, arrived.Id, 800_000 * message.Segments, "KES"), (message.Status, message.ProviderId, message.CostMicros, message.CostCurrency));
        Assert.Equal(0, await world.SendAsync()); // once
    }

    [Theory, EachDatabase]
    public async Task What_the_first_providers_certainly_did_not_take_goes_through_the_second_ones(DatabaseProvider provider)
    {
        await using var world = await MessagingWorld.StartAsync(
            provider, o => (o.AfricasTalkingUrl, o.ResendUrl) = ("http://127.0.0.1:1", "http://127.0.0.1:1"), // nobody listens there
            s => (s.SecondSmsUsername, s.SecondSmsKey, s.SecondSmsSender, s.UsesSecondEmail, s.SecondEmailKey) = ("AC123", "token", "+15005550006", true, "postmark-token"));
        var client = await world.Company.AddClientAsync("Wanjiku Kamau", "0712 345 678");
        var (sms, email) = (await world.WriteAsync(client), await world.WriteAsync(client, channel: MessageChannel.Email));
        var advertising = await world.WriteAsync(client, purpose: MessagePurpose.Promotional);

        await world.SendAsync();

        Assert.Equal([("email", client.Email!), ("sms", "+254712345678")], world.World.Messages.All.Select(m => (m.Channel, m.To)).Order());
        Assert.Equal("+15005550006", world.World.Messages.All.Single(m => m.Channel == "sms").From);
        foreach (var (id, name) in ((Guid, string)[])[(sms, "Twilio"), (email, "Postmark")])
        {
            var message = await world.MessageAsync(id);
            Assert.Equal(MessageStatus.Sent, message.Status);
            Assert.StartsWith($"Through {name}: ", message.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(MessageStatus.Queued, (await world.MessageAsync(advertising)).Status);
    }

    [Theory]
    [InlineData(MessageChannel.Sms)]
    [InlineData(MessageChannel.Email)]
    public async Task What_may_have_gone_out_is_never_given_to_the_second_provider(MessageChannel channel)
    {
        await using var world = await MessagingWorld.StartAsync(
            options: o => o.Timeout = TimeSpan.FromSeconds(1),
            settings: s => (s.SecondSmsUsername, s.SecondSmsKey, s.SecondSmsSender, s.UsesSecondEmail, s.SecondEmailKey, s.RepeatsUncertainSms) = ("AC123", "token", "+15005550006", true, "postmark-token", true));
        world.World.Messages.Turn(channel is MessageChannel.Sms ? "sms" : "email", MessagingFault.LostAnswer, 1);
        var id = await world.WriteAsync(await world.Company.AddClientAsync(), channel: channel);

        await world.SendAsync();

        Assert.True((await world.MessageAsync(id)).MayHaveGone);
        Assert.NotEqual("+15005550006", Assert.Single(world.World.Messages.All).From);
    }

    [Fact]
    public async Task A_client_who_reads_Kiswahili_gets_it()
    {
        await using var world = await MessagingWorld.StartAsync();
        var client = await world.Company.AddClientAsync("Juma Ali");
        await using (var db = world.Company.Open())
        {
            var row = await db.Clients.SingleAsync(c => c.Id == client.Id);
            row.Change(new() { Name = row.Name, Phone = row.Phone, Language = MessageLanguage.Swahili });
            await db.SaveChangesAsync();
            client = row;
        }

        await world.WriteAsync(client, MessageTopic.PaymentDueSoon, new MessageValues { Amount = Money.Of(1_000), Due = new DateOnly(2026, 3, 6), Days = -3 });
        await world.SendAsync();

        Assert.StartsWith("Mpendwa Juma Ali, KES 1,000 ya intaneti inapaswa kulipwa 6 Mar 2026, baada ya siku 3.", Assert.Single(world.World.Messages.All).Text, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task The_same_event_is_written_once_for_a_recipient(DatabaseProvider provider)
    {
        await using var world = await MessagingWorld.StartAsync(provider);
        var client = await world.Company.AddClientAsync();
        await world.WriteAsync(client, businessEvent: "invoice:1:overdue-3");

        await Assert.ThrowsAsync<DbUpdateException>(() => world.WriteAsync(client, businessEvent: "invoice:1:overdue-3"));
        await world.WriteAsync(client, businessEvent: "invoice:1:overdue-3", channel: MessageChannel.Email);
        await world.WriteAsync(await world.Company.AddClientAsync(), businessEvent: "invoice:1:overdue-3");
        await world.SendAsync();

        Assert.Equal(3, world.World.Messages.All.Count);
    }

    [Fact]
    public async Task Each_number_of_one_call_has_an_outcome_of_its_own()
    {
        await using var world = await MessagingWorld.StartAsync();
        var ids = new List<Guid>();
        foreach (var phone in (string[])["0712000403", "0712000405", "0712000406", "0712000001"])
        {
            ids.Add(await world.WriteAsync(await world.Company.AddClientAsync("Same Name", phone)));
        }

        await world.SendAsync();

        Assert.Equal((MessageStatus.Failed, "This is not a phone number that can be reached."), await SeenAsync(world, ids[0]));
        Assert.Equal((MessageStatus.Queued, "The account at the provider has no credit left."), await SeenAsync(world, ids[1]));
        Assert.Equal(MessageStatus.Suppressed, (await SeenAsync(world, ids[2])).Item1);
        Assert.Equal((MessageStatus.Sent, null), await SeenAsync(world, ids[3]));
        Assert.Single(world.World.Messages.All.GroupBy(m => m.Text)); // they were one text, in one call
    }

    [Fact]
    public async Task An_SMS_whose_answer_was_lost_is_not_sent_again_and_its_delivery_report_settles_it()
    {
        await using var world = await MessagingWorld.StartAsync(options: o => o.Timeout = TimeSpan.FromSeconds(1));
        world.World.Messages.Turn("sms", MessagingFault.LostAnswer, 1);
        var client = await world.Company.AddClientAsync(phone: "0712345678");
        var id = await world.WriteAsync(client);

        await world.SendAsync();
        Assert.Equal((MessageStatus.Uncertain, "Africa's Talking did not answer in time."), await SeenAsync(world, id));
        world.Services.Clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal(0, await world.SendAsync());

        var arrived = Assert.Single(world.World.Messages.All);
        Assert.True(await world.ReportAsync(new DeliveryReport(arrived.Id, ReportedState.Delivered, "254712345678")));
        Assert.Equal((MessageStatus.Delivered, arrived.Id), await world.MessageAsync(id) is var m ? (m.Status, m.ProviderId) : default);
    }

    [Fact]
    public async Task A_company_that_prefers_it_has_such_an_SMS_sent_again()
    {
        await using var world = await MessagingWorld.StartAsync(options: o => o.Timeout = TimeSpan.FromSeconds(1), settings: s => s.RepeatsUncertainSms = true);
        world.World.Messages.Turn("sms", MessagingFault.LostAnswer, 1);
        var id = await world.WriteAsync(await world.Company.AddClientAsync());

        await world.SendAsync();
        Assert.Equal(MessageStatus.Queued, (await SeenAsync(world, id)).Item1);
        world.Services.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.SendAsync();

        Assert.Equal(MessageStatus.Sent, (await SeenAsync(world, id)).Item1);
        Assert.Equal(2, world.World.Messages.All.Count); // as they were told it might
    }

    [Fact]
    public async Task An_email_whose_answer_was_lost_is_sent_again_and_arrives_once()
    {
        await using var world = await MessagingWorld.StartAsync(options: o => o.Timeout = TimeSpan.FromSeconds(1));
        world.World.Messages.Turn("email", MessagingFault.LostAnswer, 1);
        var id = await world.WriteAsync(await world.Company.AddClientAsync(), channel: MessageChannel.Email);

        await world.SendAsync();
        Assert.Equal(MessageStatus.Queued, (await SeenAsync(world, id)).Item1);
        world.Services.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.SendAsync();

        Assert.Equal(MessageStatus.Sent, (await SeenAsync(world, id)).Item1);
        Assert.Equal("Savanna Fibre <billing@savanna.example>", Assert.Single(world.World.Messages.All).From);
    }

    [Fact]
    public async Task A_provider_that_is_away_or_busy_is_asked_again_later()
    {
        await using var world = await MessagingWorld.StartAsync(options: o => o.AfricasTalkingUrl = "http://127.0.0.1:9"); // nobody listens there
        var id = await world.WriteAsync(await world.Company.AddClientAsync());
        await world.SendAsync();
        var waiting = await world.MessageAsync(id);
        Assert.Equal((MessageStatus.Queued, 1), (waiting.Status, waiting.Attempts));
        Assert.StartsWith("Africa's Talking could not be reached", waiting.Detail, StringComparison.Ordinal);

        await using var busy = await MessagingWorld.StartAsync();
        busy.World.Messages.Turn("sms", MessagingFault.SlowDown, 1);
        var other = await busy.WriteAsync(await busy.Company.AddClientAsync());
        await busy.SendAsync();
        Assert.Equal(busy.Services.Clock.Now.AddSeconds(2), (await busy.MessageAsync(other)).NextAttemptAt);
        busy.Services.Clock.Advance(TimeSpan.FromSeconds(2));
        await busy.SendAsync();
        Assert.Equal(MessageStatus.Sent, (await SeenAsync(busy, other)).Item1);
    }

    [Fact]
    public async Task Advertising_is_refused_at_19_00_and_goes_out_at_8_the_next_morning_while_bills_go_at_once()
    {
        await using var world = await MessagingWorld.StartAsync();
        world.MoveTo(new DateTime(2026, 3, 3, 16, 0, 0, DateTimeKind.Utc)); // 19:00 in Nairobi
        var client = await world.Company.AddClientAsync();
        var advertising = await world.WriteAsync(client, purpose: MessagePurpose.Promotional);
        var bill = await world.WriteAsync(client, MessageTopic.PaymentDueToday, new MessageValues { Amount = Money.Of(10) });

        await world.SendAsync();
        Assert.Equal((MessageStatus.Queued, "Advertising keeps the quiet hours."), await SeenAsync(world, advertising));
        Assert.Equal(new DateTime(2026, 3, 4, 5, 0, 0, DateTimeKind.Utc), (await world.MessageAsync(advertising)).NextAttemptAt);
        Assert.Equal(MessageStatus.Sent, (await SeenAsync(world, bill)).Item1);

        world.MoveTo(new DateTime(2026, 3, 4, 5, 0, 0, DateTimeKind.Utc));
        await world.SendAsync();
        Assert.Equal(MessageStatus.Sent, (await SeenAsync(world, advertising)).Item1);
        Assert.Equal("SAVANNAPR", world.World.Messages.All[^1].From);
    }

    [Fact]
    public async Task Who_opted_out_gets_bills_and_no_advertising_and_a_bounced_address_gets_nothing()
    {
        await using var world = await MessagingWorld.StartAsync();
        var client = await world.Company.AddClientAsync(phone: "0712345678");
        await using (var scope = world.Company.Scope(Role.Support))
        {
            await scope.ServiceProvider.GetRequiredService<MessageLogService>().OptOutAsync(MessageChannel.Sms, "0712 345 678", "By phone");
        }

        var advertising = await world.WriteAsync(client, purpose: MessagePurpose.Promotional);
        var bill = await world.WriteAsync(client);
        await world.SendAsync();
        Assert.Equal((MessageStatus.Suppressed, "The recipient does not want advertising: By phone"), await SeenAsync(world, advertising));
        Assert.Equal(MessageStatus.Sent, (await SeenAsync(world, bill)).Item1);

        var email = await world.WriteAsync(client, channel: MessageChannel.Email);
        await world.SendAsync();
        var sent = await world.MessageAsync(email);
        await world.ReportAsync(new DeliveryReport(sent.ProviderId!, ReportedState.Failed, Reason: "The address bounced."), MessageChannel.Email, suppress: true);
        Assert.Equal((MessageStatus.Failed, "The address bounced."), await SeenAsync(world, email));
        var next = await world.WriteAsync(client, channel: MessageChannel.Email);
        await world.SendAsync();
        Assert.Equal(MessageStatus.Suppressed, (await SeenAsync(world, next)).Item1);
    }

    [Fact]
    public async Task A_process_that_ends_while_it_sends_leaves_an_uncertain_SMS_and_not_a_second_one()
    {
        await using var world = await MessagingWorld.StartAsync();
        var id = await world.WriteAsync(await world.Company.AddClientAsync());
        await using (var db = world.Company.Open())
        {
            (await db.Messages.SingleAsync(m => m.Id == id)).Begin(world.Services.Clock.Now); // and then the process was killed
            await db.SaveChangesAsync();
        }

        await world.SendAsync();
        Assert.Equal(MessageStatus.Sending, (await SeenAsync(world, id)).Item1); // it may still be at work
        world.Services.Clock.Advance(TimeSpan.FromMinutes(6));
        await world.SendAsync();

        Assert.Equal((MessageStatus.Uncertain, "The process ended while this was being sent."), await SeenAsync(world, id));
        Assert.Empty(world.World.Messages.All);
    }

    [Fact]
    public async Task A_channel_that_is_off_leaves_a_message_that_says_so_and_a_stale_one_is_not_sent()
    {
        await using var world = await MessagingWorld.StartAsync(settings: s => s.EmailOn = false);
        var client = await world.Company.AddClientAsync();
        Assert.Equal((MessageStatus.Suppressed, "E-mail is switched off in the message channels."), await SeenAsync(world, await world.WriteAsync(client, channel: MessageChannel.Email)));

        var old = await world.WriteAsync(client);
        world.Services.Clock.Advance(TimeSpan.FromHours(49));
        await world.SendAsync();
        Assert.Equal(MessageStatus.Suppressed, (await SeenAsync(world, old)).Item1);
        Assert.Empty(world.World.Messages.All);
    }

    [Fact]
    public async Task A_thousand_messages_go_in_batches_and_no_key_is_in_the_log()
    {
        await using var world = await MessagingWorld.StartAsync();
        await using (var db = world.Company.Open())
        {
            var (desk, client) = (await MessageDesk.OpenAsync(db), await world.Company.AddClientAsync());
            for (var i = 0; i < 1_000; i++)
            {
                desk.Write(db, MessageTopic.Notice, new Addressee(client.Id, "Everybody", "1", $"2547{i:D8}", null, null), new MessageValues { Text = "all" }, "outage:1", [MessageChannel.Sms], world.Services.Clock.Now);
            }

            await db.SaveChangesAsync();
        }

        var rounds = 0;
        while (await world.SendAsync() > 0)
        {
            rounds++;
        }

        Assert.Equal((5, 1_000), (rounds, world.World.Messages.All.Select(m => m.To).Distinct().Count()));
        Assert.DoesNotContain(world.Services.Log.Lines, line => line.Contains("at-secret-key", StringComparison.Ordinal) || line.Contains("re_secret_key", StringComparison.Ordinal));
    }

    private static async Task<(MessageStatus, string?)> SeenAsync(MessagingWorld world, Guid id) => await world.MessageAsync(id) is var m ? (m.Status, m.Detail) : default;
}
