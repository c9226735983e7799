using DataDefender.Domain.Common;
using Radzen;

namespace DataDefender.Web.Components.Ui;

/// <summary>Runs what a button does. A broken rule becomes a message; anything else reaches the error boundary.</summary>
public sealed class UiActions(NotificationService notifications)
{
    /// <summary>While true, disable the page's buttons.</summary>
    public bool Busy { get; private set; }

    /// <summary>Tells what came of something, when that is known only after it was done.</summary>
    public void Say(string done) => notifications.Notify(NotificationSeverity.Success, done, duration: 6000);

    /// <summary>True when it was done. Refused input goes to <paramref name="errors"/>, to stand beside its fields, when a form gives one.</summary>
    public async Task<bool> RunAsync(Func<Task> action, string? done = null, FormErrors? errors = null)
    {
        if (Busy)
        {
            return false; // a second click can be queued before the render that disables the button
        }

        Busy = true;
        errors?.Clear();
        try
        {
            await action();
            if (done is not null)
            {
                notifications.Notify(NotificationSeverity.Success, done, duration: 4000);
            }

            return true;
        }
        catch (InvalidInputException invalid) when (errors is not null)
        {
            errors.Take(invalid);
            return false;
        }
        catch (DomainException broken)
        {
            notifications.Notify(NotificationSeverity.Warning, broken.Message, duration: 8000);
            return false;
        }
        finally
        {
            Busy = false;
        }
    }
}
