using System.Net;
using FluentValidation;

namespace DataDefender.Domain.Network;

/// <summary>What can be told about a router without asking it.</summary>
public sealed class RouterInputValidator : AbstractValidator<RouterInput>
{
    public RouterInputValidator()
    {
        RuleFor(r => r.Name).Must(Said).WithMessage("Give the router a name.").MaximumLength(80).WithMessage("A name has at most 80 characters.");
        RuleFor(r => r.Site).MaximumLength(80).WithMessage("A site has at most 80 characters.");
        RuleFor(r => r.Host).Must(BeAHost).WithMessage("Enter the router's IP address or DNS name, without a port.");
        RuleFor(r => r.ApiPort).InclusiveBetween(1, 65535).WithMessage("The port is 1 to 65535; RouterOS listens on 8728, with TLS on 8729.");
        RuleFor(r => r.Username).Must(Said).WithMessage("Enter the API user.").MaximumLength(64).WithMessage("A user name has at most 64 characters.");
        RuleFor(r => r.Password).MaximumLength(128).WithMessage("A password has at most 128 characters.");
    }

    private static bool Said(string? text) => !string.IsNullOrWhiteSpace(text);

    // Uri takes "10" and "010.1" for hosts and rewrites them; a router's address must mean what it says.
    private static bool BeAHost(string? text)
    {
        var host = text?.Trim() ?? "";
        return Uri.CheckHostName(host) switch
        {
            UriHostNameType.Dns => host.Length <= 253 && !host.All(c => char.IsAsciiDigit(c) || c == '.'),
            UriHostNameType.IPv4 => IPAddress.TryParse(host, out var address) && address.ToString() == host,
            UriHostNameType.IPv6 => true,
            _ => false,
        };
    }
}
