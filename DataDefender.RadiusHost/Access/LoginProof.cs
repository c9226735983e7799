using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Access;

/// <summary>Whether a request proves that its sender knows a password.</summary>
internal static class LoginProof
{
    private const string NoCredentials = "The request has neither a password nor a challenge response.";
    private const string PasswordDiffers = "The password differs from the stored one.";
    private const string LooksLikeWrongSecret = "The password is not even text: the NAS's secret probably differs from ours.";
    private const string ResponseDiffers = "The challenge response does not fit the stored password.";

    /// <summary>Null when it does; otherwise the outcome and, for people, what is wrong.</summary>
    public static (LoginOutcome Outcome, string Detail)? Refuse(
        in AccessRequest request, in RadiusPacket packet, NasEntry nas, ReadOnlySpan<byte> password, ReadOnlySpan<byte> ntHash) => request.Method switch
    {
        LoginMethod.Pap => PapPassword.Matches(request.UserPassword, packet.Authenticator, nas.Secret, password)
            ? null
            : (LoginOutcome.WrongPassword, IsText(request.UserPassword, packet.Authenticator, nas.Secret) ? PasswordDiffers : LooksLikeWrongSecret),
        LoginMethod.Chap => Unless(ChapPassword.Matches(request.ChapPassword, request.ChapChallenge.IsEmpty ? packet.Authenticator : request.ChapChallenge, password)),
        LoginMethod.MsChap => Unless(MsChapV1.Matches(request.MsChapResponse, request.MsChapChallenge, ntHash)),
        LoginMethod.MsChapV2 => Unless(MsChapV2.Matches(request.MsChapV2Response, request.MsChapChallenge, request.UserName, ntHash)),
        _ => (LoginOutcome.UnsupportedMethod, NoCredentials),
    };

    private static (LoginOutcome Outcome, string Detail)? Unless(bool matches) => matches ? null : (LoginOutcome.WrongPassword, ResponseDiffers);

    private static bool IsText(ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> authenticator, RadiusSecret secret)
    {
        Span<byte> password = stackalloc byte[PapPassword.MaxLength];
        if (!PapPassword.TryReveal(hidden, authenticator, secret, password, out var length))
        {
            return true; // of a wrong form, which says nothing about the secret
        }

        return System.Text.Unicode.Utf8.IsValid(password[..length]) && !password[..length].ContainsAnyInRange((byte)0, (byte)31);
    }
}
