using System.Collections.Concurrent;
using System.Globalization;

namespace DataDefender.Sandbox.Money;

/// <summary>
/// The bank and M-Pesa: accounts, prompts on phones, what moved, and what is told of it, when, how often and how wrongly. Told by real HTTP
/// to the addresses that were given, or by <see cref="Deliver"/> where a test wants to carry the messages itself.
/// </summary>
public sealed class MoneyWorld : IAsyncDisposable
{
    private static readonly TimeSpan Nairobi = TimeSpan.FromHours(3);

    private readonly MoneyOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Prompt> _prompts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Prompt> _byThirdParty = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<MovedMoney> _moved = new();
    private readonly ConcurrentDictionary<string, Uri> _confirmations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ReversalOrder> _orders = new(StringComparer.Ordinal);
    private readonly MoneyPost _post;
    private long _serial;
    private long _pushes;
    private int _pushesOfOneId;
    private int _ordersOfOneId;

    public MoneyWorld(MoneyOptions options, TimeProvider time, ILogger log)
    {
        (_options, _time) = (options, time);
        foreach (var account in options.Accounts.Where(a => a.ConfirmationUrl is not null))
        {
            _confirmations[account.ShortCode] = new Uri(account.ConfirmationUrl!);
        }

        _post = new MoneyPost(time, log, options.TellsByItself);
    }

    /// <summary>Carries a message to whoever collects and returns the status of the answer; 0 when there was none.</summary>
    public Func<Uri, string, Task<int>> Deliver { get => _post.Deliver; set => _post.Deliver = value; }

    public MoneyOptions Options => _options;

    /// <summary>Called when a push arrived, before it is answered.</summary>
    public Action<Prompt>? Pushed { get; set; }

    /// <summary>Set: pushes and questions are answered 503, as in the nightly maintenance.</summary>
    public bool InMaintenance { get; set; }

    /// <summary>Paths that get no answer while it says so.</summary>
    public Func<string, bool>? LeavesUnanswered { get; set; }

    /// <summary>Called while a request is left without an answer.</summary>
    public Action<string>? Held { get; set; }

    /// <summary>Set: the list of what came in begins anew at every offset.</summary>
    public bool IgnoresOffset { get; set; }

    /// <summary>Set: each page of the list holds one entry that has no amount.</summary>
    public bool SpoilsList { get; set; }

    /// <summary>What goes wrong with orders to give back.</summary>
    public MoneyFault OrderFault { get; set; }

    /// <summary>Orders to give back, the newest last.</summary>
    public IReadOnlyCollection<ReversalOrder> Orders => [.. _orders.Values];

    /// <summary>How often an order came whose id had come before.</summary>
    public int OrdersOfOneId => _ordersOfOneId;

    /// <summary>How long a request is left without an answer for <see cref="MoneyFault.TimeoutAfterExecution"/>.</summary>
    public TimeSpan Silence { get; set; } = TimeSpan.FromMinutes(2);

    public IReadOnlyCollection<MovedMoney> Moved => _moved;

    public IEnumerable<Prompt> Prompts => _prompts.Values.OrderByDescending(p => p.At);

    /// <summary>How often a push came whose id had come before: whoever pushes twice takes the money twice.</summary>
    public int PushesOfOneId => _pushesOfOneId;

    public MoneyAccountOptions? Account(string? shortCode) => _options.Accounts.FirstOrDefault(a => a.ShortCode == shortCode || a.TillNumber == shortCode);

    public void Register(string shortCode, Uri confirmation) => _confirmations[shortCode] = confirmation;

    /// <summary>What will go wrong with the push that comes now.</summary>
    public MoneyFault Foresee(string msisdn) => MoneyFaults.Magic(msisdn) ?? MoneyFaults.Spread(_options, Interlocked.Increment(ref _pushes));

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
        _post.Later(TimeSpan.FromSeconds(_options.PromptSeconds), () => End(prompt, "1037", "DS timeout user cannot be reached"));
        if ((MoneyFaults.MagicAnswer(msisdn) ?? _options.AnswerSeconds) is { } seconds)
        {
            _post.Later(TimeSpan.FromSeconds(seconds), () => AnswerBySelf(prompt));
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
    public string StatementCsv(string shortCode, DateTimeOffset from, DateTimeOffset until) => MoneyMessages.StatementCsv(Between(shortCode, from, until));

    /// <summary>Tells everything that is due by now, in order, and returns how much it was.</summary>
    public Task<int> TellDueAsync() => _post.TellDueAsync();

    /// <summary>When something is due next; null when nothing waits.</summary>
    public DateTimeOffset? NextDue => _post.NextDue;

    /// <summary>Leaves a request without an answer, for as long as it is to be.</summary>
    public async Task HoldAsync(string path, CancellationToken ct)
    {
        while (LeavesUnanswered?.Invoke(path) is true && !ct.IsCancellationRequested)
        {
            Held?.Invoke(path);
            await Task.Delay(20, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes an order to give a receipt's money, or a part of it, back; it is carried out, or not, as <see cref="OrderFault"/> says, and its result told later.</summary>
    public ReversalOrder Reverse(string orderId, MovedMoney money, decimal amount, Uri result, Uri timeout)
    {
        var order = new ReversalOrder { OrderId = orderId, ConversationId = $"AG_{Interlocked.Increment(ref _serial):D12}", Money = money, Amount = amount, Result = result, Fault = OrderFault };
        if (!_orders.TryAdd(orderId, order))
        {
            Interlocked.Increment(ref _ordersOfOneId);
        }

        _post.Later(TimeSpan.FromSeconds(3), () =>
        {
            (order.ResultCode, order.ResultText) = order.Fault is MoneyFault.Insufficient ? ("1", "The balance is insufficient for the transaction")
                : _orders.Values.Where(o => o != order && o.Money.Receipt == money.Receipt && o.ResultCode == "0").Sum(o => o.Amount) + amount > money.Amount ? ("R000001", "The transaction has already been reversed")
                : ("0", "The service request is processed successfully.");
            order.ReceiptBack = order.ResultCode == "0" ? Receipt() : null;
            switch (order.Fault)
            {
                case MoneyFault.Lost:
                    return;
                case MoneyFault.Late:
                    _post.Tell(timeout, MoneyMessages.OrderResult(order), TimeSpan.FromSeconds(1)); // no time in the queue, and carried out all the same
                    return;
                default:
                    _post.Tell(result, MoneyMessages.OrderResult(order), TimeSpan.FromSeconds(1));
                    return;
            }
        });
        return order;
    }

    /// <summary>Answers a question about a receipt or an order, a little later.</summary>
    public void AskStatus(string originator, string? receipt, string? orderId, Uri result)
    {
        var conversation = $"AG_{Interlocked.Increment(ref _serial):D12}";
        var order = orderId is not null && _orders.TryGetValue(orderId, out var known) && known.ReceiptBack is not null ? known : null;
        var money = receipt is { Length: > 0 } ? _moved.FirstOrDefault(m => m.Receipt == receipt) : null;
        var (about, amount, at) = order is not null ? (order.ReceiptBack, order.Amount, _time.GetUtcNow()) : (money?.Receipt, money?.Amount ?? 0, money?.At ?? default);
        _post.Tell(result, MoneyMessages.StatusResult(originator, conversation, about, amount, at, "Completed"), TimeSpan.FromSeconds(1));
    }

    public MovedMoney? MoneyOf(string? receipt) => _moved.FirstOrDefault(m => m.Receipt == receipt);

    public ValueTask DisposeAsync() => _post.DisposeAsync();

    private DateTime Local => _time.GetUtcNow().UtcDateTime + Nairobi;

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
            _post.Tell(prompt.Callback, MoneyMessages.ConfirmationOf(prompt.Money!), TimeSpan.FromSeconds(1));
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
        var (body, url) = (MoneyMessages.ResultOf(prompt), prompt.Callback);
        switch (prompt.Fault)
        {
            case MoneyFault.Lost:
                return;
            case MoneyFault.Late:
                _post.Tell(url, body, TimeSpan.FromMinutes(10));
                return;
            case MoneyFault.VeryLate:
                _post.Tell(url, body, TimeSpan.FromDays(3));
                return;
            case MoneyFault.Duplicated:
                _post.Tell(url, body, TimeSpan.FromSeconds(1));
                _post.Tell(url, body, TimeSpan.FromSeconds(1));
                _post.Tell(url, body, TimeSpan.FromMinutes(3));
                return;
            case MoneyFault.Reordered:
                _post.Tell(url, body, TimeSpan.FromSeconds(1));
                _post.Tell(url, MoneyMessages.Failure(prompt, "1037", "DS timeout user cannot be reached"), TimeSpan.FromSeconds(5));
                return;
            default:
                _post.Tell(url, body, TimeSpan.FromSeconds(1));
                return;
        }
    }

    private void TellConfirmation(MovedMoney money, MoneyFault fault)
    {
        if (!_confirmations.TryGetValue(money.ShortCode, out var url))
        {
            return;
        }

        var body = MoneyMessages.ConfirmationOf(money);
        switch (fault)
        {
            case MoneyFault.Lost:
                return;
            case MoneyFault.Late:
                _post.Tell(url, body, TimeSpan.FromMinutes(10));
                return;
            case MoneyFault.VeryLate:
                _post.Tell(url, body, TimeSpan.FromDays(3));
                return;
            case MoneyFault.Duplicated:
                _post.Tell(url, body, TimeSpan.FromSeconds(1));
                _post.Tell(url, body, TimeSpan.FromSeconds(2));
                return;
            default:
                _post.Tell(url, body, TimeSpan.FromSeconds(1));
                return;
        }
    }
}
