namespace DataDefender.Sandbox.Money;

internal sealed record MoneyState(int Count, decimal Total, bool InMaintenance, IReadOnlyList<MoneyAccountView> Accounts, IReadOnlyList<PromptView> Prompts, IReadOnlyList<MovedMoney> Moved);

internal sealed record MoneyAccountView(string Name, string ShortCode, string? TillNumber, MoneyProvider Provider);

internal sealed record PromptView(string Id, string Business, string AccountReference, decimal Amount, string Msisdn, DateTimeOffset At, string? ResultCode);

internal sealed record PayOrder(string ShortCode, string? Account, decimal Amount, string Msisdn, string? Payer, MoneyFault Fault);

internal sealed record SwitchOrder(bool On);

internal sealed record MoneyRefusal(string Message);

/// <summary>The customer's phone: a page, and what it calls.</summary>
internal static class MoneyControl
{
    private const int MostShown = 12;

    public static void Map(WebApplication app, MoneyWorld money, string page)
    {
        app.MapGet("/phone", () => Results.Content(page, "text/html; charset=utf-8"));
        var api = app.MapGroup("/api/money");
        api.MapGet("/", () => State(money));
        api.MapPost("/prompts/{id}/accept", (string id) => Answered(money.Answer(id, accept: true)));
        api.MapPost("/prompts/{id}/cancel", (string id) => Answered(money.Answer(id, accept: false)));
        api.MapPost("/pay", (PayOrder order) => Pay(money, order));
        api.MapPost("/maintenance", (SwitchOrder order) => Results.Json(new { on = money.InMaintenance = order.On }));
        api.MapGet("/statement.csv", (string shortCode, DateTimeOffset? from, DateTimeOffset? until) =>
            Results.File(System.Text.Encoding.UTF8.GetBytes(money.StatementCsv(shortCode, from ?? DateTimeOffset.MinValue, until ?? DateTimeOffset.MaxValue)), "text/csv", $"statement-{shortCode}.csv"));
    }

    private static MoneyState State(MoneyWorld money) => new(
        money.Moved.Count, money.Moved.Sum(m => m.Amount), money.InMaintenance,
        [.. money.Options.Accounts.Select(a => new MoneyAccountView(a.Name, a.ShortCode, a.TillNumber, a.Provider))],
        [.. money.Prompts.Take(MostShown).Select(p => new PromptView(p.CheckoutRequestId, p.Account.Name, p.AccountReference, p.Amount, p.Msisdn, p.At, p.ResultCode))],
        [.. money.Moved.Reverse().Take(MostShown)]);

    private static IResult Answered(bool done) => done ? Results.NoContent() : Results.Json(new MoneyRefusal("That prompt is no longer on the phone."), statusCode: 404);

    private static IResult Pay(MoneyWorld money, PayOrder order) => money.Account(order.ShortCode) is not { } account
        ? Results.Json(new MoneyRefusal($"There is no business {order.ShortCode}."), statusCode: 400)
        : order.Amount is < 1 or > 250_000
            ? Results.Json(new MoneyRefusal("M-Pesa moves 1 to 250,000 shillings at once."), statusCode: 400)
            : Results.Json(money.PayIn(account, order.Amount, order.Msisdn, order.Payer ?? "", account.TillNumber is null ? order.Account ?? "" : "", order.Fault));
}
