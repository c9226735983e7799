using System.Net;
using System.Net.Sockets;
using FluentValidation;

namespace DataDefender.Domain.Network;

/// <summary>What can be told about a NAS without hearing it.</summary>
public sealed class NasInputValidator : AbstractValidator<NasInput>
{
    /// <summary>RFC 2865 §3 asks for a secret that cannot be guessed; below this we do not go even for old equipment.</summary>
    public const int MinSecret = 8;

    public NasInputValidator()
    {
        RuleFor(n => n.Name).Must(n => !string.IsNullOrWhiteSpace(n)).WithMessage("Give the NAS a name.").MaximumLength(80).WithMessage("A name has at most 80 characters.");
        RuleFor(n => n.Address).Must((nas, a) => Canonical(a) is not null || (string.IsNullOrWhiteSpace(a) && !string.IsNullOrWhiteSpace(nas.Certificate))).WithMessage("Enter the IP address that the NAS sends from, such as 10.20.0.1.");
        RuleFor(n => n.Identifier).MaximumLength(100).WithMessage("A NAS-Identifier has at most 100 characters.");
        RuleFor(n => n.Certificate).Must(c => string.IsNullOrWhiteSpace(c) || NasCertificate.Canonical(c) is not null)
            .WithMessage("Enter the common name of the router's client certificate, or its SHA-256 fingerprint (64 hexadecimal digits).");
        RuleFor(n => n.Vendor).IsInEnum();
        RuleFor(n => n.Secret).Must(s => string.IsNullOrEmpty(s) || s.Length is >= MinSecret and <= 128)
            .WithMessage($"A secret has {MinSecret} to 128 characters. Leave it empty to have a good one made.");
        RuleFor(n => n.Secret).Must(s => string.IsNullOrEmpty(s) || s.All(c => c is > ' ' and < (char)127))
            .WithMessage("A secret is made of visible ASCII characters without spaces, or routers disagree about its bytes.");
        RuleFor(n => n.CoaPort).InclusiveBetween(1, 65535).WithMessage("The CoA port is 1 to 65535; RouterOS listens on 3799.");
        RuleFor(n => n.MessageAuthenticator).IsInEnum();
    }

    /// <summary>The address in the one form in which packets are looked up, or null when it is none that could send.</summary>
    public static string? Canonical(string? text)
    {
        text = text?.Trim() ?? "";
        if (!IPAddress.TryParse(text, out var address))
        {
            return null;
        }

        // "10" and "010.0.0.1" parse too, and mean something else than they look like.
        if (address.AddressFamily is AddressFamily.InterNetwork && address.ToString() != text)
        {
            return null;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var first = address.GetAddressBytes()[0];
        var sends = address.AddressFamily is AddressFamily.InterNetwork
            ? first is > 0 and < 224
            : !address.IsIPv6Multicast && !address.Equals(IPAddress.IPv6Any);
        return sends ? address.ToString() : null;
    }
}
