using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Infrastructure.Radius.Protocol;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Radius;

/// <summary>
/// Asks RadiusHost for a port and a secret of the test's own, sends the Access-Request there over UDP as a NAS does, and asks what was
/// decided. Works where RadiusHost runs on this machine: it opens such ports on the loopback address alone.
/// </summary>
internal sealed class LoginTester(IHttpClientFactory http, RadiusClient radius, IOptions<RadiusStatusOptions> options) : ILoginTester
{
    public async Task<LoginTestResult> TestAsync(LoginTestRequest request, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(options.Value.StatusToken))
        {
            return LoginTestResult.Failed("Test logins are off: Radius:StatusToken is not set.");
        }

        using var client = http.CreateClient(RadiusPulseFeed.ClientName);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.StatusToken);
        var desk = $"{options.Value.StatusUrl.TrimEnd('/')}/login-tests";
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
            var exchange = await radius.SendAsync(new IPEndPoint(IPAddress.Loopback, opening.Port), message, secret, RadiusRetry.Default, ct);
            if (exchange is not RadiusExchange.Answered answer)
            {
                return LoginTestResult.Failed(exchange is RadiusExchange.BadAnswer bad ? $"The answer could not be used ({bad.Fault})." : "RadiusHost gave no answer.", asked);
            }

            var verdict = await client.GetFromJsonAsync<Verdict>($"{desk}/{opening.Id}", ct);
            return new LoginTestResult(
                asked, LoginTestPackets.Decode(answer.Datagram.Span), null, answer.RoundTrip, answer.Tries,
                Enum.TryParse<LoginOutcome>(verdict?.Outcome, out var outcome) ? outcome : null, verdict?.Detail ?? "",
                request.Method is LoginTestMethod.MsChapV2 && answer.Reply.Code is RadiusCode.AccessAccept ? message.IsProvenBy(answer.Reply, request.Password) : null);
        }
        catch (Exception ex) when (ex is HttpRequestException or JsonException or SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return LoginTestResult.Failed("RadiusHost does not answer: it is stopped, or Radius:StatusUrl is not its address.");
        }
    }

    // What RouterOS sends for a PPPoE client, in its order (Message-Authenticator is put first by the codec).
    private static RadiusMessage Compose(LoginTestRequest test, RadiusSecret secret)
    {
        var message = new RadiusMessage(RadiusCode.AccessRequest, (byte)RandomNumberGenerator.GetInt32(256))
            .Add("Service-Type", "Framed").Add("Framed-Protocol", "PPP").Add("NAS-Port-Type", "Ethernet").AddOctets("User-Name", System.Text.Encoding.UTF8.GetBytes(test.Username));
        if (test.Caller is { } caller)
        {
            message.AddOctets("Calling-Station-Id", System.Text.Encoding.UTF8.GetBytes(caller));
        }

        _ = test.Method switch
        {
            LoginTestMethod.Pap => message.AddPapPassword(test.Password, secret),
            LoginTestMethod.Chap => message.AddChapPassword(test.Password),
            _ => message.AddMsChapV2Password(test.Password),
        };
        if (test.NasIdentifier.Length > 0)
        {
            message.AddOctets("NAS-Identifier", System.Text.Encoding.UTF8.GetBytes(test.NasIdentifier));
        }

        return IPAddress.TryParse(test.NasAddress, out var address)
            ? message.Add(address.AddressFamily is AddressFamily.InterNetwork ? "NAS-IP-Address" : "NAS-IPv6-Address", address)
            : message;
    }

    private static string Trouble(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "RadiusHost refuses our token: Radius:StatusToken differs between the two processes.",
        HttpStatusCode.Forbidden => "RadiusHost takes test logins from its own machine only, and this web server runs on another.",
        HttpStatusCode.NotFound => "RadiusHost does not know this NAS yet, or its Radius:StatusToken is not set.",
        HttpStatusCode.TooManyRequests => "Other test logins are under way. Try again in a few seconds.",
        _ => $"RadiusHost answers {(int)status}.",
    };

    private sealed record Opening(Guid Id, int Port, string Secret);

    private sealed record Verdict(string Outcome, string Detail);
}
