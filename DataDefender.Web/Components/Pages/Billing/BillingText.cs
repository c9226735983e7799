using System.Globalization;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>Words of billing that several pages write.</summary>
internal static class BillingText
{
    /// <summary>"B 16 %".</summary>
    public static string TaxShort(InvoiceLine line) => line.ExciseRate == 0 && line.VatRate == 0 ? line.TaxBand : string.Create(CultureInfo.InvariantCulture, $"{line.TaxBand} {line.VatRate / 100m:0.##} %{(line.ExciseRate == 0 ? "" : $" + {line.ExciseRate / 100m:0.##} %")}");

    public static string Tax(InvoiceLine line) => string.Create(
        CultureInfo.InvariantCulture,
        $"VAT band {line.TaxBand}, {line.VatRate / 100m:0.##} % on {(line.VatBase is VatBase.Net ? "net" : "net and excise")}; excise {line.ExciseRate / 100m:0.##} %; the price was {(line.TaxInclusive ? "with" : "without")} tax");

    public static string Mode(BillingMode mode) => mode switch
    {
        BillingMode.Prepaid => "Prepaid",
        BillingMode.Postpaid => "Monthly, afterwards",
        BillingMode.Advance => "Monthly, ahead",
        BillingMode.Anniversary => "By anniversary, ahead",
        _ => mode.ToString(),
    };

    /// <summary>"10 % for 3 months".</summary>
    public static string Gives(CouponRow coupon, Formats formats) => coupon.Percent > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{coupon.Percent:0.##} % off{(coupon.Months is { } months ? months == 1 ? " for a month" : $" for {months} months" : " without an end")}")
        : $"{formats.Money(coupon.Amount)} off the next bill";

    public static string Filter(TransmissionFilter filter) => filter switch
    {
        TransmissionFilter.Open => "Waiting",
        TransmissionFilter.Refused => "Refused",
        TransmissionFilter.Accepted => "Signed",
        TransmissionFilter.All => "All",
        _ => filter.ToString(),
    };
}
