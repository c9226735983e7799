using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataDefender.Domain.Payments;

namespace DataDefender.Infrastructure.Payments.Daraja;

/// <summary>Safaricom's Daraja API as one short code may use it.</summary>
internal sealed class DarajaClient(ProviderHttp http, ChannelAccess channel, TimeProvider clock)
{
    private const int MaxDescription = 13;
    private const int MaxRemarks = 100;

    private static readonly TimeSpan Nairobi = TimeSpan.FromHours(3);

    public async Task<ProviderResponse<JsonElement>> StkPushAsync(PushRequest push, CancellationToken ct)
    {
        var body = Signed();
        body["TransactionType"] = channel.Kind is ChannelKind.Till ? "CustomerBuyGoodsOnline" : "CustomerPayBillOnline";
        body["Amount"] = push.Amount.Minor / 100;
        body["PartyA"] = push.Msisdn;
        body["PartyB"] = channel.PayTo;
        body["PhoneNumber"] = push.Msisdn;
        body["CallBackURL"] = push.Callback.AbsoluteUri;
        body["AccountReference"] = push.AccountReference;
        body["TransactionDesc"] = push.Description.Length > MaxDescription ? push.Description[..MaxDescription] : push.Description;
        return await PostAsync("stkpush", "/mpesa/stkpush/v1/processrequest", body, new RequestOptions { IdempotencyKey = push.PushId, AttemptId = push.AttemptId }, ct);
    }

    public Task<ProviderResponse<JsonElement>> StkQueryAsync(PaymentAttempt attempt, CancellationToken ct)
    {
        var body = Signed();
        body["CheckoutRequestID"] = attempt.CheckoutRequestId;
        return PostAsync("stkpushquery", "/mpesa/stkpushquery/v1/query", body, new RequestOptions { AttemptId = attempt.Id }, ct);
    }

    /// <summary>What came in between two times, a page of it. Times are Nairobi's.</summary>
    public Task<ProviderResponse<JsonElement>> PullAsync(DateTime from, DateTime until, int offset, CancellationToken ct) => PostAsync(
        "pull", "/pulltransactions/v1/query",
        new JsonObject { ["ShortCode"] = channel.ShortCode, ["StartDate"] = Local(from, "yyyy-MM-dd HH:mm:ss"), ["EndDate"] = Local(until, "yyyy-MM-dd HH:mm:ss"), ["OffSetValue"] = offset.ToString(CultureInfo.InvariantCulture) },
        RequestOptions.Default, ct);

    public Task<ProviderResponse<JsonElement>> RegisterAsync(Uri confirmation, Uri validation, CancellationToken ct) => PostAsync(
        "registerurl", "/mpesa/c2b/v1/registerurl",
        new JsonObject { ["ShortCode"] = channel.ShortCode, ["ResponseType"] = "Completed", ["ConfirmationURL"] = confirmation.AbsoluteUri, ["ValidationURL"] = validation.AbsoluteUri },
        RequestOptions.Default, ct);

    /// <summary>Orders that a receipt be given back. What came of it is told later, to the address of the result.</summary>
    public Task<ProviderResponse<JsonElement>> ReverseAsync(RefundRequest refund, CancellationToken ct)
    {
        var body = Ordered("TransactionReversal", refund.OrderId, refund.Result, refund.Timeout, refund.Remarks);
        body["TransactionID"] = refund.Receipt;
        body["Amount"] = refund.Amount.Amount;
        body["ReceiverParty"] = channel.ShortCode;
        body["RecieverIdentifierType"] = "11"; // spelled so by Safaricom; 11: an organisation
        return PostAsync("reversal", "/mpesa/reversal/v1/request", body, new RequestOptions { IdempotencyKey = refund.OrderId }, ct);
    }

    /// <summary>Asks what became of a receipt, or of an order of ours. The answer is told later.</summary>
    public Task<ProviderResponse<JsonElement>> TransactionStatusAsync(StatusQuestion question, CancellationToken ct)
    {
        var body = Ordered("TransactionStatusQuery", question.OrderId, question.Result, question.Timeout, "status");
        body["TransactionID"] = question.Receipt ?? "";
        body["PartyA"] = channel.ShortCode;
        body["IdentifierType"] = "4"; // a short code
        return PostAsync("transactionstatus", "/mpesa/transactionstatus/v1/query", body, RequestOptions.Default, ct);
    }

    public Task TestAsync(CancellationToken ct) => http.TokenOnlyAsync(channel, Token, ct);

    private Task<ProviderResponse<JsonElement>> PostAsync(string operation, string path, JsonObject body, RequestOptions options, CancellationToken ct) =>
        http.SendAsync(channel, new ProviderCall(operation, HttpMethod.Post, new Uri(channel.BaseUrl + path), () => body.ToJsonString()), Token, options, ct);

    private HttpRequestMessage Token()
    {
        var ask = new HttpRequestMessage(HttpMethod.Get, $"{channel.TokenUrl}?grant_type=client_credentials");
        ask.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{channel.ClientId}:{channel.ClientSecret}")));
        return ask;
    }

    private JsonObject Ordered(string command, string? order, Uri result, Uri timeout, string remarks)
    {
        var body = new JsonObject
        {
            ["Initiator"] = channel.Options.Initiator, ["SecurityCredential"] = channel.InitiatorCredential, ["CommandID"] = command, ["ResultURL"] = result.AbsoluteUri, ["QueueTimeOutURL"] = timeout.AbsoluteUri,
            ["Remarks"] = remarks.Length switch { < 2 => "refund", > MaxRemarks => remarks[..MaxRemarks], _ => remarks }, ["Occasion"] = "",
        };
        if (order is not null)
        {
            body["OriginatorConversationID"] = order;
        }

        return body;
    }

    private JsonObject Signed()
    {
        var timestamp = Local(clock.GetUtcNow().UtcDateTime, "yyyyMMddHHmmss");
        return new JsonObject
        {
            ["BusinessShortCode"] = channel.ShortCode,
            ["Password"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{channel.ShortCode}{channel.Passkey}{timestamp}")),
            ["Timestamp"] = timestamp,
        };
    }

    private static string Local(DateTime utc, string format) => (utc + Nairobi).ToString(format, CultureInfo.InvariantCulture);
}
