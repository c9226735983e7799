using DataDefender.Domain.Common;
using DataDefender.Web.Setup;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Ui;

/// <summary>Says what failed, what is safe, and offers to try again.</summary>
public sealed partial class ErrorState(ILogger<ErrorState> log)
{
    private Exception? _logged;

    [Parameter, EditorRequired]
    public Exception Error { get; set; } = default!;

    [Parameter]
    public EventCallback Retry { get; set; }

    private string Heading => Error switch
    {
        ForbiddenException => "Your role does not allow this",
        NotFoundException => "This was not found",
        DomainException => "That did not work",
        _ when FailurePages.IsDatabaseAway(Error) => "The database does not answer",
        _ => "This part of the page failed",
    };

    private string Text => Error switch
    {
        DomainException broken => broken.Message,
        _ when FailurePages.IsDatabaseAway(Error) => "Nothing was lost, and subscribers stay online. Try again in a moment.",
        _ => "What you did before is saved. It has been written to the log; trying again is safe.",
    };

    protected override void OnParametersSet()
    {
        if (Error is not DomainException && !ReferenceEquals(Error, _logged))
        {
            Failed(log, Error);
            _logged = Error;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A page failed")]
    private static partial void Failed(ILogger log, Exception exception);
}
