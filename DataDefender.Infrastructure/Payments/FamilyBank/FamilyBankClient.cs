using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataDefender.Domain.Payments;

namespace DataDefender.Infrastructure.Payments.FamilyBank;

/// <summary>What an STK push is made of.</summary>
internal sealed record StkPushCreateOptions(long Amount, string Msisdn, string AccountReference, string Description, string ThirdPartyTransId, Uri CallbackUrl);

/// <summary>The bank's answer: taken for processing, not paid.</summary>
internal sealed record StkPush(string? MerchantRequestId, string? CheckoutRequestId, string? ResponseCode, string? ResponseDescription);

/// <summary>
/// Family Bank's API as one channel may use it. The bank publishes no document; where integrators differ the channel's options say which
/// way, see <see cref="ChannelOptions"/>.
/// </summary>
internal sealed class FamilyBankClient(ProviderHttp http, ChannelAccess channel, TimeProvider clock)
{
    // East Africa Time all year.
    private static readonly TimeSpan Nairobi = TimeSpan.FromHours(3);

    public StkPushResource StkPushes => new(this);

    /// <summary>Asks for a token and nothing else.</summary>
    public Task TestAsync(CancellationToken ct) => http.TokenOnlyAsync(channel, Token, ct);

    private HttpRequestMessage Token()
    {
        var fields = new Dictionary<string, string>
        {
            ["client_id"] = channel.ClientId, ["client_secret"] = channel.ClientSecret, ["grant_type"] = "client_credentials", ["scope"] = channel.Options.TokenScope,
        };
        return new HttpRequestMessage(HttpMethod.Post, channel.TokenUrl)
        {
            Content = channel.Options.TokenStyle is TokenRequestStyle.Json
                ? new StringContent(JsonSerializer.Serialize(fields), Encoding.UTF8, "application/json")
                : new FormUrlEncodedContent(fields),
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") } },
        };
    }

    private Task<ProviderResponse<JsonElement>> PostAsync(string operation, string path, JsonObject body, RequestOptions options, CancellationToken ct) =>
        http.SendAsync(channel, new ProviderCall(operation, HttpMethod.Post, new Uri(channel.BaseUrl + path), () => body.ToJsonString()), Token, options, ct);

    private JsonObject Signed()
    {
        var timestamp = (clock.GetUtcNow().UtcDateTime + Nairobi).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        var text = channel.Options.PasswordOrder is StkPasswordOrder.KeyShortCodeTimestamp
            ? $"{channel.ClientId}{channel.ShortCode}{timestamp}"
            : $"{channel.ShortCode}{channel.ClientId}{timestamp}";
        return new JsonObject { ["BusinessShortCode"] = channel.ShortCode, ["Password"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)), ["Timestamp"] = timestamp };
    }

    internal sealed class StkPushResource(FamilyBankClient client)
    {
        /// <exception cref="ProviderException">No usable answer came; its kind says whether the push can be on its way.</exception>
        public async Task<ProviderResponse<StkPush>> CreateAsync(StkPushCreateOptions push, RequestOptions options, CancellationToken ct = default)
        {
            var channel = client.Channel;
            var body = client.Signed();
            body["TransactionType"] = "CustomerPayBillOnline";
            body["Amount"] = push.Amount;
            body["PartyA"] = push.Msisdn;
            body["PartyB"] = channel.PayTo;
            body["PhoneNumber"] = push.Msisdn;
            body[channel.Options.CallbackField] = push.CallbackUrl.AbsoluteUri;
            body["AccountReference"] = push.AccountReference;
            body["TransactionDesc"] = push.Description;
            body[channel.Options.ReferenceField] = push.ThirdPartyTransId;
            var answer = await client.PostAsync("stkpush", "/api/v1/Mpesa/stkpush", body, options, ct);
            var made = new StkPush(
                JsonFields.Text(answer.Object, "MerchantRequestID"), JsonFields.Text(answer.Object, "CheckoutRequestID"),
                JsonFields.Text(answer.Object, "ResponseCode"), JsonFields.Text(answer.Object, "ResponseDescription"));
            return new ProviderResponse<StkPush>(made, answer.RequestId, answer.StatusCode, answer.Headers, answer.RawJson);
        }

        /// <summary>The outcome, where the bank offers to ask (it may not).</summary>
        public async Task<ProviderResponse<PaymentEvidence>> GetAsync(string thirdPartyTransId, RequestOptions options, CancellationToken ct = default)
        {
            var body = client.Signed();
            body[client.Channel.Options.ReferenceField] = thirdPartyTransId;
            var answer = await client.PostAsync("stkpushquery", "/api/v1/Mpesa/stkpushquery", body, options, ct);
            return new ProviderResponse<PaymentEvidence>(ProviderMessages.ReadQuery(answer.Object), answer.RequestId, answer.StatusCode, answer.Headers, answer.RawJson);
        }
    }

    private ChannelAccess Channel => channel;
}
