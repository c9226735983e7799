using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>
/// Signs in, either way: from 6.43 name and password in one sentence; an older router answers that with a challenge, to be
/// returned hashed.
/// </summary>
internal static class RouterOsLogin
{
    /// <exception cref="RouterConnectException">Refused, hung up, or not a RouterOS API.</exception>
    public static async Task SignInAsync(Stream stream, SentenceReader reader, RouterEndpoint router, CancellationToken ct)
    {
        try
        {
            var challenge = await AskAsync(stream, reader, router, ["/login", $"=name={router.Username}", $"=password={router.Password}"], ct);
            if (challenge is not null)
            {
                await AskAsync(stream, reader, router, ["/login", $"=name={router.Username}", $"=response=00{Response(router.Password, challenge)}"], ct);
            }
        }
        catch (Exception ex) when (ex is RouterOsProtocolException or FormatException)
        {
            throw new RouterConnectException(RouterConnectFailureKind.NotRouterOs, $"What answers on port {router.Port} of {router.Host} does not speak the RouterOS API.");
        }
        catch (Exception ex) when (ex is IOException or SocketException)
        {
            throw Closed(router);
        }
    }

    /// <returns>The challenge of an older router, or null.</returns>
    private static async Task<string?> AskAsync(Stream stream, SentenceReader reader, RouterEndpoint router, string[] words, CancellationToken ct)
    {
        var sentence = new SentenceWriter();
        Array.ForEach(words, sentence.Word);
        sentence.End();
        await stream.WriteAsync(sentence.Written, ct);
        while (true)
        {
            while (!reader.TryNext())
            {
                if (!await reader.ReceiveAsync(ct))
                {
                    throw Closed(router);
                }
            }

            switch (RowDecoder.Text(reader.Word(0)))
            {
                case "!done":
                    return RowDecoder.Attribute(reader, "=ret="u8);
                case "!trap":
                    throw Refused(RowDecoder.Attribute(reader, "=message="u8) ?? "no reason given", router);
                case "!fatal":
                    throw Refused(reader.WordCount > 1 ? RowDecoder.Text(reader.Word(reader.WordCount - 1)) : "no reason given", router);
            }
        }
    }

    // The protocol's own scheme; nothing else would be understood by a router of that age.
    private static string Response(string password, string challenge) =>
        Convert.ToHexStringLower(MD5.HashData([0, .. Encoding.UTF8.GetBytes(password), .. Convert.FromHexString(challenge)]));

    private static RouterConnectException Refused(string message, RouterEndpoint router)
    {
        if (Says("invalid user name or password") || Says("cannot log in") || Says("invalid username") || Says("wrong password"))
        {
            return new(RouterConnectFailureKind.WrongPassword, $"{router.Host} does not accept the password of user {router.Username}, or that user may not use the API.");
        }

        return Says("too many") || Says("max-sessions") || Says("maximum") || Says("session limit")
            ? new(RouterConnectFailureKind.ConnectionLimit, $"{router.Host} has no API session left: {message}. Its limit is max-sessions under IP → Services.")
            : new(RouterConnectFailureKind.ClosedByRouter, $"{router.Host} refused the sign-in: {message}.");

        bool Says(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static RouterConnectException Closed(RouterEndpoint router) => new(
        RouterConnectFailureKind.ClosedByRouter,
        $"{router.Host} closed the connection before the sign-in was over. Is this server among the addresses that its API service accepts (IP → Services), and is a session left?");
}
