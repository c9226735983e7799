using System.Buffers;

namespace DataDefender.Domain.Notifications;

/// <summary>How a text is cut into parts, each of which is paid for (3GPP TS 23.038 and 23.040).</summary>
/// <param name="Units">Septets in GSM-7, UTF-16 units in UCS-2.</param>
public readonly record struct SmsSegments(int Count, int Units, bool IsGsm7, char? FirstForeign)
{
    private const string Basic =
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    private static readonly SearchValues<char> InTable = SearchValues.Create(Basic);

    /// <summary>These cost an escape character more.</summary>
    private static readonly SearchValues<char> Extended = SearchValues.Create("\f^{}\\[~]|€");

    /// <summary>How many units one part holds: a single one, and each of several, which loses room to its header.</summary>
    public int Room => (IsGsm7, Count) switch { (true, <= 1) => 160, (true, _) => 153, (false, <= 1) => 70, (false, _) => 67 };

    public static SmsSegments Of(string text)
    {
        var septets = 0;
        char? foreign = null;
        foreach (var c in text)
        {
            if (InTable.Contains(c))
            {
                septets++;
            }
            else if (Extended.Contains(c))
            {
                septets += 2;
            }
            else
            {
                foreign = c;
                break;
            }
        }

        return foreign is null
            ? new SmsSegments(septets <= 160 ? 1 : Parts(text, 153, static c => Extended.Contains(c) ? 2 : 1), septets, true, null)
            : new SmsSegments(text.Length <= 70 ? 1 : Parts(text, 67, static _ => 1, surrogates: true), text.Length, false, foreign);
    }

    // Neither an escape sequence nor a surrogate pair is cut in two: what does not fit goes to the next part whole.
    private static int Parts(string text, int room, Func<char, int> cost, bool surrogates = false)
    {
        var (parts, used) = (1, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var units = surrogates && char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : cost(text[i]);
            if (used + units > room)
            {
                (parts, used) = (parts + 1, 0);
            }

            used += units;
            i += surrogates && units == 2 ? 1 : 0;
        }

        return parts;
    }
}
