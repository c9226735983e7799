using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Radzen;

namespace DataDefender.Web.Components.Pages.Messages;

/// <summary>One message in full. Closes with true when it was changed.</summary>
public sealed partial class MessagePanel(MessageLogService log, CurrentUser user, UiActions ui, DialogService dialogs, Formats formats)
{
    private async Task SendAgainAsync()
    {
        if (await ui.RunAsync(() => log.SendAgainAsync(Message.Id), "It goes out again."))
        {
            dialogs.CloseSide(true);
        }
    }
}
