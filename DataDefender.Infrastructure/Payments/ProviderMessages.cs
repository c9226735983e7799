using System.Text.Json;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;

namespace DataDefender.Infrastructure.Payments;

/// <summary>
/// Reads what providers send, in every shape that was seen: Daraja's nested <c>Body.stkCallback</c>, Family Bank's two flat ones, C2B
/// confirmations, the bank's collections notice, and Daraja's list of what came in. Which one it is follows from its fields.
/// </summary>
internal static class ProviderMessages
{
    private const int LongestReceipt = 80;

    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 16, AllowTrailingCommas = true };

    /// <exception cref="UnreadableMessageException">It makes no sense.</exception>
    public static MessageReading Read(CallbackKind kind, ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body);
        var root = document.RootElement;
        if (kind is CallbackKind.Pull)
        {
            return ReadPull(root);
        }

        if (JsonFields.Find(root, "Body") is { } outer && JsonFields.Find(outer, "stkCallback") is { } nested)
        {
            return One(ReadStk(nested));
        }

        if (JsonFields.Text(root, "action") is { } action)
        {
            return action.Equals("PAYMENT_NOTIFICATION", StringComparison.OrdinalIgnoreCase) && JsonFields.Find(root, "payload") is { } payload
                ? One(ReadNotice(payload))
                : throw new UnreadableMessageException($"The action “{action}” says nothing about money.");
        }

        return One(ReadFlat(root));
    }

    /// <summary>Daraja's later answer to an order or a question: <c>Result</c> with a code, ids, and names with values.</summary>
    /// <exception cref="UnreadableMessageException">It makes no sense.</exception>
    public static ProviderResult ReadResult(ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body);
        var result = JsonFields.Find(document.RootElement, "Result") ?? throw new UnreadableMessageException("It has no Result.");
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (JsonFields.Find(result, "ResultParameters") is { } parameters && JsonFields.Find(parameters, "ResultParameter") is { } list)
        {
            // A single one comes without its list.
            foreach (var item in list.ValueKind is JsonValueKind.Array ? list.EnumerateArray().AsEnumerable() : [list])
            {
                if (JsonFields.Text(item, "Key") is { } key && JsonFields.Text(item, "Value") is { } value)
                {
                    values[key] = value;
                }
            }
        }

        return new ProviderResult(
            JsonFields.Text(result, "ResultCode") ?? throw new UnreadableMessageException("The Result has no ResultCode."), JsonFields.Text(result, "ResultDesc"),
            JsonFields.Text(result, "OriginatorConversationID") ?? JsonFields.Text(result, "OriginalConversationID"), JsonFields.Text(result, "ConversationID"), JsonFields.Text(result, "TransactionID"), values);
    }

    private static MessageReading One(PaymentEvidence evidence) => evidence.Receipt is { Length: > LongestReceipt }
        ? throw new UnreadableMessageException($"Its receipt has {evidence.Receipt.Length} characters; none is longer than {LongestReceipt}.")
        : new MessageReading([evidence], []);

    /// <summary>The answer to a question about a push.</summary>
    public static PaymentEvidence ReadQuery(JsonElement answer)
    {
        var code = JsonFields.Text(answer, "ResultCode");
        return new PaymentEvidence
        {
            Source = EvidenceSource.Query,
            Paid = ResultCodes.Outcome(code),
            PushId = JsonFields.Text(answer, "ThirdPartyTransID"),
            CheckoutRequestId = JsonFields.Text(answer, "CheckoutRequestID"),
            MerchantRequestId = JsonFields.Text(answer, "MerchantRequestID"),
            Receipt = JsonFields.Text(answer, "MpesaReceiptNumber") ?? JsonFields.Text(answer, "TransID"),
            Amount = JsonFields.Amount(answer, "TransAmount") ?? JsonFields.Amount(answer, "Amount"),
            ResultCode = code,
            ResultText = JsonFields.Text(answer, "ResultDesc"),
        };
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, Limits);
        }
        catch (JsonException broken)
        {
            throw new UnreadableMessageException($"It is no JSON: line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}.", broken);
        }

        if (document.RootElement.ValueKind is JsonValueKind.Object)
        {
            return document;
        }

        document.Dispose();
        throw new UnreadableMessageException("It is JSON, but no object.");
    }

    private static PaymentEvidence ReadStk(JsonElement callback)
    {
        var checkout = JsonFields.Text(callback, "CheckoutRequestID") ?? throw new UnreadableMessageException("stkCallback has no CheckoutRequestID.");
        var code = JsonFields.Text(callback, "ResultCode") ?? throw new UnreadableMessageException("stkCallback has no ResultCode.");
        var items = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        if (JsonFields.Find(callback, "CallbackMetadata") is { } metadata && JsonFields.Find(metadata, "Item") is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (var item in list.EnumerateArray())
            {
                if (JsonFields.Text(item, "Name") is { } name)
                {
                    items[name] = item;
                }
            }
        }

        string? Value(string name) => items.TryGetValue(name, out var item) ? JsonFields.Text(item, "Value") : null;
        return new PaymentEvidence
        {
            Source = EvidenceSource.Callback,
            Paid = ResultCodes.Outcome(code),
            CheckoutRequestId = checkout,
            MerchantRequestId = JsonFields.Text(callback, "MerchantRequestID"),
            PushId = JsonFields.Text(callback, "ThirdPartyTransID"),
            Receipt = Value("MpesaReceiptNumber"),
            Amount = Value("Amount") is { } amount ? JsonFields.Amount(amount, "Amount") : null,
            Msisdn = Value("PhoneNumber"),
            At = items.TryGetValue("TransactionDate", out var date) ? JsonFields.Time(date, "Value") : null,
            ResultCode = code,
            ResultText = JsonFields.Text(callback, "ResultDesc"),
        };
    }

    /// <summary>Family Bank's callbacks and C2B confirmations: with a ResultCode it is about a push, with a TransID money moved.</summary>
    private static PaymentEvidence ReadFlat(JsonElement message)
    {
        var (code, receipt) = (JsonFields.Text(message, "ResultCode"), JsonFields.Text(message, "TransID"));
        var (push, checkout) = (JsonFields.Text(message, "ThirdPartyTransID"), JsonFields.Text(message, "CheckoutRequestID"));
        if (code is null && receipt is null)
        {
            throw new UnreadableMessageException("It has neither a ResultCode nor a TransID.");
        }

        if (receipt is null && push is null && checkout is null)
        {
            throw new UnreadableMessageException("It names neither a receipt nor a push (TransID, ThirdPartyTransID, CheckoutRequestID).");
        }

        var paid = code is null ? true : ResultCodes.Outcome(code);
        var amount = JsonFields.Amount(message, "TransAmount") ?? JsonFields.Amount(message, "Amount");
        if (paid is true && receipt is not null && amount is null)
        {
            throw new UnreadableMessageException($"Receipt {receipt} has no TransAmount.");
        }

        return new PaymentEvidence
        {
            Source = EvidenceSource.Callback,
            Paid = paid,
            PushId = push,
            CheckoutRequestId = checkout,
            MerchantRequestId = JsonFields.Text(message, "MerchantRequestID"),
            Receipt = paid is true ? receipt : null,
            Amount = amount,
            Msisdn = JsonFields.Text(message, "MSISDN"),
            PayerName = Name(message) ?? KycName(message),
            AccountReference = JsonFields.Text(message, "BillRefNumber"),
            ShortCode = JsonFields.Text(message, "BusinessShortCode"),
            At = JsonFields.Time(message, "TransTime"),
            ResultCode = code ?? ResultCodes.Paid,
            ResultText = JsonFields.Text(message, "ResultDesc"),
        };
    }

    private static PaymentEvidence ReadNotice(JsonElement payload) => new()
    {
        Source = EvidenceSource.Callback,
        Paid = true,
        Receipt = JsonFields.Text(payload, "txn_reference") ?? throw new UnreadableMessageException("The notification has no txn_reference."),
        Amount = JsonFields.Amount(payload, "txn_amount") ?? throw new UnreadableMessageException("The notification has no txn_amount."),
        Msisdn = JsonFields.Text(payload, "payer_phone"),
        PayerName = JsonFields.Text(payload, "payer_name"),
        AccountReference = JsonFields.Text(payload, "customer_id"),
        At = JsonFields.Time(payload, "date_time"),
        ResultCode = ResultCodes.Paid,
    };

    /// <summary>Each row by itself: what is wrong with one is said, and the others are taken.</summary>
    private static MessageReading ReadPull(JsonElement root)
    {
        if (JsonFields.Find(root, "Response") is not { ValueKind: JsonValueKind.Array } response)
        {
            throw new UnreadableMessageException("The list of what came in has no Response.");
        }

        var (rows, faults, number) = (new List<PaymentEvidence>(), new List<string>(), 0);
        foreach (var entry in response.EnumerateArray())
        {
            // A list of lists, as it is sent; a plain list is taken too.
            foreach (var row in entry.ValueKind is JsonValueKind.Array ? entry.EnumerateArray().AsEnumerable() : [entry])
            {
                number++;
                try
                {
                    rows.Add(ReadPullRow(row));
                }
                catch (UnreadableMessageException unreadable)
                {
                    faults.Add($"Row {number}: {unreadable.Message}");
                }
            }
        }

        return new MessageReading(rows, faults);
    }

    private static PaymentEvidence ReadPullRow(JsonElement row)
    {
        var receipt = JsonFields.Text(row, "transactionId") ?? throw new UnreadableMessageException("It has no transactionId.");
        return One(new PaymentEvidence
        {
            Source = EvidenceSource.Pull,
            Paid = true,
            Receipt = receipt,
            Amount = JsonFields.Amount(row, "amount") ?? throw new UnreadableMessageException($"{receipt} has no amount."),
            Msisdn = JsonFields.Text(row, "msisdn"),
            PayerName = JsonFields.Text(row, "sender"),
            AccountReference = JsonFields.Text(row, "billreference"),
            At = JsonFields.Time(row, "trxDate"),
            ResultCode = ResultCodes.Paid,
        }).Evidence[0];
    }

    private static string? Name(JsonElement message)
    {
        var name = string.Join(' ', new[] { JsonFields.Text(message, "FirstName"), JsonFields.Text(message, "MiddleName"), JsonFields.Text(message, "LastName") }.OfType<string>());
        return name.Length == 0 ? null : name;
    }

    /// <summary><c>KYCName</c>, or <c>KYCInfo</c> as text or as a list of names and values.</summary>
    private static string? KycName(JsonElement message)
    {
        if (JsonFields.Text(message, "KYCName") is { } name)
        {
            return name;
        }

        return JsonFields.Find(message, "KYCInfo") switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { ValueKind: JsonValueKind.Array } list => string.Join(' ', list.EnumerateArray().Select(i => JsonFields.Text(i, "KYCValue")).OfType<string>()) is { Length: > 0 } joined ? joined : null,
            _ => null,
        };
    }
}
