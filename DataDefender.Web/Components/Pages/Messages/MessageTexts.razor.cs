using DataDefender.Domain.Notifications;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Messages;

/// <summary>The texts of messages, with what they look like and how many parts an SMS has.</summary>
public sealed partial class MessageTexts(TemplateService templates, UiActions ui, Workplace workplace, NavigationManager navigation)
{
    private readonly FormErrors _errors = new();
    private IReadOnlyList<TemplateRow> _rows = [];
    private (MessageTopic, MessageChannel, MessageLanguage)? _shown;
    private string? _subject;
    private string _body = "";
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "topic")]
    private string? TopicName { get; set; }

    [SupplyParameterFromQuery(Name = "channel")]
    private string? ChannelName { get; set; }

    [SupplyParameterFromQuery(Name = "language")]
    private string? LanguageName { get; set; }

    private MessageTopic Topic => Parse(TopicName, MessageTopic.InvoiceIssued);

    private MessageChannel Channel => Parse(ChannelName, MessageChannel.Sms);

    private MessageLanguage Language => Parse(LanguageName, MessageLanguage.English);

    private TemplateRow Current => _rows.First(r => (r.Topic, r.Channel, r.Language) == (Topic, Channel, Language));

    private string Filled => TemplateText.Fill(_body, Sample);

    private SmsSegments Segments => SmsSegments.Of(Filled);

    private Dictionary<string, string> Sample => new(StringComparer.Ordinal)
    {
        [Placeholders.Client] = "Wanjiku Kamau",
        [Placeholders.Company] = workplace.Company?.Name ?? "",
        [Placeholders.Account] = "10000017",
        [Placeholders.Invoice] = "INV-2026-000123",
        [Placeholders.Amount] = $"{workplace.Company?.Currency} 2,500",
        [Placeholders.Balance] = $"{workplace.Company?.Currency} 2,500",
        [Placeholders.Due] = "5 Mar 2026",
        [Placeholders.Days] = Language is MessageLanguage.Swahili ? "siku 3" : "3 days",
        [Placeholders.Line] = "wanjiku01",
        [Placeholders.Until] = "8 Mar 2026",
        [Placeholders.Receipt] = "TC51ABCDEF",
        [Placeholders.PayTo] = "Paybill 123456, account 10000017.",
        [Placeholders.Text] = Language is MessageLanguage.Swahili ? "ofisi yetu itafungwa Jumatatu." : "our office is closed on Monday.",
    };

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override void OnParametersSet() => Show(force: false);

    private static T Parse<T>(string? text, T otherwise) where T : struct, Enum =>
        Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : otherwise;

    private string Link(string name, Enum value) => navigation.GetUriWithQueryParameter(name, value.ToString().ToLowerInvariant());

    private void Set(string name, string? value) => navigation.NavigateTo(navigation.GetUriWithQueryParameter(name, value));

    private async Task LoadAsync()
    {
        try
        {
            (_rows, _failure) = (await templates.ListAsync(), null);
            Show(force: true);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Show(bool force)
    {
        if (_rows.Count > 0 && (force || _shown != (Topic, Channel, Language)))
        {
            _shown = (Topic, Channel, Language);
            (_subject, _body) = (Current.Wording.Subject, Current.Wording.Body);
            _errors.Clear();
        }
    }

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => templates.SaveAsync(Topic, Channel, Language, new TemplateWording(_subject, _body)), "Text saved.", _errors))
        {
            await LoadAsync();
        }
    }

    private async Task ResetAsync()
    {
        if (await ui.RunAsync(() => templates.ResetAsync(Topic, Channel, Language), "The standard text is used again."))
        {
            await LoadAsync();
        }
    }
}
