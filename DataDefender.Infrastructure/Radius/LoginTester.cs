using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Infrastructure.Radius.Protocol;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Radius;

/// <summary>
/// Asks RadiusHost for a port and a secret of the test's own, sends the Access-Request there over UDP as a NAS does, and asks what was
/// decided. Of several RadiusHosts the first that answers is asked. One on another machine wants to be asked over https.
/// </summary>
internal sealed class LoginTester(IHttpClientFactory http, RadiusClient radius, IOptions<RadiusStatusOptions> options) : ILoginTester
{
    public async Task<LoginTestResult> TestAsync(LoginTestRequest request, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(options.Value.StatusToken))
        {
            return LoginTestResult.Failed("Test logins are off: Radius:StatusToken is not set.");
        }

        LoginTestResult? silent = null;
        foreach (var host in options.Value.Hosts)
        {
            if (await TryAsync(host, request, ct) is { } result)
            {
                return result;
            }

            silent = LoginTestResult.Failed("RadiusHost does not answer: it is stopped, or Radius:StatusUrl is not its address.");
        }

        return silent!;
    }

    /// <summary>Null when the RadiusHost does not answer at all.</summary>
    private async Task<LoginTestResult?> TryAsync(Uri host, LoginTestRequest request, CancellationToken ct)
    {
        using var client = http.CreateClient(RadiusPulseFeed.ClientName);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.StatusToken);
        var desk = new Uri(host, "login-tests");
        try
        {
            using var opened = await client.PostAsync($"{desk}?nas={request.NasId}", null, ct);
            if (!opened.IsSuccessStatusCode)
            {
                return LoginTestResult.Failed(Trouble(opened.StatusCode));
            }

            var opening = await opened.Content.ReadFromJsonAsync<Opening>(ct) ?? throw new JsonException("The opening is empty.");
            var secret = new RadiusSecret(opening.Secret);
            var message = Compose(request, secret);
            var asked = LoginTestPackets.Decode(message.EncodeRequest(secret));
            var exchange = await radius.SendAsync(new IPEndPoint(IPAddress.Parse(opening.Address), opening.Port), message, secret, RadiusRetry.Default, ct);
            if (exchange is not RadiusExchange.Answered answer)
            {
                return LoginTestResult.Failed(exchange is RadiusExchange.BadAnswer bad ? $"The answer could not be used ({bad.Fault})." : "RadiusHost gave no answer on the port that it opened: a firewall may stand between.", asked);
            }

            var verdict = await client.GetFromJsonAsync<Verdict>($"{desk}/{opening.Id}", ct);
            return new LoginTestResult(
                asked, LoginTestPackets.Decode(answer.Datagram.Span), null, answer.RoundTrip, answer.Tries,
                Enum.TryParse<LoginOutcome>(verdict?.Outcome, out var outcome) ? outcome : null, verdict?.Detail ?? "",
                request.Method is LoginTestMethod.MsChapV2 && answer.Reply.Code is RadiusCode.AccessAccept ? message.IsProvenBy(answer.Reply, request.Password) : null);
        }
        catch (Exception ex) when (ex is HttpRequestException or JsonException or SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return null;
        }
    }

    // What RouterOS sends, in its order (Message-Authenticator is put first by the codec). NAS-Port is left out: it is a session's number.
    private static RadiusMessage Compose(LoginTestRequest test, RadiusSecret secret)
    {
        var message = new RadiusMessage(RadiusCode.AccessRequest, (byte)RandomNumberGenerator.GetInt32(256));
        _ = test.Kind switch
        {
            LoginTestKind.Pppoe => message.Add("Service-Type", "Framed").Add("Framed-Protocol", "PPP").Add("NAS-Port-Type", "Ethernet"),
            LoginTestKind.Hotspot => message.Add("NAS-Port-Type", "Wireless-802.11"),
            LoginTestKind.Mac => message.Add("NAS-Port-Type", "Ethernet"),
            _ => message.Add("Service-Type", "Login"),
        };
        AddText(message, "User-Name", test.Username);
        AddText(message, "Calling-Station-Id", test.Caller);
        AddText(message, "NAS-Port-Id", test.Port);
        if (test.Kind is LoginTestKind.Hotspot)
        {
            message.Add("Service-Type", "Login");
        }

        _ = test.Method switch
        {
            LoginTestMethod.Pap => message.AddPapPassword(test.Password, secret),
            LoginTestMethod.Chap => message.AddChapPassword(test.Password),
            LoginTestMethod.MsChap => message.AddMsChapV1Password(test.Password),
            _ => message.AddMsChapV2Password(test.Password),
        };
        AddText(message, "ADSL-Agent-Circuit-Id", test.Circuit);
        AddText(message, "NAS-Identifier", test.NasIdentifier);

        return IPAddress.TryParse(test.NasAddress, out var address)
            ? message.Add(address.AddressFamily is AddressFamily.InterNetwork ? "NAS-IP-Address" : "NAS-IPv6-Address", address)
            : message;
    }

    private static void AddText(RadiusMessage message, string attribute, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            message.AddOctets(attribute, Encoding.UTF8.GetBytes(text));
        }
    }

    private static string Trouble(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "RadiusHost refuses our token: Radius:StatusToken differs between the two processes.",
        HttpStatusCode.Forbidden => "RadiusHost runs on another machine and takes test logins from there over https only: give it a certificate and an https address (Radius:StatusUrl).",
        HttpStatusCode.NotFound => "RadiusHost does not know this NAS yet, or its Radius:StatusToken is not set.",
        HttpStatusCode.TooManyRequests => "Other test logins are under way. Try again in a few seconds.",
        _ => $"RadiusHost answers {(int)status}.",
    };

    private sealed record Opening(Guid Id, string Address, int Port, string Secret);

    private sealed record Verdict(string Outcome, string Detail);
}
