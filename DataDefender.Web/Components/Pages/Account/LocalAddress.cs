namespace DataDefender.Web.Components.Pages.Account;

internal static class LocalAddress
{
    /// <summary>Where to go after signing in: only ever a page of ours, never "//elsewhere" or "/\elsewhere".</summary>
    public static string OrHome(string? address) =>
        address is ['/', ..] && !address.StartsWith("//", StringComparison.Ordinal) && !address.StartsWith("/\\", StringComparison.Ordinal) && !address.Any(char.IsControl)
            ? address
            : "/";
}
