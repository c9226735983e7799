using System.IO.Compression;
using System.Text;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Fleet;

/// <summary>Seals and opens the text of an export.</summary>
public static class ConfigurationTexts
{
    public static string Seal(ITenantCipher cipher, SecretPlace place, string text)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            brotli.Write(Encoding.UTF8.GetBytes(text));
        }

        return cipher.Protect(place, Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length));
    }

    public static string Open(ITenantCipher cipher, ConfigurationText kept)
    {
        using var packed = new MemoryStream(Convert.FromBase64String(cipher.Reveal(kept.Place(), kept.Sealed)));
        using var brotli = new BrotliStream(packed, CompressionMode.Decompress);
        using var reader = new StreamReader(brotli, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
