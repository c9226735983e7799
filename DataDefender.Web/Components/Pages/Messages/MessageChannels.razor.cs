using DataDefender.Domain.Notifications;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Messages;

/// <summary>The accounts at the providers, senders and quiet hours.</summary>
public sealed partial class MessageChannels(MessagingSettingsService settings, UiActions ui, Workplace workplace, NavigationManager navigation)
{
    private readonly FormErrors _errors = new();
    private MessagingInput? _input;
    private string? _smsReports;
    private Exception? _failure;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_input, _smsReports, _failure) = (await settings.GetAsync(), await settings.SmsReportPathAsync(), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => settings.SaveAsync(_input!), "Message channels saved.", _errors))
        {
            await LoadAsync();
        }
    }
}
