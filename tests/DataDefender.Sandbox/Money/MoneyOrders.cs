using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DataDefender.Sandbox.Money;

/// <summary>Daraja's orders and questions that are answered later: reversal and transaction status.</summary>
internal static class MoneyOrders
{
    public static async Task<IResult> ReverseAsync(HttpContext context, MoneyWorld money)
    {
        if (MoneyApi.Refusal(context, money) is { } refusal)
        {
            return refusal;
        }

        using var document = await JsonDocument.ParseAsync(context.Request.Body);
        var body = document.RootElement;
        if (Initiated(money, body, "TransactionReversal") is { } wrong)
        {
            return wrong;
        }

        if (MoneyApi.Text(body, "RecieverIdentifierType") != "11" || money.Account(MoneyApi.Text(body, "ReceiverParty")) is null || MoneyApi.Text(body, "Remarks") is not { Length: >= 2 and <= 100 })
        {
            return MoneyApi.Wrong("400.002.02", "Bad Request - Invalid ReceiverParty, RecieverIdentifierType or Remarks");
        }

        if (money.MoneyOf(MoneyApi.Text(body, "TransactionID")) is not { } moved || !decimal.TryParse(MoneyApi.Text(body, "Amount"), NumberStyles.Number, CultureInfo.InvariantCulture, out var amount) || amount <= 0 || amount > moved.Amount)
        {
            return MoneyApi.Wrong("400.002.02", "Bad Request - Invalid TransactionID or Amount");
        }

        if (money.OrderFault is MoneyFault.Busy)
        {
            return Results.Json(new { requestId = MoneyApi.RequestId(), errorCode = "500.003.02", errorMessage = "Spike arrest violation" }, statusCode: 503);
        }

        var order = money.Reverse(MoneyApi.Text(body, "OriginatorConversationID") ?? MoneyApi.RequestId(), moved, amount, new Uri(MoneyApi.Text(body, "ResultURL")!), new Uri(MoneyApi.Text(body, "QueueTimeOutURL")!));
        if (order.Fault is MoneyFault.ErrorAfterExecution)
        {
            return Results.Text("upstream error", "text/plain", Encoding.UTF8, 502);
        }

        return Results.Json(new { OriginatorConversationID = order.OrderId, ConversationID = order.ConversationId, ResponseCode = "0", ResponseDescription = "Accept the service request successfully." });
    }

    public static async Task<IResult> StatusAsync(HttpContext context, MoneyWorld money)
    {
        if (MoneyApi.Refusal(context, money) is { } refusal)
        {
            return refusal;
        }

        using var document = await JsonDocument.ParseAsync(context.Request.Body);
        var body = document.RootElement;
        if (Initiated(money, body, "TransactionStatusQuery") is { } wrong)
        {
            return wrong;
        }

        var originator = MoneyApi.RequestId();
        money.AskStatus(originator, MoneyApi.Text(body, "TransactionID"), MoneyApi.Text(body, "OriginatorConversationID"), new Uri(MoneyApi.Text(body, "ResultURL")!));
        return Results.Json(new { OriginatorConversationID = originator, ConversationID = $"AG_{MoneyApi.RequestId()}", ResponseCode = "0", ResponseDescription = "Accept the service request successfully." });
    }

    private static IResult? Initiated(MoneyWorld money, JsonElement body, string command) =>
        !money.Options.Accounts.Exists(a => a.Initiator == MoneyApi.Text(body, "Initiator") && a.SecurityCredential == MoneyApi.Text(body, "SecurityCredential")) ? MoneyApi.Wrong("400.002.02", "Bad Request - Invalid Initiator or SecurityCredential")
        : MoneyApi.Text(body, "CommandID") != command ? MoneyApi.Wrong("400.002.02", "Bad Request - Invalid CommandID")
        : !Uri.TryCreate(MoneyApi.Text(body, "ResultURL"), UriKind.Absolute, out _) || !Uri.TryCreate(MoneyApi.Text(body, "QueueTimeOutURL"), UriKind.Absolute, out _) ? MoneyApi.Wrong("400.002.02", "Bad Request - Invalid ResultURL")
        : null;
}
