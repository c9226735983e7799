using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Lines;

/// <summary>A member of staff's login to the company's routers. Immutable.</summary>
internal sealed class StaffLogin
{
    private readonly byte[] _ntHash = new byte[MsChap.NtHashLength];
    private readonly byte[]?[] _attributes = new byte[Enum.GetValues<NasVendor>().Length][];

    public StaffLogin(StaffFacts facts)
    {
        Facts = facts;
        Password = Encoding.UTF8.GetBytes(facts.Password);
        MsChap.HashPassword(facts.Password, _ntHash);
        Explanation = string.Create(CultureInfo.InvariantCulture, $"{facts.Name}, {facts.Role}: {Access.ToString().ToLowerInvariant()} access to the router.");
    }

    public StaffFacts Facts { get; }

    public byte[] Password { get; }

    public ReadOnlySpan<byte> NtHash => _ntHash;

    public RouterAccess Access => Facts.Role.OnRouters();

    /// <summary>For people: who was let in with what.</summary>
    public string Explanation { get; }

    /// <summary>The attributes that tell that vendor's router what they may do. Only for staff with access.</summary>
    public ReadOnlySpan<byte> AttributesFor(NasVendor vendor) => _attributes[(int)vendor] ??= EncodedReply.Of(VendorAttributes.Of(Access, vendor));
}

/// <summary>What a router login is made of. The password is in the clear.</summary>
internal sealed record StaffFacts(string Name, string Username, string Password, Role Role)
{
    public override string ToString() => Username; // never the password
}

/// <summary>All router logins of one company, swapped as a whole.</summary>
internal sealed class StaffLogins(IEnumerable<StaffFacts> staff)
{
    public static readonly StaffLogins None = new([]);

    private readonly FrozenDictionary<string, StaffLogin> _byName = staff.ToFrozenDictionary(s => s.Username, s => new StaffLogin(s), StringComparer.OrdinalIgnoreCase);

    public IEnumerable<StaffFacts> All => _byName.Values.Select(s => s.Facts);

    public StaffLogin? Find(ReadOnlySpan<byte> username) => username.Length <= StaffMember.MaxRouterUsername ? _byName.GetValueOrDefault(Encoding.UTF8.GetString(username)) : null;
}
