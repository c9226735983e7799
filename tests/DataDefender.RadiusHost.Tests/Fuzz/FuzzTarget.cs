using System.Diagnostics;
using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;
using DataDefender.Testing;
using Microsoft.Extensions.Logging;

namespace DataDefender.RadiusHost.Tests.Fuzz;

/// <summary>
/// Both ports of a RadiusHost, its journal, and what carries the journal into the database up to the rows, called directly: everything a
/// datagram goes through but the socket. Each answer is judged, and each record that was stored is read as the applier reads it.
/// </summary>
internal sealed class FuzzTarget : IDisposable
{
    private const int Batch = 64;
    private const int AppliedAtOnce = 500;
    private static readonly TimeSpan LongestBatch = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenBatches = TimeSpan.FromMilliseconds(10);

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ManualClock _clock = new();
    private readonly CapturedLog _log = new();
    private readonly ILoggerFactory _logs;
    private readonly LineDirectory _directory;
    private readonly RadiusSecret _secret;
    private readonly Journal _journal;
    private readonly JournalReader _reader;
    private readonly DelayedRejects _delayed;
    private readonly DatagramBatch _logins = new(Batch);
    private readonly DatagramBatch _reports = new(Batch);
    private long _stored;

    /// <summary>Of the lines and NAS of a host; what is stored goes into a journal in the folder.</summary>
    public FuzzTarget(RunningHost host, string folder)
    {
        (_directory, _secret, _logs) = (host.Service<LineDirectory>(), new RadiusSecret(HostFixture.Secret), LoggerFactory.Create(b => b.AddProvider(_log)));
        var options = new RadiusOptions { RejectDelayMilliseconds = 0, SessionStartSeconds = 0 };
        var faults = new FaultLog(_clock, _logs.CreateLogger<FaultLog>());
        _journal = Journal.Open(folder, 4 << 20, _ => { }); // the disk is not what is tried here
        _reader = _journal.OpenReader(new Dictionary<Guid, long>());
        _delayed = new DelayedRejects(DatagramSockets.Bind(new(System.Net.IPAddress.Loopback, 0), 65_536), _clock);
        Access = new AccessPort(
            _directory, Counters, Log, host.Service<LearnedAuthenticators>(), host.Service<LearnedCallers>(), _delayed, faults, options, _clock, Batch);
        Accounting = new AccountingPort(_directory, Counters, _journal, faults, options, _clock, Batch);
    }

    public HostCounters Counters { get; } = new();

    public LoginLog Log { get; } = new();

    public AccessPort Access { get; }

    public AccountingPort Accounting { get; }

    public long Given { get; private set; }

    public long Answered { get; private set; }

    public long Accepted { get; private set; }

    public long Rejected { get; private set; }

    public long Recorded { get; private set; }

    public long Unreadable { get; private set; }

    /// <summary>Puts one datagram into the next batch of its port, which is answered when it is full.</summary>
    public void Give(FuzzDatagram datagram, ReadOnlySpan<byte> octets)
    {
        var batch = datagram.ToAccounting ? _reports : _logins;
        octets.CopyTo(batch.RequestBuffer(batch.Count));
        batch.Add(octets.Length, datagram.From);
        Given++;
        if (batch.Count == Batch)
        {
            Answer(batch);
        }
    }

    public void Flush()
    {
        Answer(_logins);
        Answer(_reports);
        FollowAll();
    }

    /// <summary>One request by itself, as a sentinel among the noise: its answer, empty for none.</summary>
    public byte[] Ask(FuzzDatagram datagram, ReadOnlySpan<byte> octets)
    {
        Flush();
        var batch = datagram.ToAccounting ? _reports : _logins;
        octets.CopyTo(batch.RequestBuffer(0));
        batch.Add(octets.Length, datagram.From);
        Given++;
        Handle(batch);
        var reply = batch.Reply(0).ToArray();
        batch.Clear();
        return reply;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _journal.Dispose();
        _delayed.Dispose();
        _logs.Dispose();
    }

    private void Answer(DatagramBatch batch)
    {
        Handle(batch);
        batch.Clear();
        if (_journal.End.LastSequence - _stored >= AppliedAtOnce)
        {
            FollowAll();
        }
    }

    private void Handle(DatagramBatch batch)
    {
        _clock.Advance(BetweenBatches);
        IPortHandler port = ReferenceEquals(batch, _logins) ? Access : Accounting;
        var started = Stopwatch.GetTimestamp();
        port.Handle(batch);
        port.Sent(batch);
        Assert.True(Stopwatch.GetElapsedTime(started) < LongestBatch, $"A batch took {Stopwatch.GetElapsedTime(started)}: {Shown(batch)}");
        Assert.True(port.Counters.Dropped(DropReason.InternalError) == 0, $"{string.Join('\n', _log.Lines)}\n{Shown(batch)}");
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch.ReplyLength(i) > 0)
            {
                Answered++;
                var fault = Judge(batch.Request(i), batch.Reply(i));
                Assert.True(fault is null, $"{fault}\nrequest {Convert.ToHexStringLower(batch.Request(i))}\nreply   {Convert.ToHexStringLower(batch.Reply(i))}");
            }
        }
    }

    /// <summary>What is wrong with an answer, or null.</summary>
    private string? Judge(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> octets)
    {
        if (!RadiusPacket.TryRead(datagram, out var request, out _))
        {
            return "A malformed request was answered.";
        }

        if (!RadiusPacket.TryRead(octets, out var reply, out var malformed) || reply.Bytes.Length != octets.Length)
        {
            return $"The answer is malformed: {malformed}.";
        }

        var signed = RadiusSignature.CheckRequest(request, _secret);
        var fits = (request.Code, reply.Code) is (RadiusCode.AccessRequest, RadiusCode.AccessAccept or RadiusCode.AccessReject)
            or (RadiusCode.AccountingRequest, RadiusCode.AccountingResponse)
            or (RadiusCode.StatusServer, RadiusCode.AccessAccept or RadiusCode.AccountingResponse);
        var (logins, proxies) = (request.Code is RadiusCode.AccessRequest, Proxies(reply.Attributes).SequenceEqual(Proxies(request.Attributes)));
        Accepted += logins && reply.Code is RadiusCode.AccessAccept ? 1 : 0;
        Rejected += reply.Code is RadiusCode.AccessReject ? 1 : 0;
        Recorded += reply.Code is RadiusCode.AccountingResponse && !logins ? 1 : 0;
        return !fits ? $"{request.Code} was answered with {reply.Code}."
            : request.Identifier != reply.Identifier ? "The identifier differs."
            : !RadiusSignature.HasValidResponseAuthenticator(reply, request.Authenticator, _secret) ? "The Response Authenticator is wrong."
            : signed is MessageAuthenticatorState.Invalid ? "A request with a false Message-Authenticator was answered."
            : request.Code is RadiusCode.AccountingRequest && !RadiusSignature.HasValidRequestAuthenticator(request, _secret) ? "Accounting with a false authenticator was answered."
            : logins && reply.Attributes[0] != RadiusAttributes.MessageAuthenticator ? "Message-Authenticator is not the first attribute."
            : logins && RadiusSignature.CheckReply(reply, request.Authenticator, _secret) is not MessageAuthenticatorState.Valid ? "The answer's Message-Authenticator is wrong."
            : logins && signed is MessageAuthenticatorState.Absent && !IsOldNas(request) ? "An unsigned login was answered."
            : logins && reply.Code is RadiusCode.AccessAccept && !IsKnown(request) ? "A stranger was let in."
            : !proxies ? "Proxy-State was not echoed as it came (RFC 2865 §5.33)."
            : null;
    }

    private bool IsKnown(in RadiusPacket request)
    {
        var login = AccessRequest.Read(request);
        return _directory.Content.Nas.All[0].Company.TryFind(login.UserName, out _);
    }

    // Its rule is Off, and it is told by its NAS-Identifier.
    private static bool IsOldNas(in RadiusPacket request) => request.TryFind(RadiusAttributes.NasIdentifier, out var identifier) && identifier.SequenceEqual("old-nas"u8);

    private static byte[] Proxies(ReadOnlySpan<byte> attributes)
    {
        var found = Array.Empty<byte>();
        for (; attributes.Length > 0; attributes = attributes[attributes[1]..])
        {
            if (attributes[0] == RadiusAttributes.ProxyState)
            {
                found = [.. found, .. attributes[..attributes[1]]];
            }
        }

        return found;
    }

    /// <summary>Reads what was stored, applies it to a ledger as a batch of the database is, and lets the files go.</summary>
    public void FollowAll()
    {
        while (_reader.Read(AppliedAtOnce) is { } batch)
        {
            _stored = batch.LastSequence;
            _journal.DeleteBefore(batch.SegmentNumber);
            var ledger = new SessionLedger();
            foreach (var record in batch.Records)
            {
                try
                {
                    Apply(ledger, record);
                }
                catch (Exception ex) when (ex is not Xunit.Sdk.IAssertionException)
                {
                    Assert.Fail($"{ex}\n{Convert.ToHexStringLower(record.Packet.Span)}");
                }
            }

            _ = ledger.Changes();
            Assert.All(ledger.Gains, g => Assert.True(g.Growth is { Upload: >= 0, Download: >= 0, Seconds: >= 0 }, $"usage went back: {g}"));
        }

        Assert.Equal((0, 0), (_reader.DamagedOctets, _reader.MissingRecords));
        Log.Take(LoginLog.Capacity).ForEach(a => Assert.True(IsStorable(a.Username) && IsStorable(a.CallingStationId), $"a login attempt that no database takes: {a.Username}"));
    }

    private void Apply(SessionLedger ledger, JournalRecord record)
    {
        if (!AccountingReport.TryRead(record, out var report, out var problem))
        {
            Assert.NotNull(problem);
            Unreadable++;
            return;
        }

        foreach (var text in (string?[])[report.AcctSessionId, report.Username, report.CallingStationId, report.CalledStationId, report.NasPortId, report.FramedAddress, report.TerminateCause])
        {
            Assert.True(IsStorable(text), $"text that no database takes: {Convert.ToHexStringLower(record.Packet.Span)}");
        }

        ledger.Apply(report);
    }

    // PostgreSQL takes neither NUL nor half of a surrogate pair.
    private static bool IsStorable(string? text)
    {
        if (text is null)
        {
            return true;
        }

        try
        {
            return !text.Contains('\0', StringComparison.Ordinal) && StrictUtf8.GetByteCount(text) >= 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private static string Shown(DatagramBatch batch) => string.Join('\n', Enumerable.Range(0, batch.Count).Select(i => Convert.ToHexStringLower(batch.Request(i))));
}
