using DataDefender.Domain.Notifications;

namespace DataDefender.Domain.Tests.Notifications;

public sealed class TemplateTests
{
    [Fact]
    public void Every_topic_has_a_text_in_both_languages_and_channels_that_uses_only_what_its_topic_knows()
    {
        var checkedTexts = 0;
        foreach (var topic in Enum.GetValues<MessageTopic>())
        {
            foreach (var channel in Enum.GetValues<MessageChannel>())
            {
                foreach (var language in Enum.GetValues<MessageLanguage>())
                {
                    var wording = StandardTemplates.Of(topic, channel, language);
                    Assert.Null(TemplateText.Fault(wording.Body, Placeholders.Of(topic)));
                    Assert.Equal(channel is MessageChannel.Email, wording.Subject is not null);
                    Assert.Null(TemplateText.Fault(wording.Subject ?? "", Placeholders.Of(topic)));
                    checkedTexts++;
                }
            }
        }

        Assert.Equal(13 * 2 * 2, checkedTexts);
    }

    [Fact]
    public void Every_standard_SMS_is_written_in_the_SMS_alphabet()
    {
        foreach (var topic in Enum.GetValues<MessageTopic>())
        {
            foreach (var language in Enum.GetValues<MessageLanguage>())
            {
                var body = StandardTemplates.Of(topic, MessageChannel.Sms, language).Body;
                Assert.True(SmsSegments.Of(body).IsGsm7, body);
            }
        }
    }

    [Theory]
    [InlineData("Dear {client}", null)]
    [InlineData("Dear {client", "is not closed")]
    [InlineData("Dear client}", "without a { before")]
    [InlineData("Dear {kunde}", "{kunde} is not known here")]
    [InlineData("Dear {}", "{} is not known here")]
    [InlineData("{{client}}", "{{client} is not known here")]
    public void What_cannot_be_filled_is_refused_with_the_place(string text, string? says)
    {
        var fault = TemplateText.Fault(text, [Placeholders.Client]);

        if (says is null)
        {
            Assert.Null(fault);
        }
        else
        {
            Assert.Contains(says, fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_a_value_holds_is_not_looked_into_again()
    {
        var filled = TemplateText.Fill("Dear {client}, {text}", new Dictionary<string, string> { ["client"] = "{text}", ["text"] = "hello" });

        Assert.Equal("Dear {text}, hello", filled);
    }
}
