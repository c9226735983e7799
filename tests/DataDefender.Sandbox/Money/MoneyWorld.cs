using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataDefender.Sandbox.Money;

/// <summary>Money that moved, as the provider's own books have it: what everybody else's are measured by.</summary>
public sealed record MovedMoney(
    string Receipt, MoneyProvider Provider, string ShortCode, decimal Amount, string Msisdn, string Payer, string Account, DateTimeOffset At, string? CheckoutRequestId, string? ThirdPartyTransId, MoneyFault Fault);

/// <summary>A prompt on a phone, from the push to its end.</summary>
public sealed class Prompt
{
    public required string CheckoutRequestId { get; init; }

    public required string MerchantRequestId { get; init; }

    public required MoneyAccountOptions Account { get; init; }

    public required decimal Amount { get; init; }

    public required string Msisdn { get; init; }

    public required string AccountReference { get; init; }

    public required string Description { get; init; }

    public required Uri Callback { get; init; }

    public string? ThirdPartyTransId { get; init; }

    public required DateTimeOffset At { get; init; }

    public MoneyFault Fault { get; init; }

    /// <summary>Null while it is on the phone.</summary>
    public string? ResultCode { get; set; }

    public string ResultText { get; set; } = "";

    public MovedMoney? Money { get; set; }

    /// <summary>Questions that were answered.</summary>
    public int Queries { get; set; }
}

/// <summary>
/// The bank and M-Pesa: accounts, prompts on phones, what moved, and what is told of it, when, how often and how wrongly. Told by real HTTP
/// to the addresses that were given, or by <see cref="Deliver"/> where a test wants to carry the messages itself.
/// </summary>
public sealed class MoneyWorld : IAsyncDisposable
{
    private static readonly TimeSpan Nairobi = TimeSpan.FromHours(3);

    private readonly MoneyOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<string, Prompt> _prompts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Prompt> _byThirdParty = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<MovedMoney> _moved = new();
    private readonly ConcurrentDictionary<string, Uri> _confirmations = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Message, DateTimeOffset> _due = new();
    private readonly Lock _dueLock = new();
    private readonly CancellationTokenSource _end = new();
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(2) });
    private readonly Task _pump;
    private long _serial;
    private long _pushes;
    private int _pushesOfOneId;

    public MoneyWorld(MoneyOptions options, TimeProvider time, ILogger log)
    {
        (_options, _time, _log) = (options, time, log);
        Deliver = PostAsync;
        foreach (var account in options.Accounts.Where(a => a.ConfirmationUrl is not null))
        {
            _confirmations[account.ShortCode] = new Uri(account.ConfirmationUrl!);
        }

        _pump = options.TellsByItself ? Task.Run(PumpAsync) : Task.CompletedTask;
    }

    /// <summary>Carries a message to whoever collects and returns the status of the answer; 0 when there was none.</summary>
    public Func<Uri, string, Task<int>> Deliver { get; set; }

    public MoneyOptions Options => _options;

    /// <summary>Called when a push arrived, before it is answered.</summary>
    public Action<Prompt>? Pushed { get; set; }

    /// <summary>Set: pushes and questions are answered 503, as in the nightly maintenance.</summary>
    public bool InMaintenance { get; set; }

    /// <summary>How long a request is left without an answer for <see cref="MoneyFault.TimeoutAfterExecution"/>.</summary>
    public TimeSpan Silence { get; set; } = TimeSpan.FromMinutes(2);

    public IReadOnlyCollection<MovedMoney> Moved => _moved;

    public IEnumerable<Prompt> Prompts => _prompts.Values.OrderByDescending(p => p.At);

    /// <summary>How often a push came whose id had come before: whoever pushes twice takes the money twice.</summary>
    public int PushesOfOneId => _pushesOfOneId;

    public MoneyAccountOptions? Account(string? shortCode) => _options.Accounts.FirstOrDefault(a => a.ShortCode == shortCode || a.TillNumber == shortCode);

    public void Register(string shortCode, Uri confirmation) => _confirmations[shortCode] = confirmation;

    /// <summary>What will go wrong with the push that comes now.</summary>
    public MoneyFault Foresee(string msisdn) => Magic(msisdn) ?? Spread(Interlocked.Increment(ref _pushes));

    /// <summary>A push was taken: the prompt is on the phone, and the customer may answer by himself.</summary>
    public Prompt Push(MoneyAccountOptions account, decimal amount, string msisdn, string reference, string description, Uri callback, string? thirdPartyTransId, MoneyFault fault)
    {
        var serial = Interlocked.Increment(ref _serial);
        var prompt = new Prompt
        {
            CheckoutRequestId = string.Create(CultureInfo.InvariantCulture, $"ws_CO_{Local:ddMMyyyyHHmmss}{serial:D9}"), MerchantRequestId = string.Create(CultureInfo.InvariantCulture, $"{serial % 99999}-{serial}-1"),
            Account = account, Amount = amount, Msisdn = msisdn, AccountReference = reference, Description = description, Callback = callback, ThirdPartyTransId = thirdPartyTransId, At = _time.GetUtcNow(), Fault = fault,
        };
        _prompts[prompt.CheckoutRequestId] = prompt;
        if ((thirdPartyTransId ?? callback.AbsolutePath) is { } id && !_byThirdParty.TryAdd(id, prompt))
        {
            Interlocked.Increment(ref _pushesOfOneId);
        }

        Pushed?.Invoke(prompt);
        Later(TimeSpan.FromSeconds(_options.PromptSeconds), () => End(prompt, "1037", "DS timeout user cannot be reached"));
        if ((MagicAnswer(msisdn) ?? _options.AnswerSeconds) is { } seconds)
        {
            Later(TimeSpan.FromSeconds(seconds), () => AnswerBySelf(prompt));
        }

        return prompt;
    }

    /// <summary>What the person at the phone does: enters the PIN, or not.</summary>
    /// <returns>False when the prompt is no longer there.</returns>
    public bool Answer(string checkoutRequestId, bool accept)
    {
        if (!_prompts.TryGetValue(checkoutRequestId, out var prompt) || prompt.ResultCode is not null)
        {
            return false;
        }

        if (accept)
        {
            Pay(prompt);
        }
        else
        {
            End(prompt, "1032", "Request cancelled by user");
        }

        return true;
    }

    /// <summary>A customer pays by himself, with what he typed as the account (none at a Till).</summary>
    public MovedMoney PayIn(MoneyAccountOptions account, decimal amount, string msisdn, string payer, string typed, MoneyFault fault = MoneyFault.None)
    {
        var money = Move(account, amount, msisdn, payer, typed, null, null, fault);
        TellConfirmation(money, fault);
        return money;
    }

    /// <summary>A prompt as the provider knows it, by its own id or by ours.</summary>
    public Prompt? Find(string? checkoutRequestId, string? thirdPartyTransId) =>
        checkoutRequestId is not null && _prompts.TryGetValue(checkoutRequestId, out var byCheckout) ? byCheckout
        : thirdPartyTransId is not null && _byThirdParty.TryGetValue(thirdPartyTransId, out var byThirdParty) ? byThirdParty
        : null;

    /// <summary>What came in for a short code between two times, oldest first.</summary>
    public IReadOnlyList<MovedMoney> Between(string shortCode, DateTimeOffset from, DateTimeOffset until) =>
        [.. _moved.Where(m => m.ShortCode == shortCode && m.At >= from && m.At <= until).OrderBy(m => m.At).ThenBy(m => m.Receipt, StringComparer.Ordinal)];

    /// <summary>The organisation's statement as its portal exports it.</summary>
    public string StatementCsv(string shortCode, DateTimeOffset from, DateTimeOffset until)
    {
        var csv = new StringBuilder("Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Balance Confirmed,Reason Type,Other Party Info,Linked Transaction ID,A/C No.\r\n");
        var balance = 0m;
        foreach (var money in Between(shortCode, from, until))
        {
            balance += money.Amount;
            var at = (money.At.UtcDateTime + Nairobi).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            csv.Append(CultureInfo.InvariantCulture, $"{money.Receipt},{at},{at},Pay Bill from {Quote(money.Msisdn)} - {Quote(money.Payer)} Acc. {Quote(money.Account)},Completed,{money.Amount:0.00},,{balance:0.00},true,Pay Bill Online,{Quote(money.Msisdn)} - {Quote(money.Payer)},,{Quote(money.Account)}\r\n");
        }

        return csv.ToString();
    }

    /// <summary>Tells everything that is due by now, in order, and returns how much it was.</summary>
    public async Task<int> TellDueAsync()
    {
        var told = 0;
        while (Take() is { } message)
        {
            told++;
            await message.Act();
        }

        return told;
    }

    /// <summary>When something is due next; null when nothing waits.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_dueLock)
            {
                return _due.TryPeek(out _, out var at) ? at : null;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _end.Dispose();
    }

    private DateTime Local => _time.GetUtcNow().UtcDateTime + Nairobi;

    private static string Quote(string text) => text.Contains(',', StringComparison.Ordinal) ? $"\"{text}\"" : text;

    /// <summary>Numbers that end so always go the same way, for trying things out.</summary>
    private static MoneyFault? Magic(string msisdn) => msisdn.Length < 4 ? null : msisdn[^4..] switch
    {
        "0000" => MoneyFault.None,
        "1032" => MoneyFault.Cancelled,
        "1037" => MoneyFault.Unreachable,
        "0001" => MoneyFault.Insufficient,
        "0010" => MoneyFault.Late,
        "0003" => MoneyFault.VeryLate,
        "0022" => MoneyFault.Duplicated,
        "0404" => MoneyFault.Lost,
        "0408" => MoneyFault.TimeoutAfterExecution,
        "0500" => MoneyFault.ErrorAfterExecution,
        "0503" => MoneyFault.Busy,
        "0777" => MoneyFault.WrongAmount,
        "0999" => MoneyFault.UnknownReference,
        _ => null,
    };

    private static double? MagicAnswer(string msisdn) => Magic(msisdn) is null ? null : 2;

    private MoneyFault Spread(long push)
    {
        // Spread evenly and the same in each run: 37 has no factor in common with 100.
        var hundredth = (int)(push * 37 % 100);
        foreach (var (fault, percent) in _options.FaultPercent.OrderBy(f => f.Key))
        {
            if ((hundredth -= percent) < 0)
            {
                return fault;
            }
        }

        return MoneyFault.None;
    }

    private void AnswerBySelf(Prompt prompt)
    {
        switch (prompt.Fault)
        {
            case MoneyFault.Cancelled:
                End(prompt, "1032", "Request cancelled by user");
                break;
            case MoneyFault.Unreachable:
                End(prompt, "1037", "DS timeout user cannot be reached");
                break;
            case MoneyFault.Insufficient:
                End(prompt, "1", "The balance is insufficient for the transaction");
                break;
            default:
                Pay(prompt);
                break;
        }
    }

    private void Pay(Prompt prompt)
    {
        lock (prompt)
        {
            if (prompt.ResultCode is not null)
            {
                return;
            }

            prompt.ResultCode = "0";
            prompt.ResultText = "The service request is processed successfully.";
            var amount = prompt.Fault is MoneyFault.WrongAmount ? prompt.Amount + (prompt.Amount > 100 ? -50 : 50) : prompt.Amount;
            prompt.Money = Move(prompt.Account, amount, prompt.Msisdn, "SANDBOX CUSTOMER", prompt.AccountReference, prompt.CheckoutRequestId, prompt.ThirdPartyTransId, prompt.Fault);
        }

        if (prompt.Fault is MoneyFault.UnknownReference)
        {
            // Told as money that came by itself, to the address of the push: only the path says whose it is.
            Tell(prompt.Callback, ConfirmationOf(prompt.Money!), TimeSpan.FromSeconds(1));
            return;
        }

        TellResult(prompt);
    }

    private void End(Prompt prompt, string code, string text)
    {
        lock (prompt)
        {
            if (prompt.ResultCode is not null)
            {
                return;
            }

            (prompt.ResultCode, prompt.ResultText) = (code, text);
        }

        TellResult(prompt);
    }

    private MovedMoney Move(MoneyAccountOptions account, decimal amount, string msisdn, string payer, string typed, string? checkout, string? thirdParty, MoneyFault fault)
    {
        var money = new MovedMoney(Receipt(), account.Provider, account.ShortCode, amount, msisdn, payer, typed, _time.GetUtcNow(), checkout, thirdParty, fault);
        _moved.Enqueue(money);
        return money;
    }

    /// <summary>Like M-Pesa's: ten letters and digits that count up.</summary>
    private string Receipt()
    {
        const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        var number = Interlocked.Increment(ref _serial);
        Span<char> text = stackalloc char[10];
        for (var i = 9; i >= 1; i--)
        {
            (text[i], number) = (Digits[(int)(number % 36)], number / 36);
        }

        text[0] = 'S';
        return text.ToString();
    }

    private void TellResult(Prompt prompt)
    {
        var (body, url) = (ResultOf(prompt), prompt.Callback);
        switch (prompt.Fault)
        {
            case MoneyFault.Lost:
                return;
            case MoneyFault.Late:
                Tell(url, body, TimeSpan.FromMinutes(10));
                return;
            case MoneyFault.VeryLate:
                Tell(url, body, TimeSpan.FromDays(3));
                return;
            case MoneyFault.Duplicated:
                Tell(url, body, TimeSpan.FromSeconds(1));
                Tell(url, body, TimeSpan.FromSeconds(1));
                Tell(url, body, TimeSpan.FromMinutes(3));
                return;
            case MoneyFault.Reordered:
                Tell(url, body, TimeSpan.FromSeconds(1));
                Tell(url, Failure(prompt, "1037", "DS timeout user cannot be reached"), TimeSpan.FromSeconds(5));
                return;
            default:
                Tell(url, body, TimeSpan.FromSeconds(1));
                return;
        }
    }

    private void TellConfirmation(MovedMoney money, MoneyFault fault)
    {
        if (!_confirmations.TryGetValue(money.ShortCode, out var url))
        {
            return;
        }

        var body = ConfirmationOf(money);
        switch (fault)
        {
            case MoneyFault.Lost:
                return;
            case MoneyFault.Late:
                Tell(url, body, TimeSpan.FromMinutes(10));
                return;
            case MoneyFault.VeryLate:
                Tell(url, body, TimeSpan.FromDays(3));
                return;
            case MoneyFault.Duplicated:
                Tell(url, body, TimeSpan.FromSeconds(1));
                Tell(url, body, TimeSpan.FromSeconds(2));
                return;
            default:
                Tell(url, body, TimeSpan.FromSeconds(1));
                return;
        }
    }

    private string ResultOf(Prompt prompt) => prompt.Money is not { } money ? Failure(prompt, prompt.ResultCode!, prompt.ResultText)
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

    private static string Failure(Prompt prompt, string code, string text) => prompt.Account.Provider is MoneyProvider.FamilyBank
        ? JsonSerializer.Serialize(new { ResponseCode = "0", ResponseDescription = "Success", MerchantRequestID = prompt.MerchantRequestId, CheckoutRequestID = prompt.CheckoutRequestId, ThirdPartyTransID = prompt.ThirdPartyTransId, ResultCode = code, ResultDesc = text, CustomerMessage = text })
        : JsonSerializer.Serialize(new { Body = new { stkCallback = new { MerchantRequestID = prompt.MerchantRequestId, CheckoutRequestID = prompt.CheckoutRequestId, ResultCode = int.Parse(code, CultureInfo.InvariantCulture), ResultDesc = text } } });

    private static string ConfirmationOf(MovedMoney money) => JsonSerializer.Serialize(new
    {
        TransactionType = "Pay Bill", TransID = money.Receipt, TransTime = Stamp(money.At), TransAmount = money.Amount.ToString("0.00", CultureInfo.InvariantCulture), BusinessShortCode = money.ShortCode,
        BillRefNumber = money.Account, InvoiceNumber = "", OrgAccountBalance = "0.00", ThirdPartyTransID = "", MSISDN = money.Msisdn, FirstName = money.Payer, MiddleName = "", LastName = "",
    });

    private static JsonObject Item(string name, JsonNode? value) => new() { ["Name"] = name, ["Value"] = value };

    private static string Stamp(DateTimeOffset at) => (at.UtcDateTime + Nairobi).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    private void Tell(Uri url, string body, TimeSpan after) => Later(after, async () =>
    {
        var status = await Deliver(url, body);
        if (status is < 200 or >= 300)
        {
            _log.LogWarning("{Url} answered {Status}", url.GetLeftPart(UriPartial.Authority), status);
        }
    });

    private void Later(TimeSpan after, Action act) => Later(after, () =>
    {
        act();
        return Task.CompletedTask;
    });

    private void Later(TimeSpan after, Func<Task> act)
    {
        lock (_dueLock)
        {
            var at = _time.GetUtcNow() + after;
            _due.Enqueue(new Message(act), at);
        }
    }

    private Message? Take()
    {
        lock (_dueLock)
        {
            return _due.TryPeek(out _, out var at) && at <= _time.GetUtcNow() ? _due.Dequeue() : null;
        }
    }

    private async Task PumpAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await TellDueAsync();
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                _log.LogWarning("A message did not arrive: {Reason}", broken.Message);
            }

            await Task.Delay(50, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> PostAsync(Uri url, string body)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        try
        {
            using var answer = await _http.SendAsync(request, limit.Token);
            return (int)answer.StatusCode;
        }
        catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException)
        {
            return 0;
        }
    }

    private sealed record Message(Func<Task> Act);
}
