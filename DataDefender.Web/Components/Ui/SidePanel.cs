using Radzen;

namespace DataDefender.Web.Components.Ui;

/// <summary>How forms open beside a list.</summary>
internal static class SidePanel
{
    public static SideDialogOptions Options => new()
    {
        Width = "min(600px, 100vw)",
        Position = DialogPosition.Right,
        ShowMask = true,
        CloseDialogOnOverlayClick = false, // a click beside the form must not throw away what was typed
        AutoFocusFirstElement = true,
    };
}
