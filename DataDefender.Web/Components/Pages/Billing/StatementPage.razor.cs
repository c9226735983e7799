using System.Globalization;
using DataDefender.Domain.Billing.Documents;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>A client's statement of account from one day to another; the days are in the address.</summary>
public sealed partial class StatementPage(DocumentService documents, Formats formats, NavigationManager navigation)
{
    [Parameter]
    public Guid Id { get; set; }

    [SupplyParameterFromQuery]
    private DateOnly? From { get; set; }

    [SupplyParameterFromQuery]
    private DateOnly? Until { get; set; }

    private DateOnly Last => Until ?? formats.Today;

    private DateOnly First => From ?? Last.AddMonths(-3);

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private void Go(ChangeEventArgs typed, string name)
    {
        if (DateOnly.TryParseExact(typed.Value as string, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            navigation.NavigateTo(navigation.GetUriWithQueryParameter(name, Iso(day)));
        }
    }
}
