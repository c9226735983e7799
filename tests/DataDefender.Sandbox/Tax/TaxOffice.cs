using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DataDefender.Sandbox.Tax;

/// <summary>What goes wrong with a document that is sent to the tax authority.</summary>
public enum TaxFault
{
    /// <summary>It is signed; the answer never comes.</summary>
    TimeoutAfterExecution,

    /// <summary>It is signed; the connection breaks in place of an answer.</summary>
    BreakAfterExecution,

    /// <summary>A gateway's page in place of an answer, and nothing is done.</summary>
    BadGateway,

    /// <summary>The authority has trouble of its own (999): nothing is done.</summary>
    Trouble,

    /// <summary>Refused (921), whatever it says.</summary>
    Refused,

    /// <summary>A number that is there already is answered without its signature.</summary>
    ForgetsSignature,
}

/// <summary>A document that the authority has signed.</summary>
/// <param name="Sold">The day for whose month its tax is due.</param>
public sealed record SignedDocument(string Tin, long Number, long Original, string Type, string Reference, decimal Total, decimal Tax, long Receipt, string Signature, DateTimeOffset At, DateOnly Sold, int Asked);

/// <summary>
/// KRA's eTIMS as a control unit sees it: units that are set up once, and sales and credit notes that are checked, signed and counted, each
/// number of a taxpayer once.
/// </summary>
public sealed class TaxOffice(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tin, string Branch), (string Serial, string Key, string Unit)> _units = [];
    private readonly Dictionary<(string Tin, long Number), SignedDocument> _signed = [];
    private readonly Queue<TaxFault> _faults = new();
    private long _receipts;

    public IReadOnlyList<SignedDocument> Documents
    {
        get
        {
            lock (_gate)
            {
                return [.. _signed.Values.OrderBy(s => s.Receipt)];
            }
        }
    }

    /// <summary>What befalls the next documents, one each.</summary>
    public void Next(TaxFault fault, int times = 1)
    {
        lock (_gate)
        {
            for (var i = 0; i < times; i++)
            {
                _faults.Enqueue(fault);
            }
        }
    }

    internal bool Strikes(out TaxFault fault)
    {
        lock (_gate)
        {
            return _faults.TryDequeue(out fault);
        }
    }

    /// <summary>Sets a unit up; a second time only its own serial number is known, and its key is not told again.</summary>
    internal (string Code, string Message, object? Data) Install(string tin, string branch, string serial)
    {
        lock (_gate)
        {
            if (serial.Length == 0 || serial.StartsWith("WRONG", StringComparison.Ordinal))
            {
                return ("901", "It is not valid device", null);
            }

            if (_units.ContainsKey((tin, branch)))
            {
                return ("902", "This device is installed", null);
            }

            var unit = (Serial: serial, Key: Convert.ToHexString(RandomNumberGenerator.GetBytes(24)), Unit: string.Create(CultureInfo.InvariantCulture, $"KRACU{_units.Count + 1:D10}"));
            _units[(tin, branch)] = unit;
            return ("000", "It is succeeded", new { info = new { tin, taxprNm = "SAVANNA FIBRE NETWORKS LIMITED", bhfId = branch, dvcId = unit.Serial, sdcId = unit.Unit, mrcNo = "SANDBOX00001", cmcKey = unit.Key } });
        }
    }

    internal bool Knows(string tin, string branch, string key)
    {
        lock (_gate)
        {
            return _units.TryGetValue((tin, branch), out var unit) && unit.Key == key;
        }
    }

    /// <summary>Checks and signs a document; a number that is there already stays as it was.</summary>
    internal (string Code, string Message, object? Data) Save(string tin, string branch, JsonElement sale, bool tellsAgain)
    {
        var number = sale.GetProperty("invcNo").GetInt64();
        lock (_gate)
        {
            if (_signed.TryGetValue((tin, number), out var known))
            {
                _signed[(tin, number)] = known with { Asked = known.Asked + 1 };
                return ("994", "Overlapped data", tellsAgain ? AnswerOf(known, branch) : null);
            }

            if (Wrong(tin, sale) is { } wrong)
            {
                return (wrong.Code, wrong.Message, null);
            }

            var total = sale.GetProperty("totAmt").GetDecimal();
            var sign = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{tin}|{branch}|{number}|{total}"))))[..16];
            var document = new SignedDocument(
                tin, number, sale.GetProperty("orgInvcNo").GetInt64(), sale.GetProperty("rcptTyCd").GetString()!, sale.GetProperty("trdInvcNo").GetString()!, total, sale.GetProperty("totTaxAmt").GetDecimal(),
                ++_receipts, sign, time.GetUtcNow(), DateOnly.ParseExact(sale.GetProperty("salesDt").GetString()!, "yyyyMMdd", CultureInfo.InvariantCulture), 1);
            _signed[(tin, number)] = document;
            return ("000", "It is succeeded", AnswerOf(document, branch));
        }
    }

    private object AnswerOf(SignedDocument document, string branch) => new
    {
        curRcptNo = document.Receipt, totRcptNo = document.Receipt, intrlData = document.Signature.PadRight(26, 'A'), rcptSign = document.Signature, sdcId = _units[(document.Tin, branch)].Unit,
        sdcDateTime = document.At.ToOffset(TimeSpan.FromHours(3)).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture),
    };

    private (string Code, string Message)? Wrong(string tin, JsonElement sale)
    {
        var items = sale.GetProperty("itemList").EnumerateArray().ToList();
        var buyer = sale.TryGetProperty("custTin", out var pin) && pin.ValueKind is JsonValueKind.String ? pin.GetString()! : null;
        var (type, original) = (sale.GetProperty("rcptTyCd").GetString(), sale.GetProperty("orgInvcNo").GetInt64());
        return items.Count == 0 || items.Count != sale.GetProperty("totItemCnt").GetInt32() ? ("910", "Request parameter error: itemList")
            : buyer is not null && (buyer.Length != 11 || !char.IsAsciiLetterUpper(buyer[0])) ? ("910", $"Request parameter error: custTin {buyer}")
            : Sum(items, "totAmt") != sale.GetProperty("totAmt").GetDecimal() || Sum(items, "taxAmt") != sale.GetProperty("totTaxAmt").GetDecimal() ? ("910", "Request parameter error: totals")
            : items.Exists(i => i.GetProperty("totAmt").GetDecimal() <= 0 || i.GetProperty("dcAmt").GetDecimal() < 0) ? ("910", "Request parameter error: negative item")
            : type is "R" && (!_signed.TryGetValue((tin, original), out var sold) || sold.Type != "S") ? ("922", $"Original invoice {original} is not there")
            : type is not ("S" or "R") ? ("910", "Request parameter error: rcptTyCd")
            : null;
    }

    private static decimal Sum(List<JsonElement> items, string field) => items.Sum(i => i.GetProperty(field).GetDecimal());
}
