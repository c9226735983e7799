using System.Net;
using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Addresses;

/// <summary>
/// A deterministic port-block map of carrier-grade NAT: each private address always leaves by the same public address and the same block
/// of ports, so that no translation has to be logged (RFC 7422). A map is not changed but ended and followed by another: what was asked
/// about the past is answered by the map of that time.
/// </summary>
public sealed class CgnatMap : Entity, ITenantOwned, IAudited
{
    public const int LowestPort = 1024;
    public const int HighestPort = 65535;

    private CgnatMap() { }

    public CgnatMap(Guid tenantId, CgnatMapInput input, DateTime now)
    {
        (TenantId, CreatedAt) = (tenantId, now);
        (Name, RouterId, BlockSize, ValidFrom) = (input.Name.Trim(), input.RouterId, input.BlockSize, input.ValidFrom);
        (Inside, Outside) = (Ranged(input.Inside), Ranged(input.Outside));
    }

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";
    public Guid? RouterId { get; private set; }

    /// <summary>Private addresses, a prefix or a range.</summary>
    public string Inside { get; private set; } = "";

    /// <summary>Public addresses, a prefix, a range or one.</summary>
    public string Outside { get; private set; } = "";

    /// <summary>Ports of each private address, from <see cref="LowestPort"/> up.</summary>
    public int BlockSize { get; private set; }

    /// <summary>UTC.</summary>
    public DateTime ValidFrom { get; private set; }

    /// <summary>UTC, excluded; null while it holds.</summary>
    public DateTime? ValidUntil { get; private set; }

    public DateTime CreatedAt { get; private set; }

    public string AuditLabel => $"CGNAT map {Name}";

    public int BlocksPerAddress => (HighestPort - LowestPort + 1) / BlockSize;

    public void End(DateTime at)
    {
        if (ValidUntil is not null || at <= ValidFrom)
        {
            throw new DomainException("cgnat.ended", $"{Name} is over already, or has not begun by then.");
        }

        ValidUntil = at;
    }

    /// <summary>The public address and ports of a private one; null when it is none of this map.</summary>
    public PortBlock? Of(string insideAddress)
    {
        var (inside, outside) = (AddressRange.Parse(Inside)!.Value, AddressRange.Parse(Outside)!.Value);
        if (AddressRange.Parse(insideAddress) is not { } address || !inside.Contains(address))
        {
            return null;
        }

        var place = (int)(address.First - inside.First);
        var port = LowestPort + (place % BlocksPerAddress * BlockSize);
        return new PortBlock(outside.Address(outside.First + (UInt128)(place / BlocksPerAddress)), port, port + BlockSize - 1, inside.Address(address.First));
    }

    /// <summary>The private address behind a public one and a port; null when this map has none there.</summary>
    public PortBlock? Behind(string outsideAddress, int port)
    {
        var (inside, outside) = (AddressRange.Parse(Inside)!.Value, AddressRange.Parse(Outside)!.Value);
        if (AddressRange.Parse(outsideAddress) is not { } address || !outside.Contains(address) || port < LowestPort || (port - LowestPort) / BlockSize >= BlocksPerAddress)
        {
            return null;
        }

        var place = ((UInt128)BlocksPerAddress * (address.First - outside.First)) + (UInt128)((port - LowestPort) / BlockSize);
        return place <= inside.Last - inside.First ? Of(inside.Address(inside.First + place)) : null;
    }

    /// <summary>The rules that make a router translate so, to be pasted into its terminal.</summary>
    public IEnumerable<string> Rules()
    {
        var inside = AddressRange.Parse(Inside)!.Value;
        for (var address = inside.First; address <= inside.Last; address++)
        {
            var block = Of(inside.Address(address))!;
            foreach (var protocol in (string[])["tcp", "udp"])
            {
                yield return $"/ip firewall nat add chain=srcnat action=src-nat protocol={protocol} src-address={block.Inside} to-addresses={block.Outside} to-ports={block.FirstPort}-{block.LastPort} comment=\"CGNAT {Name}\"";
            }

            yield return $"/ip firewall nat add chain=srcnat action=src-nat src-address={block.Inside} to-addresses={block.Outside} comment=\"CGNAT {Name}\"";
        }
    }

    private static string Ranged(string text) => text.Trim();
}

/// <summary>Ports of a public address that belong to one private address.</summary>
public sealed record PortBlock(string Outside, int FirstPort, int LastPort, string Inside);

/// <summary>A block that a NAT gave out for a time, recorded from its log: where the map is not deterministic.</summary>
public sealed class CgnatBlock : Entity, ITenantOwned
{
    private CgnatBlock() { }

    public CgnatBlock(Guid tenantId, PortBlock block, DateTime from, DateTime? until, string source) =>
        (TenantId, Outside, FirstPort, LastPort, Inside, From, Until, Source) = (tenantId, block.Outside, block.FirstPort, block.LastPort, block.Inside, from, until, source);

    public Guid TenantId { get; private set; }
    public string Outside { get; private set; } = "";
    public int FirstPort { get; private set; }
    public int LastPort { get; private set; }
    public string Inside { get; private set; } = "";
    public DateTime From { get; private set; }

    /// <summary>Null while it is held, as far as the log says.</summary>
    public DateTime? Until { get; private set; }

    /// <summary>The log has said since when it ended. An end that is known stays.</summary>
    public void End(DateTime at) => Until ??= at;

    /// <summary>Where it was recorded from: the name of a file, of a device.</summary>
    public string Source { get; private set; } = "";
}

public sealed record CgnatMapInput
{
    public string Name { get; set; } = "";
    public Guid? RouterId { get; set; }
    public string Inside { get; set; } = "";
    public string Outside { get; set; } = "";
    public int BlockSize { get; set; } = 1008;

    /// <summary>UTC.</summary>
    public DateTime ValidFrom { get; set; }
}

public sealed class CgnatMapInputValidator : AbstractValidator<CgnatMapInput>
{
    public CgnatMapInputValidator()
    {
        RuleFor(m => m.Name).Must(n => !string.IsNullOrWhiteSpace(n)).WithMessage("Give the map a name.").MaximumLength(80).WithMessage("A name has at most 80 characters.");
        RuleFor(m => m.Inside).Must(IsIPv4).WithMessage("Write private IPv4 addresses: 100.64.0.0/22 or 100.64.0.2-100.64.3.254.");
        RuleFor(m => m.Outside).Must(IsIPv4).WithMessage("Write public IPv4 addresses: 203.0.113.0/28, a range, or one.");
        RuleFor(m => m.BlockSize).InclusiveBetween(64, CgnatMap.HighestPort - CgnatMap.LowestPort + 1).WithMessage("A line gets 64 to 64,512 ports.");
        RuleFor(m => m.ValidFrom).NotEqual(default(DateTime)).WithMessage("Say from when on the routers translate so.");
        RuleFor(m => m.Outside).Must((m, _) => Fits(m)).When(m => IsIPv4(m.Inside) && IsIPv4(m.Outside) && m.BlockSize is >= 64 and <= 64512)
            .WithMessage(m => $"There are {AddressRange.Parse(m.Inside)!.Value.Count} private addresses and only {Blocks(m)} blocks: take more public addresses or fewer ports.");
    }

    private static bool IsIPv4(string text) => AddressRange.Parse(text) is { IsIPv6: false };

    private static System.Numerics.BigInteger Blocks(CgnatMapInput map) => AddressRange.Parse(map.Outside)!.Value.Count * ((CgnatMap.HighestPort - CgnatMap.LowestPort + 1) / map.BlockSize);

    private static bool Fits(CgnatMapInput map) => AddressRange.Parse(map.Inside)!.Value.Count <= Blocks(map);
}
