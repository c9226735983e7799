using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataDefender.Sandbox.Money;

/// <summary>What providers write: results of prompts and orders, confirmations, statements. Times are Nairobi's.</summary>
internal static class MoneyMessages
{
    private static readonly TimeSpan Nairobi = TimeSpan.FromHours(3);

    public static string ResultOf(Prompt prompt) => prompt.Money is not { } money ? Failure(prompt, prompt.ResultCode!, prompt.ResultText)
        : prompt.Account.Provider is MoneyProvider.FamilyBank
            ? JsonSerializer.Serialize(new
            {
                TransactionType = "CustomerPayBillOnline", TransID = money.Receipt, TransTime = Stamp(money.At), TransAmount = money.Amount.ToString("0.00", CultureInfo.InvariantCulture), BusinessShortCode = money.ShortCode,
                BillRefNumber = money.Account, InvoiceNumber = "", OrgAccountBalance = "", ThirdPartyTransID = prompt.ThirdPartyTransId, MSISDN = money.Msisdn, FirstName = "SANDBOX", MiddleName = "", LastName = "CUSTOMER",
                ResultCode = "0", ResultDesc = prompt.ResultText, CheckoutRequestID = prompt.CheckoutRequestId,
            })
            : new JsonObject
            {
                ["Body"] = new JsonObject
                {
                    ["stkCallback"] = new JsonObject
                    {
                        ["MerchantRequestID"] = prompt.MerchantRequestId, ["CheckoutRequestID"] = prompt.CheckoutRequestId, ["ResultCode"] = 0, ["ResultDesc"] = prompt.ResultText,
                        ["CallbackMetadata"] = new JsonObject
                        {
                            ["Item"] = new JsonArray(
                                Item("Amount", JsonValue.Create(money.Amount)), Item("MpesaReceiptNumber", JsonValue.Create(money.Receipt)), new JsonObject { ["Name"] = "Balance" },
                                Item("TransactionDate", JsonValue.Create(long.Parse(Stamp(money.At), CultureInfo.InvariantCulture))), Item("PhoneNumber", JsonValue.Create(long.TryParse(money.Msisdn, out var number) ? number : 0))),
                        },
                    },
                },
            }.ToJsonString();

    public static string Failure(Prompt prompt, string code, string text) => prompt.Account.Provider is MoneyProvider.FamilyBank
        ? JsonSerializer.Serialize(new { ResponseCode = "0", ResponseDescription = "Success", MerchantRequestID = prompt.MerchantRequestId, CheckoutRequestID = prompt.CheckoutRequestId, ThirdPartyTransID = prompt.ThirdPartyTransId, ResultCode = code, ResultDesc = text, CustomerMessage = text })
        : JsonSerializer.Serialize(new { Body = new { stkCallback = new { MerchantRequestID = prompt.MerchantRequestId, CheckoutRequestID = prompt.CheckoutRequestId, ResultCode = int.Parse(code, CultureInfo.InvariantCulture), ResultDesc = text } } });

    public static string ConfirmationOf(MovedMoney money) => JsonSerializer.Serialize(new
    {
        TransactionType = "Pay Bill", TransID = money.Receipt, TransTime = Stamp(money.At), TransAmount = money.Amount.ToString("0.00", CultureInfo.InvariantCulture), BusinessShortCode = money.ShortCode,
        BillRefNumber = money.Account, InvoiceNumber = "", OrgAccountBalance = "0.00", ThirdPartyTransID = "", MSISDN = money.Msisdn, FirstName = money.Payer, MiddleName = "", LastName = "",
    });

    private static JsonObject Item(string name, JsonNode? value) => new() { ["Name"] = name, ["Value"] = value };

    private static string Stamp(DateTimeOffset at) => (at.UtcDateTime + Nairobi).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    /// <summary>Daraja's later answer to an order (<c>Result</c>).</summary>
    public static string OrderResult(ReversalOrder order) => new JsonObject
    {
        ["Result"] = new JsonObject
        {
            ["ResultType"] = 0, ["ResultCode"] = order.ResultCode == "0" ? 0 : JsonValue.Create(order.ResultCode), ["ResultDesc"] = order.ResultText, ["OriginatorConversationID"] = order.OrderId, ["ConversationID"] = order.ConversationId,
            ["TransactionID"] = order.ReceiptBack ?? "",
            ["ResultParameters"] = new JsonObject { ["ResultParameter"] = new JsonArray(Parameter("OriginalTransactionID", order.Money.Receipt), Parameter("Amount", order.Amount)) },
        },
    }.ToJsonString();

    /// <summary>Daraja's later answer to a question about a receipt or an order; null amounts to one that it does not know.</summary>
    public static string StatusResult(string originator, string conversation, string? receipt, decimal amount, DateTimeOffset at, string status) => new JsonObject
    {
        ["Result"] = receipt is null
            ? new JsonObject { ["ResultType"] = 0, ["ResultCode"] = 2032, ["ResultDesc"] = "The transaction does not exist", ["OriginatorConversationID"] = originator, ["ConversationID"] = conversation, ["TransactionID"] = "" }
            : new JsonObject
            {
                ["ResultType"] = 0, ["ResultCode"] = 0, ["ResultDesc"] = "The service request is processed successfully.", ["OriginatorConversationID"] = originator, ["ConversationID"] = conversation, ["TransactionID"] = receipt,
                ["ResultParameters"] = new JsonObject
                {
                    ["ResultParameter"] = new JsonArray(
                        Parameter("ReceiptNo", receipt), Parameter("TransactionStatus", status), Parameter("Amount", amount), Parameter("FinalisedTime", long.Parse(Stamp(at), CultureInfo.InvariantCulture))),
                },
            },
    }.ToJsonString();

    /// <summary>The organisation's statement as its portal exports it.</summary>
    public static string StatementCsv(IEnumerable<MovedMoney> moved)
    {
        var csv = new StringBuilder("Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Balance Confirmed,Reason Type,Other Party Info,Linked Transaction ID,A/C No.\r\n");
        var balance = 0m;
        foreach (var money in moved)
        {
            balance += money.Amount;
            var at = (money.At.UtcDateTime + Nairobi).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            csv.Append(CultureInfo.InvariantCulture, $"{money.Receipt},{at},{at},Pay Bill from {Quote(money.Msisdn)} - {Quote(money.Payer)} Acc. {Quote(money.Account)},Completed,{money.Amount:0.00},,{balance:0.00},true,Pay Bill Online,{Quote(money.Msisdn)} - {Quote(money.Payer)},,{Quote(money.Account)}\r\n");
        }

        return csv.ToString();
    }

    private static JsonObject Parameter(string key, JsonNode? value) => new() { ["Key"] = key, ["Value"] = value };

    private static string Quote(string text) => text.Contains(',', StringComparison.Ordinal) ? $"\"{text}\"" : text;
}
