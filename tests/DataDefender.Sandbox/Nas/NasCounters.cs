namespace DataDefender.Sandbox.Nas;

/// <summary>What <c>/radius/monitor</c> and <c>/radius/incoming/monitor</c> show.</summary>
public sealed class NasCounters
{
    private long _requests, _accepts, _rejects, _resends, _timeouts, _badReplies, _incoming, _badRequests, _acks, _naks, _accounting, _acknowledged;

    public long Requests => Interlocked.Read(ref _requests);

    public long Accepts => Interlocked.Read(ref _accepts);

    public long Rejects => Interlocked.Read(ref _rejects);

    public long Resends => Interlocked.Read(ref _resends);

    public long Timeouts => Interlocked.Read(ref _timeouts);

    /// <summary>Replies with a wrong or missing signature.</summary>
    public long BadReplies => Interlocked.Read(ref _badReplies);

    /// <summary>Accounting-Requests sent for the first time, and those answered.</summary>
    public long AccountingRequests => Interlocked.Read(ref _accounting);

    public long AccountingAnswers => Interlocked.Read(ref _acknowledged);

    /// <summary>CoA and Disconnect-Requests that were answered with ACK, and with NAK.</summary>
    public long CoaAcks => Interlocked.Read(ref _acks);

    public long CoaNaks => Interlocked.Read(ref _naks);

    /// <summary>Requests from strangers or with a wrong signature, dropped.</summary>
    public long CoaBadRequests => Interlocked.Read(ref _badRequests);

    internal int Pending { get; set; }

    internal TimeSpan LastRoundTrip { get; set; }

    internal void CountRequest(bool accounting)
    {
        Interlocked.Increment(ref _requests);
        if (accounting)
        {
            Interlocked.Increment(ref _accounting);
        }
    }

    internal void CountAccept() => Interlocked.Increment(ref _accepts);

    internal void CountReject() => Interlocked.Increment(ref _rejects);

    internal void CountAccountingAnswer() => Interlocked.Increment(ref _acknowledged);

    internal void CountResend() => Interlocked.Increment(ref _resends);

    internal void CountTimeout() => Interlocked.Increment(ref _timeouts);

    internal void CountBadReply() => Interlocked.Increment(ref _badReplies);

    internal void CountIncoming() => Interlocked.Increment(ref _incoming);

    internal void CountBadRequest() => Interlocked.Increment(ref _badRequests);

    internal void CountAck() => Interlocked.Increment(ref _acks);

    internal void CountNak() => Interlocked.Increment(ref _naks);

    internal void Reset()
    {
        _requests = _accepts = _rejects = _resends = _timeouts = _badReplies = _incoming = _badRequests = _acks = _naks = _accounting = _acknowledged = 0;
    }

    internal IEnumerable<(string, string)> OfClient() =>
    [
        ("pending", Pending.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("requests", Text(Requests)), ("accepts", Text(Accepts)), ("rejects", Text(Rejects)), ("resends", Text(Resends)),
        ("timeouts", Text(Timeouts)), ("bad-replies", Text(BadReplies)), ("last-request-rtt", RouterOs.RouterFormat.Duration(LastRoundTrip)),
    ];

    internal IEnumerable<(string, string)> OfIncoming() =>
        [("requests", Text(Interlocked.Read(ref _incoming))), ("bad-requests", Text(CoaBadRequests)), ("acks", Text(CoaAcks)), ("naks", Text(CoaNaks))];

    private static string Text(long number) => RouterOs.RouterFormat.Number(number);
}
