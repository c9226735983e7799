using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Lines;

/// <summary>One line as logins see it. Immutable: a change makes a new one around the same <see cref="LineState"/>.</summary>
internal sealed class Subscriber
{
    private readonly NtHashBytes _ntHash;
    private readonly int _place;

    public Subscriber(LineState line, PackageLines package, SubscriberFacts facts)
    {
        (Line, Package) = (line, package);
        Username = Encoding.UTF8.GetBytes(facts.Username);
        HasPassword = facts.Password is { Length: > 0 and <= PapPassword.MaxLength };
        Password = HasPassword ? Encoding.UTF8.GetBytes(facts.Password!) : [];
        FramedAddress = ReadIPv4(facts.StaticAddress);
        _place = PackageLines.Place(facts.State, facts.SuspendReason, FramedAddress != 0);
        (State, SuspendReason) = (facts.State, facts.SuspendReason);
        CallerLock = facts.CallerLock is { } mac && MacAddress.TryRead(mac, out var locked) ? locked : 0;
        if (HasPassword)
        {
            MsChap.HashPassword(facts.Password, _ntHash);
        }
    }

    public LineState Line { get; }

    public PackageLines Package { get; }

    public byte[] Username { get; }

    public byte[] Password { get; }

    /// <summary>False when there is no stored password, or none that can be read or sent: then nobody gets in.</summary>
    public bool HasPassword { get; }

    public SubscriptionState State { get; }

    public SuspendReason? SuspendReason { get; }

    /// <summary>The fixed IPv4 address as the wire has it, 0 for none.</summary>
    public uint FramedAddress { get; }

    /// <summary>The only caller that may log in; 0 for any.</summary>
    public ulong CallerLock { get; }

    public ReadOnlySpan<byte> NtHash => _ntHash;

    public ReplyTemplate Template => Package[_place];

    public SubscriberFacts ToFacts() => new(
        Line.SubscriptionId,
        Package.Id,
        Encoding.UTF8.GetString(Username),
        HasPassword ? Encoding.UTF8.GetString(Password) : null,
        FramedAddress == 0 ? null : new IPAddress(BinaryPrimitives.ReverseEndianness(FramedAddress)).ToString(),
        CallerLock == 0 ? null : CallerLock.ToString("X12", CultureInfo.InvariantCulture),
        State,
        SuspendReason);

    private static uint ReadIPv4(string? text)
    {
        Span<byte> octets = stackalloc byte[sizeof(uint)];
        return IPAddress.TryParse(text, out var address) && address.AddressFamily is AddressFamily.InterNetwork && address.TryWriteBytes(octets, out _)
            ? BinaryPrimitives.ReadUInt32BigEndian(octets)
            : 0;
    }

    [InlineArray(MsChap.NtHashLength)]
    private struct NtHashBytes
    {
        private byte _first;
    }
}

/// <summary>What a subscriber is made of, from the database or from the copy on disk. The password is in the clear.</summary>
internal sealed record SubscriberFacts(
    Guid SubscriptionId, Guid PackageId, string Username, string? Password, string? StaticAddress, string? CallerLock, SubscriptionState State, SuspendReason? SuspendReason)
{
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{SubscriptionId} {Username}"); // never the password
        return true;
    }
}
