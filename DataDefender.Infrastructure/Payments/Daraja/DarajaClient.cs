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

    public Task TestAsync(CancellationToken ct) => http.TokenOnlyAsync(channel, Token, ct);

    private Task<ProviderResponse<JsonElement>> PostAsync(string operation, string path, JsonObject body, RequestOptions options, CancellationToken ct) =>
        http.SendAsync(channel, new ProviderCall(operation, HttpMethod.Post, new Uri(channel.BaseUrl + path), () => body.ToJsonString()), Token, options, ct);

    private HttpRequestMessage Token()
    {
        var ask = new HttpRequestMessage(HttpMethod.Get, $"{channel.TokenUrl}?grant_type=client_credentials");
        ask.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{channel.ClientId}:{channel.ClientSecret}")));
        return ask;
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
