using Radzen;

namespace DataDefender.Web.Components.Pages.Network;

/// <summary>How the network's forms open beside their lists.</summary>
internal static class NetworkPanel
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
