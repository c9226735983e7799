using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DataDefender.Sandbox.Money;

/// <summary>The providers' own interfaces: Family Bank under <c>/familybank</c>, Daraja under <c>/daraja</c>.</summary>
internal static class MoneyApi
{
    private const string Busy = "500.003.02";
    private static readonly TimeSpan Nairobi = TimeSpan.FromHours(3);

    public static void Map(WebApplication app, MoneyWorld money)
    {
        Post("/familybank/connect/token", context => BankTokenAsync(context, money));
        Post("/familybank/api/v1/Mpesa/stkpush", context => PushAsync(context, money, MoneyProvider.FamilyBank));
        Post("/familybank/api/v1/Mpesa/stkpushquery", context => QueryAsync(context, money));
        app.MapGet("/daraja/oauth/v1/generate", (HttpContext context) => DarajaToken(context, money));
        Post("/daraja/mpesa/stkpush/v1/processrequest", context => PushAsync(context, money, MoneyProvider.Mpesa));
        Post("/daraja/mpesa/stkpushquery/v1/query", context => QueryAsync(context, money));
        Post("/daraja/mpesa/c2b/v1/registerurl", context => RegisterAsync(context, money));
        Post("/daraja/pulltransactions/v1/query", context => PullAsync(context, money));
        Post("/daraja/mpesa/reversal/v1/request", context => MoneyOrders.ReverseAsync(context, money));
        Post("/daraja/mpesa/transactionstatus/v1/query", context => MoneyOrders.StatusAsync(context, money));

        // As a Delegate: an async lambda would be taken for a RequestDelegate, whose result nobody writes.
        void Post(string path, Func<HttpContext, Task<IResult>> handler) => app.MapPost(path, (Delegate)(async (HttpContext context) =>
        {
            await money.HoldAsync(path, context.RequestAborted);
            return await handler(context);
        }));
    }

    private static async Task<IResult> BankTokenAsync(HttpContext context, MoneyWorld money)
    {
        string? id, secret;
        if (context.Request.HasFormContentType)
        {
            var form = await context.Request.ReadFormAsync();
            (id, secret) = (form["client_id"], form["client_secret"]);
        }
        else
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body);
            (id, secret) = (Text(body.RootElement, "client_id"), Text(body.RootElement, "client_secret"));
        }

        return Known(money, MoneyProvider.FamilyBank, id, secret) ? Token(id!) : Results.Json(new { error = "invalid_client" }, statusCode: 400);
    }

    private static IResult DarajaToken(HttpContext context, MoneyWorld money)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var pair = header.StartsWith("Basic ", StringComparison.Ordinal) ? Encoding.UTF8.GetString(Convert.FromBase64String(header[6..])).Split(':', 2) : [];
        return pair is [var id, var secret] && Known(money, MoneyProvider.Mpesa, id, secret) ? Token(id) : Results.Json(new { requestId = RequestId(), errorCode = "400.008.01", errorMessage = "Invalid Authentication passed" }, statusCode: 400);
    }

    private static IResult Token(string id) => Results.Json(new { access_token = Convert.ToBase64String(Encoding.UTF8.GetBytes($"token:{id}")), expires_in = "3599", token_type = "Bearer" });

    private static bool Known(MoneyWorld money, MoneyProvider provider, string? id, string? secret) =>
        money.Options.Accounts.Exists(a => a.Provider == provider && a.ClientId == id && a.ClientSecret == secret);

    private static async Task<IResult> PushAsync(HttpContext context, MoneyWorld money, MoneyProvider provider)
    {
        if (Refusal(context, money) is { } refusal)
        {
            return refusal;
        }

        using var document = await JsonDocument.ParseAsync(context.Request.Body);
        var body = document.RootElement;
        var account = money.Account(Text(body, "BusinessShortCode"));
        if (account is null || account.Provider != provider)
        {
            return Wrong("400.002.02", "Bad Request - Invalid BusinessShortCode");
        }

        if (!Signed(account, body))
        {
            return Wrong("400.002.02", "Bad Request - Invalid Password");
        }

        if (!decimal.TryParse(Text(body, "Amount"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var amount) || amount < 1)
        {
            return Wrong("400.002.02", "Bad Request - Invalid Amount");
        }

        if (Text(body, "PhoneNumber") is not { Length: 12 } msisdn || !msisdn.All(char.IsAsciiDigit))
        {
            return Wrong("400.002.02", "Bad Request - Invalid PhoneNumber");
        }

        if (!Uri.TryCreate(Text(body, "CallBackURL") ?? Text(body, "CallBackUrl"), UriKind.Absolute, out var callback))
        {
            return Wrong("400.002.02", "Bad Request - Invalid CallBackURL");
        }

        if (Text(body, "AccountReference") is not { Length: >= 1 and <= 12 } reference || (provider is MoneyProvider.Mpesa && Text(body, "TransactionDesc") is not { Length: >= 1 and <= 13 }))
        {
            return Wrong("400.002.02", "Bad Request - Invalid AccountReference or TransactionDesc");
        }

        return await CarryOutAsync(context, money, account, amount, msisdn, reference, Text(body, "TransactionDesc") ?? "", callback, Text(body, "ThirdPartyTransID") ?? Text(body, "ThirdPartyTransId"));
    }

    private static async Task<IResult> CarryOutAsync(
        HttpContext context, MoneyWorld money, MoneyAccountOptions account, decimal amount, string msisdn, string reference, string description, Uri callback, string? thirdParty)
    {
        var fault = money.Foresee(msisdn);
        switch (fault)
        {
            case MoneyFault.Busy:
                return Results.Json(new { requestId = RequestId(), errorCode = Busy, errorMessage = "Spike arrest violation" }, statusCode: 503);
            case MoneyFault.ErrorBeforeExecution:
                return Results.Text("upstream connect error", "text/plain", Encoding.UTF8, 502);
        }

        var prompt = money.Push(account, amount, msisdn, reference, description, callback, thirdParty, fault);
        switch (fault)
        {
            case MoneyFault.TimeoutAfterExecution:
                await Task.Delay(money.Silence, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return Results.StatusCode(504);
            case MoneyFault.BreakAfterExecution:
                context.Abort();
                return Results.Empty;
            case MoneyFault.ErrorAfterExecution:
                return Results.Json(new { requestId = RequestId(), errorCode = "500.001.1000", errorMessage = "Internal Server Error" }, statusCode: 500);
            case MoneyFault.BadJson:
                return Results.Text("<html>Gateway</html>", "text/html", Encoding.UTF8, 200);
            default:
                return Results.Json(new { prompt.MerchantRequestId, CheckoutRequestID = prompt.CheckoutRequestId, ResponseCode = "0", ResponseDescription = "Success. Request accepted for processing", CustomerMessage = "Success. Request accepted for processing" });
        }
    }

    private static async Task<IResult> QueryAsync(HttpContext context, MoneyWorld money)
    {
        if (Refusal(context, money) is { } refusal)
        {
            return refusal;
        }

        using var document = await JsonDocument.ParseAsync(context.Request.Body);
        var body = document.RootElement;
        var prompt = money.Find(Text(body, "CheckoutRequestID"), Text(body, "ThirdPartyTransID") ?? Text(body, "ThirdPartyTransId"));
        if (prompt is null)
        {
            return Results.Json(new { requestId = RequestId(), errorCode = "404.002.01", errorMessage = "The transaction does not exist" }, statusCode: 404);
        }

        prompt.Queries++;
        if (prompt.ResultCode is null)
        {
            return Results.Json(new { requestId = RequestId(), errorCode = "500.001.1001", errorMessage = "The transaction is being processed" }, statusCode: 500);
        }

        // Safaricom's own sandbox has said FAILED of payments whose callback said 0.
        var (code, text) = prompt is { Fault: MoneyFault.WrongQuery, Queries: 1 } ? ("1037", "DS timeout user cannot be reached") : (prompt.ResultCode, prompt.ResultText);
        return Results.Json(new
        {
            ResponseCode = "0", ResponseDescription = "The service request has been accepted successfully", MerchantRequestID = prompt.MerchantRequestId, CheckoutRequestID = prompt.CheckoutRequestId, ResultCode = code, ResultDesc = text,
        });
    }

    private static async Task<IResult> RegisterAsync(HttpContext context, MoneyWorld money)
    {
        if (Refusal(context, money) is { } refusal)
        {
            return refusal;
        }

        using var document = await JsonDocument.ParseAsync(context.Request.Body);
        var body = document.RootElement;
        if (money.Account(Text(body, "ShortCode")) is not { } account || !Uri.TryCreate(Text(body, "ConfirmationURL"), UriKind.Absolute, out var confirmation))
        {
            return Wrong("400.003.02", "Bad Request - Invalid ShortCode or URL");
        }

        foreach (var word in (string[])["mpesa", "safaricom", ".exe", "cmd", "sql", "query"])
        {
            if (confirmation.AbsoluteUri.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return Wrong("400.003.02", $"Bad Request - the URL holds the word {word}");
            }
        }

        money.Register(account.ShortCode, confirmation);
        return Results.Json(new { OriginatorCoversationID = RequestId(), ResponseCode = "0", ResponseDescription = "Success" });
    }

    private static async Task<IResult> PullAsync(HttpContext context, MoneyWorld money)
    {
        const int PageSize = 1000;
        if (Refusal(context, money) is { } refusal)
        {
            return refusal;
        }

        using var document = await JsonDocument.ParseAsync(context.Request.Body);
        var body = document.RootElement;
        if (money.Account(Text(body, "ShortCode")) is not { } account || !Time(Text(body, "StartDate"), out var from) || !Time(Text(body, "EndDate"), out var until) || !int.TryParse(Text(body, "OffSetValue"), out var offset))
        {
            return Wrong("400.003.02", "Bad Request - Invalid ShortCode, StartDate, EndDate or OffSetValue");
        }

        var rows = money.Between(account.ShortCode, from, until).Skip(money.IgnoresOffset ? 0 : offset).Take(PageSize).Select((m, i) => new
        {
            transactionId = m.Receipt, trxDate = (m.At.UtcDateTime + Nairobi).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), msisdn = m.Msisdn, sender = m.Payer, transactiontype = "c2b-pay-bill-debit",
            billreference = m.Account, amount = money.SpoilsList && i == 0 ? "" : m.Amount.ToString("0.00", CultureInfo.InvariantCulture), organizationname = account.Name,
        }).ToArray();
        return Results.Json(new { ResponseRefID = RequestId(), ResponseCode = "1000", ResponseMessage = "Success", Response = new[] { rows } });
    }

    internal static IResult? Refusal(HttpContext context, MoneyWorld money)
    {
        if (money.InMaintenance)
        {
            return Results.Text("<html><body>Scheduled maintenance</body></html>", "text/html", Encoding.UTF8, 503);
        }

        var header = context.Request.Headers.Authorization.ToString();
        return money.Options.Accounts.Exists(a => header == $"Bearer {Convert.ToBase64String(Encoding.UTF8.GetBytes($"token:{a.ClientId}"))}")
            ? null
            : Results.Json(new { requestId = RequestId(), errorCode = "404.001.03", errorMessage = "Invalid Access Token" }, statusCode: 404);
    }

    private static bool Signed(MoneyAccountOptions account, JsonElement body)
    {
        var key = account.Provider is MoneyProvider.FamilyBank ? account.ClientId : account.Passkey;
        var timestamp = Text(body, "Timestamp");
        return Text(body, "Password") is { } password && password == Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account.ShortCode}{key}{timestamp}"));
    }

    internal static IResult Wrong(string code, string text) => Results.Json(new { requestId = RequestId(), errorCode = code, errorMessage = text }, statusCode: 400);

    internal static string RequestId() => Guid.CreateVersion7().ToString("N")[..20];

    private static bool Time(string? text, out DateTimeOffset at)
    {
        var read = DateTime.TryParseExact(text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local);
        at = read ? new DateTimeOffset(local, Nairobi) : default;
        return read;
    }

    internal static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    } : null;
}
