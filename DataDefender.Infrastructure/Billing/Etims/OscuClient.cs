using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Payments;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Billing.Etims;

/// <summary>
/// KRA's control unit by its JSON interface (OSCU, and VSCU where it answers on the same paths): <c>selectInitOsdcInfo</c> gives the key,
/// <c>saveTrnsSalesOsdc</c> takes a sale or a credit note under a number that it takes once. KRA confirms the item code, the item class and
/// how excise is told when it certifies the integration.
/// </summary>
internal sealed class OscuClient(IHttpClientFactory clients, IOptions<EtimsOptions> options) : ITaxInvoiceTransmitter
{
    public const string ClientName = "etims";

    private const string Succeeded = "000";

    private const string DeviceInstalled = "902";
    private const int MostAnswerBytes = 256 * 1024;
    private static readonly string[] Bands = ["A", "B", "C", "D", "E"];

    /// <summary>Codes that say nothing against the document: the authority has trouble of its own.</summary>
    private static readonly HashSet<string> Troubles = ["894", "895", "896", "899", "990", "999"];

    public bool IsAllowed(Uri address) => options.Value.AllowedHosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Any(allowed => allowed.StartsWith('.')
            ? address.Host.EndsWith(allowed, StringComparison.OrdinalIgnoreCase) && address.Scheme == Uri.UriSchemeHttps
            : address.Host.Equals(allowed, StringComparison.OrdinalIgnoreCase));

    public async Task<DeviceOutcome> ConnectAsync(TaxDeviceAccess device, CancellationToken ct = default)
    {
        var body = new JsonObject { ["tin"] = device.Pin, ["bhfId"] = device.BranchId, ["dvcSrlNo"] = device.SerialNumber };
        var answer = await AskAsync(device, "selectInitOsdcInfo", body, withKey: false, ct);
        if (answer.Trouble is { } trouble)
        {
            return new DeviceOutcome.Refused(trouble);
        }

        if (answer.Code == DeviceInstalled)
        {
            return device.Key is { } kept
                ? new DeviceOutcome.Ready(kept, device.ControlUnitId, null)
                : new DeviceOutcome.Refused("KRA has this control unit installed already and does not tell its key again. Enter the key from the earlier set-up, or ask KRA to reset the unit.");
        }

        var info = JsonFields.Find(answer.Data, "info") ?? answer.Data;
        return answer.Code == Succeeded && JsonFields.Text(info, "cmcKey") is { } key
            ? new DeviceOutcome.Ready(key, JsonFields.Text(info, "sdcId"), JsonFields.Text(info, "taxprNm"))
            : new DeviceOutcome.Refused($"KRA refused the control unit: {answer.Message} ({answer.Code}).");
    }

    public async Task<TransmissionOutcome> SendAsync(TaxDeviceAccess device, TaxDocument document, CancellationToken ct = default)
    {
        var answer = await AskAsync(device, "saveTrnsSalesOsdc", BodyOf(device, document), withKey: true, ct);
        if (answer.Trouble is { } trouble)
        {
            return answer.NothingLeft ? new TransmissionOutcome.NotReached(trouble) : new TransmissionOutcome.Unknown(trouble);
        }

        if ((answer.Code == Succeeded || answer.Code == TransmissionOutcome.AlreadyThere) && JsonFields.Text(answer.Data, "rcptSign") is { } signature)
        {
            var receipt = JsonFields.Text(answer.Data, "curRcptNo") ?? JsonFields.Text(answer.Data, "rcptNo") ?? document.Number.ToString(CultureInfo.InvariantCulture);
            var unit = JsonFields.Text(answer.Data, "sdcId") ?? device.ControlUnitId;
            return new TransmissionOutcome.Accepted(answer.Code, unit is null ? receipt : $"{unit}/{receipt}", signature, VerificationLink.Of(device.Pin, device.BranchId, signature));
        }

        return answer.Code == Succeeded ? new TransmissionOutcome.Unknown("KRA's answer holds no signature.")
            : answer.Code == TransmissionOutcome.AlreadyThere ? new TransmissionOutcome.Refused(TransmissionOutcome.AlreadyThere, "KRA has a document of this number and does not say its signature again: look it up on the eTIMS site and enter it here.")
            : Troubles.Contains(answer.Code) ? new TransmissionOutcome.Unknown($"KRA: {answer.Message} ({answer.Code}).")
            : new TransmissionOutcome.Refused(answer.Code, $"KRA: {answer.Message} ({answer.Code}).");
    }

    private static JsonObject BodyOf(TaxDeviceAccess device, TaxDocument document)
    {
        var moment = document.At.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        var body = new JsonObject
        {
            ["tin"] = device.Pin,
            ["bhfId"] = device.BranchId,
            ["trdInvcNo"] = document.Reference,
            ["invcNo"] = document.Number,
            ["orgInvcNo"] = document.OriginalNumber ?? 0,
            ["custTin"] = document.BuyerPin,
            ["custNm"] = Cut(document.BuyerName, 60),
            ["salesTyCd"] = "N",
            ["rcptTyCd"] = document.OriginalNumber is null ? "S" : "R",
            ["pmtTyCd"] = "02", // on credit: an invoice is paid later
            ["salesSttsCd"] = "02",
            ["cfmDt"] = moment,
            ["salesDt"] = moment[..8],
            ["stockRlsDt"] = null,
            ["rfdDt"] = document.OriginalNumber is null ? null : moment,
            ["rfdRsnCd"] = document.OriginalNumber is null ? null : "06", // other
            ["totItemCnt"] = document.Lines.Count,
            ["totTaxblAmt"] = Sum(document.Lines, l => l.Taxable),
            ["totTaxAmt"] = Sum(document.Lines, l => l.Vat),
            ["totAmt"] = document.Total.Amount,
            ["prchrAcptcYn"] = "N",
            ["remark"] = Cut(document.Reason, 400),
            ["regrId"] = "datadefender",
            ["regrNm"] = "DataDefender",
            ["modrId"] = "datadefender",
            ["modrNm"] = "DataDefender",
            ["receipt"] = new JsonObject
            {
                ["custTin"] = document.BuyerPin,
                ["custMblNo"] = Cut(document.BuyerPhone, 20),
                ["rcptPbctDt"] = moment,
                ["trdeNm"] = Cut(document.SellerName, 20),
                ["adrs"] = Cut(document.SellerAddress, 200),
                ["prchrAcptcYn"] = "N",
            },
            ["itemList"] = new JsonArray([.. document.Lines.Select((l, i) => ItemOf(device, l, i + 1))]),
        };
        foreach (var band in Bands)
        {
            var lines = document.Lines.Where(l => l.Band == band).ToList();
            body[$"taxblAmt{band}"] = Sum(lines, l => l.Taxable);
            body[$"taxRt{band}"] = lines.Count == 0 ? 0m : lines[0].VatRate / 100m;
            body[$"taxAmt{band}"] = Sum(lines, l => l.Vat);
        }

        return body;
    }

    private static JsonObject ItemOf(TaxDeviceAccess device, TaxDocumentLine line, int number) => new()
    {
        ["itemSeq"] = number,
        ["itemCd"] = device.ItemCode,
        ["itemClsCd"] = device.ItemClass,
        ["itemNm"] = Cut(line.Description, 200),
        ["pkgUnitCd"] = "NT",
        ["pkg"] = 1,
        ["qtyUnitCd"] = "U",
        ["qty"] = 1,
        ["prc"] = line.Supply.Amount,
        ["splyAmt"] = line.Supply.Amount,
        ["dcRt"] = line.Supply.Minor == 0 ? 0m : Math.Round(line.Discount.Minor * 100m / line.Supply.Minor, 2),
        ["dcAmt"] = line.Discount.Amount,
        ["taxTyCd"] = line.Band,
        ["taxblAmt"] = line.Taxable.Amount,
        ["taxAmt"] = line.Vat.Amount,
        ["totAmt"] = line.Total.Amount,
    };

    private async Task<Answer> AskAsync(TaxDeviceAccess device, string operation, JsonObject body, bool withKey, CancellationToken ct)
    {
        if (!IsAllowed(device.BaseUrl))
        {
            return Answer.Of($"{device.BaseUrl.Host} is not among the tax authorities that this installation may call (Etims:AllowedHosts).", nothingLeft: true);
        }

        using var limit = new CancellationTokenSource(options.Value.RequestTimeout); // the network's time, not the business's
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using var client = clients.CreateClient(ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{device.BaseUrl.AbsoluteUri.TrimEnd('/')}/{operation}")) { Content = JsonContent.Create(body) };
            request.Headers.Add("tin", device.Pin);
            request.Headers.Add("bhfId", device.BranchId);
            if (withKey)
            {
                request.Headers.Add("cmcKey", device.Key);
            }

            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            await answer.Content.LoadIntoBufferAsync(MostAnswerBytes, either.Token);
            using var json = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(either.Token), cancellationToken: either.Token);
            return JsonFields.Text(json.RootElement, "resultCd") is { } code
                ? new Answer(code, JsonFields.Text(json.RootElement, "resultMsg") ?? "no reason was given", JsonFields.Find(json.RootElement, "data")?.Clone() ?? default, null, false)
                : Answer.Of($"KRA's answer ({(int)answer.StatusCode}) has no result code.", nothingLeft: false);
        }
        catch (JsonException)
        {
            return Answer.Of("KRA's answer is no JSON.", nothingLeft: false);
        }
        catch (HttpRequestException broken)
        {
            return Answer.Of(
                $"{device.BaseUrl.Host} was not reached: {broken.Message}",
                broken.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError);
        }
        catch (IOException broken)
        {
            return Answer.Of($"The connection broke: {broken.Message}", nothingLeft: false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return Answer.Of(string.Create(CultureInfo.InvariantCulture, $"No answer within {options.Value.RequestTimeout.TotalSeconds:0.#} s."), nothingLeft: false);
        }
    }

    private static decimal Sum(IEnumerable<TaxDocumentLine> lines, Func<TaxDocumentLine, Money> amount) => new Money(lines.Sum(l => amount(l).Minor)).Amount;

    private static string? Cut(string? text, int most) => text is not null && text.Length > most ? text[..most] : text;

    /// <param name="NothingLeft">With trouble: the authority cannot have seen anything.</param>
    private sealed record Answer(string Code, string Message, JsonElement Data, string? Trouble, bool NothingLeft)
    {
        public static Answer Of(string trouble, bool nothingLeft) => new("", "", default, trouble, nothingLeft);
    }
}
