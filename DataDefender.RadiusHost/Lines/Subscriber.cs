using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// What a line gets at one moment. <paramref name="EndsAt"/> (UTC ticks) is when it ends: the paid time, or the time that it may be online,
/// is over; <paramref name="ChangesAt"/> when it next becomes another speed. Each is long.MaxValue for never.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LineTerms(ReplyTemplate Template, long EndsAt, long ChangesAt);

/// <summary>
/// One line as logins see it. A change makes a new one around the same <see cref="LineState"/>. There may be a million: what few lines
/// have is in <see cref="LineExtras"/>.
/// </summary>
internal sealed class Subscriber
{
    private readonly NtHashBytes _ntHash;
    private readonly long _expiresAt;
    private readonly byte _state;
    private readonly sbyte _reason;
    private readonly byte _kind;
    private LineExtras? _extras;

    public Subscriber(LineState line, PackageLines package, SubscriberFacts facts)
    {
        (Line, Package) = (line, package);
        Username = Encoding.UTF8.GetBytes(facts.Username);
        HasPassword = facts.Password is { Length: > 0 } && Encoding.UTF8.GetByteCount(facts.Password) <= PapPassword.MaxLength;
        Password = HasPassword ? Encoding.UTF8.GetBytes(facts.Password!) : [];
        FramedAddress = ReadIPv4(facts.StaticAddress);
        _expiresAt = facts.ExpiresAt?.Ticks ?? long.MaxValue;
        (_state, _reason) = ((byte)facts.State, (sbyte)(facts.SuspendReason is { } reason ? (int)reason : -1));
        CallerLock = facts.CallerLock is { } mac && MacAddress.TryRead(mac, out var locked) ? locked : 0;
        _extras = LineExtras.Of(facts);
        _kind = LineAddressing.Kind(FramedAddress != 0, _extras is { Prefix: not null });
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

    public SubscriptionState State => (SubscriptionState)_state;

    public SuspendReason? SuspendReason => _reason < 0 ? null : (SuspendReason)_reason;

    /// <summary>The fixed IPv4 address as the wire has it, 0 for none.</summary>
    public uint FramedAddress { get; }

    /// <summary>The delegated IPv6 prefix; null for none of its own.</summary>
    public IPNetwork? DelegatedPrefix => _extras?.Prefix;

    /// <summary>The only caller that may log in; 0 for any, or for what <see cref="Binding"/> says.</summary>
    public ulong CallerLock { get; }

    /// <summary>What else binds the line; null for nothing.</summary>
    public LineBinding? Binding => _extras?.Binding;

    public ReadOnlySpan<byte> NtHash => _ntHash;

    /// <summary>What the line is entitled to now: the one decision that a change of an open session is made from too.</summary>
    public LineTerms TermsAt(long utcTicks)
    {
        var package = Package.Decisions;
        if (State is not SubscriptionState.Active || package.Facts is null)
        {
            return new LineTerms(package.InState(State, SuspendReason, _kind), long.MaxValue, long.MaxValue);
        }

        if (_expiresAt <= utcTicks)
        {
            return _expiresAt + package.Facts.Grace.Ticks <= utcTicks
                ? new LineTerms(package.Expired(_kind), long.MaxValue, long.MaxValue)
                : Limited(package, utcTicks, _expiresAt + package.Facts.Grace.Ticks);
        }

        var end = package.Facts.EndOfService(_expiresAt);
        if (_extras?.Limit is { } limit && !(limit.Until?.Ticks <= utcTicks))
        {
            return Limited(package, utcTicks, end);
        }

        var (template, until) = package.Sold(_kind, utcTicks);
        var terms = new LineTerms(template, end, until);
        return _extras?.OnlineLeft is { } left && package.Facts.Rules.Time is { } quota ? UntilOnlineTimeIsUp(terms, left, quota.Action, utcTicks) : terms;
    }

    /// <summary>What is left is for the session that begins now, unless another window begins before it is used up.</summary>
    private static LineTerms UntilOnlineTimeIsUp(in LineTerms terms, OnlineLeft left, QuotaAction action, long utcTicks)
    {
        var end = utcTicks + (left.Seconds * TimeSpan.TicksPerSecond);
        return end >= left.Until.Ticks ? terms
            : action is QuotaAction.Refuse ? terms with { EndsAt = Math.Min(terms.EndsAt, end) }
            : terms with { ChangesAt = Math.Min(terms.ChangesAt, end) };
    }

    public SubscriberFacts ToFacts() => new(
        Line.SubscriptionId,
        Package.Id,
        Encoding.UTF8.GetString(Username),
        HasPassword ? Encoding.UTF8.GetString(Password) : null,
        FramedAddress == 0 ? null : new IPAddress(BinaryPrimitives.ReverseEndianness(FramedAddress)).ToString(),
        CallerLock == 0 ? null : CallerLock.ToString("X12", CultureInfo.InvariantCulture),
        State,
        SuspendReason)
    {
        ExpiresAt = _expiresAt == long.MaxValue ? null : new DateTime(_expiresAt, DateTimeKind.Utc),
        Limit = _extras?.Limit,
        OnlineLeft = _extras?.OnlineLeft,
        Binding = _extras?.Binding ?? LineBinding.None,
        DelegatedPrefix = _extras?.Prefix?.ToString(),
    };

    private LineTerms Limited(PackageDecisions package, long utcTicks, long end)
    {
        var extras = _extras ??= new LineExtras(null, null, null, null);
        var answer = extras.Answer;
        if (answer is null || !ReferenceEquals(answer.Package, package) || utcTicks < answer.From || utcTicks >= answer.Until)
        {
            DateTime? expiry = _expiresAt == long.MaxValue ? null : new DateTime(_expiresAt, DateTimeKind.Utc);
            extras.Answer = answer = package.Limited(_kind, expiry, extras.Limit, utcTicks);
        }

        return new LineTerms(answer.Template, end, answer.Until);
    }

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

/// <summary>What few lines have.</summary>
internal sealed class LineExtras(LineBinding? binding, LineLimit? limit, IPNetwork? prefix, OnlineLeft? onlineLeft)
{
    public LineBinding? Binding { get; } = binding;

    /// <summary>What the line's use has last come to.</summary>
    public LineLimit? Limit { get; } = limit;

    public IPNetwork? Prefix { get; } = prefix;

    /// <summary>What is left of a time quota.</summary>
    public OnlineLeft? OnlineLeft { get; } = onlineLeft;

    /// <summary>Any thread may set it: whichever wins is right.</summary>
    public LimitedAnswer? Answer { get; set; }

    /// <summary>Null for a line that has nothing of this. Paid time and hours of the day are looked at in each login and need not be kept.</summary>
    public static LineExtras? Of(SubscriberFacts facts)
    {
        var binding = facts.Binding == LineBinding.None ? null : facts.Binding;
        var limit = facts.Limit is { Kind: LimitKind.FairUse or LimitKind.DataQuota or LimitKind.TimeQuota or LimitKind.Grace } byUse ? byUse : null;
        IPNetwork? prefix = IPNetwork.TryParse(facts.DelegatedPrefix, out var network) ? network : null;
        return binding is null && limit is null && prefix is null && facts.OnlineLeft is null ? null : new LineExtras(binding, limit, prefix, facts.OnlineLeft);
    }
}

/// <summary>What a subscriber is made of, from the database or from the copy on disk. The password is in the clear.</summary>
internal sealed record SubscriberFacts(
    Guid SubscriptionId, Guid PackageId, string Username, string? Password, string? StaticAddress, string? CallerLock, SubscriptionState State, SuspendReason? SuspendReason)
{
    public DateTime? ExpiresAt { get; init; }

    /// <summary>What the company's rules last said about the line.</summary>
    public LineLimit? Limit { get; init; }

    public LineBinding Binding { get; init; } = LineBinding.None;

    public OnlineLeft? OnlineLeft { get; init; }

    public string? DelegatedPrefix { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{SubscriptionId} {Username}"); // never the password
        return true;
    }
}
