using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Payments;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Payments;

/// <summary>
/// <c>/ipn/{company}/{channel}/{purpose}/{mark}</c>, for a push with its id behind; the mark is HMAC-SHA-256 of channel, purpose and push under
/// the channel's secret, 128 bits of it. Providers sign nothing, so the path is what only they know. No part of it can hold a word that Safaricom refuses.
/// </summary>
internal sealed class CallbackAddresses(IOptions<PaymentOptions> options) : ICallbackAddresses
{
    private const int MarkBytes = 16;

    public Uri? Of(PaymentChannel channel, string callbackSecret, CallbackKind kind, string? pushId = null) => options.Value.PublicUrl is { Length: > 0 } root
        ? new Uri($"{root.TrimEnd('/')}/ipn/{channel.TenantId:N}/{channel.Id:N}/{Word(kind)}/{Mark(channel.Id, callbackSecret, kind, pushId)}{(pushId is null ? "" : $"/{pushId}")}")
        : null;

    public bool IsGenuine(Guid channelId, string callbackSecret, CallbackKind kind, string mark, string? pushId) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Mark(channelId, callbackSecret, kind, pushId)), Encoding.ASCII.GetBytes(mark));

    public bool IsAllowedProvider(Uri address) =>
        options.Value.AllowedProviders.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Any(allowed => allowed.StartsWith('.')
                ? address.Host.EndsWith(allowed, StringComparison.OrdinalIgnoreCase) && address.Scheme == Uri.UriSchemeHttps
                : address.Host.Equals(allowed, StringComparison.OrdinalIgnoreCase));

    private static string Word(CallbackKind kind) => kind switch
    {
        CallbackKind.Stk => "stk",
        CallbackKind.Confirm => "confirm",
        CallbackKind.Validate => "validate",
        CallbackKind.Result => "result",
        CallbackKind.Timeout => "timeout",
        CallbackKind.Pull => throw new ArgumentException("Nobody calls that.", nameof(kind)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    internal static string Mark(Guid channelId, string secret, CallbackKind kind, string? pushId)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{channelId:N}|{Word(kind)}|{pushId}"), hash);
        return Convert.ToHexStringLower(hash[..MarkBytes]);
    }
}
