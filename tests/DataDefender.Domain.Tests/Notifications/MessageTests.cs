using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Notifications;

public sealed class MessageTests
{
    private static readonly DateTime Noon = new(2026, 3, 3, 9, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_message_goes_from_the_queue_to_the_phone()
    {
        var message = New();
        message.Begin(Noon);
        message.Take(new SendOutcome.Accepted("AT1", 800_000, "KES"), Noon);
        Assert.Equal((MessageStatus.Sent, "AT1", 800_000), (message.Status, message.ProviderId, message.CostMicros));

        Assert.True(message.Report(new DeliveryReport("AT1", ReportedState.Delivered), Noon.AddMinutes(1)));

        Assert.Equal((MessageStatus.Delivered, Noon.AddMinutes(1)), (message.Status, message.DeliveredAt));
    }

    [Fact]
    public void What_certainly_did_not_go_out_waits_longer_each_time_and_is_given_up_at_last()
    {
        var (message, now, pauses) = (New(), Noon, new List<TimeSpan>());
        for (var attempt = 1; attempt < Message.MostAttempts; attempt++)
        {
            message.Begin(now);
            message.Take(new SendOutcome.NotSent("down"), now);
            Assert.Equal(MessageStatus.Queued, message.Status);
            pauses.Add(message.NextAttemptAt - now);
            now = message.NextAttemptAt;
        }

        Assert.Equal(pauses.Order(), pauses);
        message.Begin(now);
        message.Take(new SendOutcome.NotSent("down"), now);

        Assert.Equal((MessageStatus.Failed, "Given up after 8 attempts. down"), (message.Status, message.Detail));
    }

    [Fact]
    public void A_provider_that_names_a_pause_gets_it()
    {
        var message = New();
        message.Begin(Noon);
        message.Take(new SendOutcome.NotSent("slow down", TimeSpan.FromSeconds(77)), Noon);

        Assert.Equal(Noon.AddSeconds(77), message.NextAttemptAt);
    }

    [Fact]
    public void Trouble_of_the_provider_or_the_account_gives_no_message_up()
    {
        var message = New();
        var now = Noon;
        for (var i = 0; i < 50; i++)
        {
            message.Begin(now);
            message.Take(new SendOutcome.NotSent("no credit left", TimeSpan.FromMinutes(15)), now);
            now = message.NextAttemptAt;
        }

        Assert.Equal((MessageStatus.Queued, 0), (message.Status, message.Attempts));
    }

    [Fact]
    public void Sent_again_by_a_person_it_is_as_young_as_a_new_one()
    {
        var message = New();
        message.Begin(Noon);
        message.Take(new SendOutcome.Refused("no such number"), Noon);

        message.SendAgain(Noon.AddDays(5));

        Assert.Equal((MessageStatus.Queued, Noon.AddDays(5)), (message.Status, message.QueuedAt));
    }

    [Fact]
    public void An_answer_that_was_lost_leaves_it_uncertain_until_a_report_comes()
    {
        var message = New();
        message.Begin(Noon);
        message.Take(new SendOutcome.Unknown("no answer"), Noon);
        Assert.Equal(MessageStatus.Uncertain, message.Status);
        Assert.Throws<DomainException>(() => message.Begin(Noon)); // it is not sent again by itself

        Assert.True(message.Report(new DeliveryReport("AT9", ReportedState.Delivered), Noon));

        Assert.Equal((MessageStatus.Delivered, "AT9"), (message.Status, message.ProviderId));
    }

    [Fact]
    public void Without_an_address_it_is_suppressed_and_says_so() =>
        Assert.Equal((MessageStatus.Suppressed, "The client has no address for this channel."), New(recipient: "") is var m ? (m.Status, m.Detail) : default);

    /// <summary>Reports come late, twice and in any order; what they leave never gets worse by one that knows less.</summary>
    [Fact]
    public void No_order_of_reports_takes_a_final_state_back()
    {
        var reports = Gen.ListOf(Gen.Elements(Enum.GetValues<ReportedState>())).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(reports, states =>
        {
            var message = New();
            message.Begin(Noon);
            message.Take(new SendOutcome.Unknown("no answer"), Noon);
            MessageStatus? final = null;
            foreach (var state in states)
            {
                var before = message.Status;
                message.Report(new DeliveryReport("AT1", state), Noon);
                if (message.Status < before || (final is { } reached && message.Status != reached))
                {
                    return false;
                }

                final ??= message.Status is MessageStatus.Delivered or MessageStatus.Failed ? message.Status : null;
            }

            // The first final report decides; one that says "under way" never does.
            var first = states.FirstOrDefault(s => s is not ReportedState.UnderWay, ReportedState.UnderWay);
            return first switch
            {
                ReportedState.Delivered => message.Status is MessageStatus.Delivered,
                ReportedState.Failed => message.Status is MessageStatus.Failed,
                _ => message.Status is MessageStatus.Uncertain or MessageStatus.Sent,
            };
        }));
    }

    private static Message New(string recipient = "254712345678") => new(
        Guid.CreateVersion7(), new MessageDraft(MessageChannel.Sms, MessageTopic.Notice, MessagePurpose.Transactional, MessageLanguage.English, recipient, null, "Hello", "test"), Noon);
}
