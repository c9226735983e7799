using System.Globalization;
using System.Text.Unicode;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Benchmarks.Radius;

/// <summary>
/// Sessions that start, report once and stop: report r of session n says 3·10⁹·r + n octets in and 9·10⁹·r + 2n out, so that the sums in the
/// database can be told beforehand from what was acknowledged. An answer is right when its authenticator is.
/// </summary>
internal sealed class AccountingLoad : ILoad
{
    private const int Reports = 3; // Start, Interim-Update, Stop

    private readonly RadiusSecret _secret = new("testing123");
    private readonly int _users;
    private readonly uint _run;
    private readonly (long Session, int Report)[] _slots = new (long, int)[256];
    private readonly byte[][] _requests = new byte[256][];
    private long _nextSession;
    private long _wrong;

    public AccountingLoad(int users, uint run)
    {
        (_users, _run) = (users, run);
        for (var i = 0; i < _requests.Length; i++)
        {
            _requests[i] = new byte[RadiusPacket.AuthenticatorLength];
            _slots[i] = (-1, Reports);
        }
    }

    /// <summary>Acknowledged records by kind.</summary>
    public long[] Acknowledged { get; } = new long[Reports];

    /// <summary>Octets that the acknowledged Stops sum up to.</summary>
    public Int128 UploadOfStopped { get; private set; }

    public Int128 DownloadOfStopped { get; private set; }

    public static long Upload(long session, int report) => (3_000_000_000L * report) + session;

    public static long Download(long session, int report) => (9_000_000_000L * report) + (2 * session);

    public int Write(byte slot, Span<byte> buffer)
    {
        var (session, report) = _slots[slot];
        (session, report) = report >= Reports - 1 ? (_nextSession++, 0) : (session, report + 1);
        _slots[slot] = (session, report);

        Span<byte> text = stackalloc byte[32];
        var request = new RadiusWriter(buffer, RadiusCode.AccountingRequest, slot);
        request.Add(RadiusAttributes.AcctStatusType, report switch { 0 => (uint)AcctStatusType.Start, 1 => (uint)AcctStatusType.InterimUpdate, _ => (uint)AcctStatusType.Stop });
        request.Add(RadiusAttributes.NasPortType, 15u);
        var user = (int)(session % _users);
        request.Add(RadiusAttributes.CallingStationId, text[..LoginRequests.WriteCaller(user, text)]);
        request.Add(RadiusAttributes.CalledStationId, "pppoe-service");
        request.Add(RadiusAttributes.NasPortId, "ether2-customers");
        Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"user{user:D6}", out var length);
        request.Add(RadiusAttributes.UserName, text[..length]);
        request.Add(RadiusAttributes.NasPort, 0x80100014u);
        Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"{_run:x8}{session:x8}", out length);
        request.Add(RadiusAttributes.AcctSessionId, text[..length]);
        request.Add(RadiusAttributes.FramedIpAddress, (uint)((100 << 24) + (64 << 16) + user));
        if (report > 0)
        {
            var (upload, download) = (Upload(session, report), Download(session, report));
            request.Add(RadiusAttributes.AcctInputOctets, (uint)upload);
            request.Add(RadiusAttributes.AcctInputGigawords, (uint)(upload >> 32));
            request.Add(RadiusAttributes.AcctOutputOctets, (uint)download);
            request.Add(RadiusAttributes.AcctOutputGigawords, (uint)(download >> 32));
            request.Add(RadiusAttributes.AcctInputPackets, (uint)session);
            request.Add(RadiusAttributes.AcctOutputPackets, (uint)session);
            request.Add(RadiusAttributes.AcctSessionTime, (uint)report);
        }

        request.Add(RadiusAttributes.NasIdentifier, "bench-router");
        request.Add(RadiusAttributes.AcctDelayTime, 0u);
        request.Add(RadiusAttributes.NasIpAddress, System.Net.IPAddress.Loopback);
        length = request.FinishRequest(default, _secret);
        buffer.Slice(4, RadiusPacket.AuthenticatorLength).CopyTo(_requests[slot]);
        return length;
    }

    public void Take(byte slot, ReadOnlySpan<byte> reply)
    {
        if (!RadiusPacket.TryRead(reply, out var packet, out _)
            || packet.Code is not RadiusCode.AccountingResponse
            || !RadiusSignature.HasValidResponseAuthenticator(packet, _requests[slot], _secret))
        {
            _wrong++;
            return;
        }

        var (session, report) = _slots[slot];
        Acknowledged[report]++;
        if (report == Reports - 1)
        {
            UploadOfStopped += Upload(session, report);
            DownloadOfStopped += Download(session, report);
        }
    }

    /// <summary>Every session is stopped in the end, so that none is left for which the database has something and the sums have not.</summary>
    public bool IsMidway(byte slot) => _slots[slot].Report < Reports - 1;

    public LoadCheck Check() => new(Acknowledged.Sum(), _wrong, _wrong > 0 ? "an answer that is none to its request" : null);
}
