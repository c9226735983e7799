using DataDefender.Domain.Common;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Ui;

/// <summary>Asks before what is hard to undo. The question says the consequence in numbers; the button names its verb.</summary>
public sealed class Confirm(DialogService dialogs)
{
    /// <summary>True when the person pressed the button named <paramref name="verb"/>.</summary>
    public async Task<bool> AskAsync(string title, string consequence, string verb, bool danger = false) =>
        await OpenAsync(title, consequence, verb, danger, null, false) is not null;

    /// <summary>The reason that was typed, or null when the person went back.</summary>
    public Task<string?> AskReasonAsync(string title, string consequence, string verb, string label = "Reason", bool danger = false) =>
        OpenAsync(title, consequence, verb, danger, label, true);

    /// <summary>How much, up to <paramref name="most"/>, and why; null when the person went back.</summary>
    public async Task<AmountAnswer?> AskAmountAsync(string title, string consequence, string verb, Money most, string label = "Reason") =>
        await dialogs.OpenAsync<AmountDialog>(title, new Dictionary<string, object?>
        {
            [nameof(AmountDialog.Consequence)] = consequence, [nameof(AmountDialog.Verb)] = verb, [nameof(AmountDialog.Most)] = most, [nameof(AmountDialog.ReasonLabel)] = label,
        }, new DialogOptions { Width = "440px", CloseDialogOnEsc = true, AutoFocusFirstElement = true }) as AmountAnswer;

    /// <summary>The day that was chosen, up to and with <paramref name="day"/>, or null when the person went back.</summary>
    public async Task<DateOnly?> AskDayAsync(string title, string consequence, string verb, string label, DateOnly day, string? help = null) =>
        await dialogs.OpenAsync<DayDialog>(title, new Dictionary<string, object?>
        {
            [nameof(DayDialog.Consequence)] = consequence, [nameof(DayDialog.Verb)] = verb, [nameof(DayDialog.Label)] = label, [nameof(DayDialog.Day)] = day, [nameof(DayDialog.Help)] = help,
        }, new DialogOptions { Width = "440px", CloseDialogOnEsc = true }) as DateOnly?;

    private async Task<string?> OpenAsync(string title, string consequence, string verb, bool danger, string? label, bool wantsReason) =>
        await dialogs.OpenAsync<ConfirmDialog>(title, new Dictionary<string, object?>
        {
            [nameof(ConfirmDialog.Consequence)] = consequence,
            [nameof(ConfirmDialog.Verb)] = verb,
            [nameof(ConfirmDialog.Danger)] = danger,
            [nameof(ConfirmDialog.ReasonLabel)] = label,
            [nameof(ConfirmDialog.WantsReason)] = wantsReason,
        }, new DialogOptions { Width = "440px", CloseDialogOnEsc = true, AutoFocusFirstElement = true }) as string;
}
