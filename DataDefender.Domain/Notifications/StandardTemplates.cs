using static DataDefender.Domain.Notifications.MessageLanguage;
using static DataDefender.Domain.Notifications.MessageTopic;

namespace DataDefender.Domain.Notifications;

/// <summary>A text before its values are put in. SMS have no subject.</summary>
public sealed record TemplateWording(string? Subject, string Body);

/// <summary>The texts of a company that wrote none of its own: each SMS in one part of GSM-7 with usual values, each e-mail in plain text.</summary>
public static class StandardTemplates
{
    private static readonly Dictionary<(MessageTopic, MessageLanguage), string> Sms = new()
    {
        [(InvoiceIssued, English)] = "Dear {client}, invoice {invoice} of {amount} is due on {due}. {payto} {company}",
        [(InvoiceIssued, Swahili)] = "Mpendwa {client}, ankara {invoice} ya {amount} inapaswa kulipwa kufikia {due}. {payto} {company}",
        [(PaymentDueSoon, English)] = "Dear {client}, {amount} for your internet is due on {due}, in {days}. {payto} {company}",
        [(PaymentDueSoon, Swahili)] = "Mpendwa {client}, {amount} ya intaneti inapaswa kulipwa {due}, baada ya {days}. {payto} {company}",
        [(PaymentDueToday, English)] = "Dear {client}, {amount} for your internet is due today. {payto} {company}",
        [(PaymentDueToday, Swahili)] = "Mpendwa {client}, {amount} ya intaneti inapaswa kulipwa leo. {payto} {company}",
        [(PaymentOverdue, English)] = "Dear {client}, {amount} was due on {due}, {days} ago. Please pay. {payto} {company}",
        [(PaymentOverdue, Swahili)] = "Mpendwa {client}, {amount} ilipaswa kulipwa {due}, {days} zilizopita. Tafadhali lipa. {payto} {company}",
        [(SuspensionWarning, English)] = "Dear {client}, your internet will be suspended on {until} unless {amount} is paid. {payto} {company}",
        [(SuspensionWarning, Swahili)] = "Mpendwa {client}, intaneti yako itasimamishwa {until} usipolipa {amount}. {payto} {company}",
        [(LateFee, English)] = "Dear {client}, a late fee of {amount} was added for invoice {invoice}. You owe {balance}. {payto} {company}",
        [(LateFee, Swahili)] = "Mpendwa {client}, faini ya {amount} imeongezwa kwa ankara {invoice}. Unadaiwa {balance}. {payto} {company}",
        [(ServiceSuspended, English)] = "Dear {client}, your internet {line} is suspended. Pay {balance} and it is back at once. {payto} {company}",
        [(ServiceSuspended, Swahili)] = "Mpendwa {client}, intaneti yako {line} imesimamishwa. Lipa {balance} irudi mara moja. {payto} {company}",
        [(ServiceRestored, English)] = "Dear {client}, thank you. Your internet {line} is back. {company}",
        [(ServiceRestored, Swahili)] = "Mpendwa {client}, asante. Intaneti yako {line} imerudi. {company}",
        [(ServiceDisconnected, English)] = "Dear {client}, your internet {line} was ended because {balance} is unpaid. {payto} {company}",
        [(ServiceDisconnected, Swahili)] = "Mpendwa {client}, huduma ya intaneti {line} imekatwa kwa sababu {balance} haijalipwa. {payto} {company}",
        [(PromiseAgreed, English)] = "Dear {client}, we wait for your payment of {balance} until {until}. {payto} {company}",
        [(PromiseAgreed, Swahili)] = "Mpendwa {client}, tunasubiri malipo yako ya {balance} hadi {until}. {payto} {company}",
        [(PromiseBroken, English)] = "Dear {client}, the payment of {balance} promised for {until} did not arrive. {payto} {company}",
        [(PromiseBroken, Swahili)] = "Mpendwa {client}, malipo ya {balance} uliyoahidi kufikia {until} hayajafika. {payto} {company}",
        [(PaymentReceived, English)] = "Dear {client}, we received {amount}, receipt {receipt}. You owe {balance}. Thank you. {company}",
        [(PaymentReceived, Swahili)] = "Mpendwa {client}, tumepokea {amount}, risiti {receipt}. Unadaiwa {balance}. Asante. {company}",
        [(Notice, English)] = "Dear {client}, {text} {company}",
        [(Notice, Swahili)] = "Mpendwa {client}, {text} {company}",
    };

    private static readonly Dictionary<(MessageTopic, MessageLanguage), string> Subjects = new()
    {
        [(InvoiceIssued, English)] = "Invoice {invoice}: {amount}, due on {due}",
        [(InvoiceIssued, Swahili)] = "Ankara {invoice}: {amount}, kufikia {due}",
        [(PaymentDueSoon, English)] = "{amount} is due on {due}",
        [(PaymentDueSoon, Swahili)] = "{amount} inapaswa kulipwa {due}",
        [(PaymentDueToday, English)] = "{amount} is due today",
        [(PaymentDueToday, Swahili)] = "{amount} inapaswa kulipwa leo",
        [(PaymentOverdue, English)] = "Overdue: {amount}",
        [(PaymentOverdue, Swahili)] = "Imechelewa: {amount}",
        [(SuspensionWarning, English)] = "Your internet will be suspended on {until}",
        [(SuspensionWarning, Swahili)] = "Intaneti yako itasimamishwa {until}",
        [(LateFee, English)] = "A late fee of {amount}",
        [(LateFee, Swahili)] = "Faini ya {amount}",
        [(ServiceSuspended, English)] = "Your internet is suspended",
        [(ServiceSuspended, Swahili)] = "Intaneti yako imesimamishwa",
        [(ServiceRestored, English)] = "Your internet is back",
        [(ServiceRestored, Swahili)] = "Intaneti yako imerudi",
        [(ServiceDisconnected, English)] = "Your internet was ended",
        [(ServiceDisconnected, Swahili)] = "Huduma yako ya intaneti imekatwa",
        [(PromiseAgreed, English)] = "We wait until {until}",
        [(PromiseAgreed, Swahili)] = "Tunasubiri hadi {until}",
        [(PromiseBroken, English)] = "Your payment did not arrive",
        [(PromiseBroken, Swahili)] = "Malipo yako hayajafika",
        [(PaymentReceived, English)] = "We received {amount}",
        [(PaymentReceived, Swahili)] = "Tumepokea {amount}",
        [(Notice, English)] = "A message from {company}",
        [(Notice, Swahili)] = "Ujumbe kutoka {company}",
    };

    public static TemplateWording Of(MessageTopic topic, MessageChannel channel, MessageLanguage language) => channel switch
    {
        MessageChannel.Sms => new(null, Sms[(topic, language)]),
        MessageChannel.Email => new(Subjects[(topic, language)], Sms[(topic, language)] + "\n\n" + (language is English ? "Account number: {account}" : "Nambari ya akaunti: {account}")),
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, null),
    };
}
