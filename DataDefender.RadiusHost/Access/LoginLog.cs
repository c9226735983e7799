using System.Text;
using DataDefender.Domain.Radius;

namespace DataDefender.RadiusHost.Access;

/// <summary>
/// Login attempts on their way to the database. The port's thread puts them into places made beforehand and never waits: when the
/// writer does not keep up, attempts are dropped and counted.
/// </summary>
internal sealed class LoginLog
{
    public const int Capacity = 8192;

    /// <summary>The last quarter is kept for refusals: what somebody looks for after a storm is who did not get in.</summary>
    public const int ForAccepts = Capacity / 4 * 3;

    private const int MaxUsername = 253;
    private const int MaxCaller = 64;

    private readonly Lock _lock = new();
    private readonly Entry[] _entries = new Entry[Capacity];
    private readonly byte[] _text = new byte[Capacity * (MaxUsername + MaxCaller)];
    private long _written;
    private long _read;
    private long _dropped;

    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>One that was taken and cannot be stored, whatever the reason.</summary>
    public void CountDropped() => Interlocked.Increment(ref _dropped);

    public int Waiting => (int)(Volatile.Read(ref _written) - Volatile.Read(ref _read));

    public void Add(Guid tenantId, Guid nasId, in AccessRequest request, in Verdict verdict, long utcTicks, bool isTest)
    {
        lock (_lock)
        {
            if (_written - _read >= (verdict.IsAccepted ? ForAccepts : Capacity))
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            var place = (int)(_written % Capacity);
            ref var entry = ref _entries[place];
            entry.UsernameLength = Math.Min(request.UserName.Length, MaxUsername);
            entry.CallerLength = Math.Min(request.CallingStationId.Length, MaxCaller);
            var text = _text.AsSpan(place * (MaxUsername + MaxCaller));
            request.UserName[..entry.UsernameLength].CopyTo(text);
            request.CallingStationId[..entry.CallerLength].CopyTo(text[MaxUsername..]);
            (entry.TenantId, entry.NasId, entry.SubscriptionId) = (tenantId, nasId, verdict.Subscriber?.Line.SubscriptionId ?? Guid.Empty);
            (entry.Outcome, entry.Detail, entry.Method, entry.At) = (verdict.Outcome, verdict.Detail, verdict.Method is LoginMethod.None ? request.Method : verdict.Method, utcTicks);
            entry.IsTest = isTest;
            _written++;
        }
    }

    /// <summary>Takes up to <paramref name="limit"/> attempts, oldest first.</summary>
    public List<LoginAttempt> Take(int limit)
    {
        var taken = new List<LoginAttempt>();
        while (taken.Count < limit && Volatile.Read(ref _written) > _read)
        {
            taken.Add(Read((int)(_read % Capacity)));
            Volatile.Write(ref _read, _read + 1);
        }

        return taken;
    }

    private LoginAttempt Read(int place)
    {
        ref var entry = ref _entries[place];
        var text = _text.AsSpan(place * (MaxUsername + MaxCaller));
        return new LoginAttempt
        {
            TenantId = entry.TenantId,
            NasId = entry.NasId,
            SubscriptionId = entry.SubscriptionId == Guid.Empty ? null : entry.SubscriptionId,
            At = new DateTime(entry.At, DateTimeKind.Utc),
            Username = Printable(text[..entry.UsernameLength]),
            CallingStationId = entry.CallerLength == 0 ? null : Printable(text.Slice(MaxUsername, entry.CallerLength)),
            Method = AccessRequest.NameOf(entry.Method),
            Outcome = entry.Outcome,
            Detail = Fitting(Printable(entry.Detail)),
            IsTest = entry.IsTest,
        };
    }

    private static string Printable(ReadOnlySpan<byte> octets) => Printable(Encoding.UTF8.GetString(octets));

    // Every text goes through here, since a packet may have a part in it: PostgreSQL takes no NUL in a text, and control characters only
    // spoil a screen.
    private static string Printable(string text) =>
        text.AsSpan().ContainsAnyInRange('\0', '\x1f') ? string.Concat(text.Select(c => c < ' ' ? '\uFFFD' : c)) : text;

    // The words of two packets' attributes in one sentence are longer than what is kept of it.
    private static string Fitting(string text) =>
        text.Length <= LoginAttempt.MaxDetail ? text : text[..(char.IsHighSurrogate(text[LoginAttempt.MaxDetail - 1]) ? LoginAttempt.MaxDetail - 1 : LoginAttempt.MaxDetail)];

    private struct Entry
    {
        public Guid TenantId;
        public Guid NasId;
        public Guid SubscriptionId;
        public long At;
        public string Detail;
        public LoginOutcome Outcome;
        public LoginMethod Method;
        public int UsernameLength;
        public int CallerLength;
        public bool IsTest;
    }
}
