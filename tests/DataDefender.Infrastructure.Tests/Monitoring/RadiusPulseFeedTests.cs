using System.Net;
using System.Text.Json;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Tests.Monitoring;

public sealed class RadiusPulseFeedTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly LiveMetrics _metrics = new();
    private readonly CapturedLog _log = new();
    private readonly ScriptedHost _host = new();
    private readonly Guid _tenant = Guid.CreateVersion7();
    private readonly RadiusPulseFeed _feed;
    private readonly ILoggerFactory _loggers;

    public RadiusPulseFeedTests()
    {
        _loggers = LoggerFactory.Create(l => l.AddProvider(_log));
        _feed = new RadiusPulseFeed(_host, _metrics, Options.Create(new RadiusStatusOptions { StatusUrl = "http://radius.test/", StatusToken = "the-token" }), _clock, _loggers.CreateLogger<RadiusPulseFeed>());
    }

    public void Dispose()
    {
        _feed.Dispose();
        _loggers.Dispose();
    }

    [Fact]
    public async Task Each_second_is_published_once_however_the_answers_overlap()
    {
        _host.Answer(Pulse(sequence: 11, Second(10, accepts: 1), Second(11, accepts: 2)));
        _host.Answer(Pulse(sequence: 12, Second(11, accepts: 2), Second(12, accepts: 3)));

        await FetchAsync(2);

        Assert.Equal([1, 2, 3], _metrics.PulseSeconds(_tenant).Select(p => p.AcceptsPerSecond));
        Assert.Equal(["/pulse?since=0", "/pulse?since=11"], _host.Asked);
        Assert.Equal("Bearer the-token", _host.Authorization);
        Assert.True(_metrics.Feed.IsHeard);
        Assert.Equal(new DateTime(2027, 1, 2, 3, 4, 5, DateTimeKind.Utc), _metrics.Feed.TlsCertificateExpiresAt);
        Assert.Equal(7, _metrics.Feed.LoginsNotLogged);
        Assert.Empty(_metrics.PulseSeconds(Guid.CreateVersion7()));
    }

    [Fact]
    public async Task A_second_is_told_with_its_rejects_by_reason_latency_and_sessions()
    {
        _host.Answer(Pulse(1, Second(1, accepts: 5, walled: 2, rejects: new() { ["WrongPassword"] = 3, ["SomethingNew"] = 1 })));

        await FetchAsync(1);

        var pulse = _metrics.Pulse(_tenant)!;
        Assert.Equal((5d, 4d, 2d, 95d, 310d, 1200), (pulse.AcceptsPerSecond, pulse.RejectsPerSecond, pulse.WalledGardenPerSecond, pulse.MedianMicroseconds, pulse.P99Microseconds, pulse.OpenSessions));
        Assert.Equal([new OutcomeCount(LoginOutcome.WrongPassword, 3)], pulse.Rejects);
    }

    [Fact]
    public async Task A_restarted_host_is_asked_from_its_beginning()
    {
        _host.Answer(Pulse(500, Second(500, accepts: 1)));
        _host.Answer(Pulse(3, instance: Guid.CreateVersion7(), seconds: [Second(3, accepts: 9)]));
        _host.Answer(Pulse(3));

        await FetchAsync(3);

        Assert.Equal(9, _metrics.Pulse(_tenant)!.AcceptsPerSecond);
        Assert.Equal("/pulse?since=3", _host.Asked[^1]);
    }

    [Fact]
    public async Task A_silent_host_makes_the_pulse_unknown_since_its_last_answer_and_is_logged_once()
    {
        _host.Answer(Pulse(1, Second(1, accepts: 7)));
        await FetchAsync(1);
        var heardAt = _clock.Now;
        _clock.Advance(TimeSpan.FromSeconds(2));

        await FetchAsync(2);
        Assert.True(_metrics.Feed.IsHeard); // one lost answer is no news
        await FetchAsync(5);

        Assert.Equal((heardAt, "RadiusHost does not answer."), (_metrics.Feed.Since, _metrics.Feed.Problem));
        Assert.Equal(7, _metrics.Pulse(_tenant)!.AcceptsPerSecond); // old, and never zero
        Assert.Single(_log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal));

        _host.Answer(Pulse(2, Second(2, accepts: 8)));
        await FetchAsync(1);
        Assert.True(_metrics.Feed.IsHeard);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "refuses our token")]
    [InlineData(HttpStatusCode.NotFound, "StatusToken is not set")]
    [InlineData(HttpStatusCode.InternalServerError, "answers 500")]
    public async Task A_host_that_refuses_says_what_to_set(HttpStatusCode status, string expected)
    {
        for (var i = 0; i < 3; i++)
        {
            _host.Answer("", status);
        }

        await FetchAsync(3);

        Assert.Contains(expected, _metrics.Feed.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_heard_of_each_NAS_is_kept_by_company()
    {
        var nas = Guid.CreateVersion7();
        _host.Answer(Pulse(1, nas: [new { nasId = nas, lastSeenAt = (DateTime?)_clock.Now, accepts = 10, rejects = 2, accounting = 400, badAuthenticators = 5, duplicates = 1, messageAuthenticatorSeen = true, reasons = new Dictionary<string, int> { ["WrongPassword"] = 2, ["OfALaterBuild"] = 1 }, medianMicroseconds = 200.0, p99Microseconds = 900.0 }]));

        await FetchAsync(1);

        var heard = _metrics.NasPulses(_tenant)[nas];
        Assert.Equal([new OutcomeCount(LoginOutcome.WrongPassword, 2)], heard.Reasons);
        Assert.Equal(new NasPulse(nas, _clock.Now, 10, 2, 400, 5, 1, true) { Reasons = heard.Reasons, MedianMicroseconds = 200, P99Microseconds = 900 }, heard);
        Assert.Empty(_metrics.NasPulses(Guid.CreateVersion7()));
    }

    [Fact]
    public async Task Several_hosts_make_one_pulse_and_one_of_them_that_is_down_is_said_and_not_fatal()
    {
        var (nas, hosts) = (Guid.CreateVersion7(), new NamedHosts());
        using var feed = Feed(hosts);
        object[] Heard(int accepts) => [new { nasId = nas, lastSeenAt = (DateTime?)_clock.Now, accepts, rejects = 0, accounting = 1, badAuthenticators = 0, duplicates = 0, messageAuthenticatorSeen = false }];
        var (a, b) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        hosts["one.test"] = Pulse(8, instance: a, seconds: [Second(-2, accepts: 5, rejects: new() { ["WrongPassword"] = 1 })], nas: Heard(50));
        hosts["two.test"] = Pulse(900, instance: b, seconds: [Second(-2, accepts: 3, rejects: new() { ["WrongPassword"] = 2 })], nas: Heard(30));

        await feed.FetchAsync(TestContext.Current.CancellationToken);

        var pulse = _metrics.Pulse(_tenant)!;
        Assert.Equal((8d, 3d, 82d, 310d, 1200), (pulse.AcceptsPerSecond, pulse.RejectsPerSecond, pulse.AccountingPerSecond, pulse.P99Microseconds, pulse.OpenSessions));
        Assert.Equal([new OutcomeCount(LoginOutcome.WrongPassword, 3)], pulse.Rejects);
        Assert.Equal(80, _metrics.NasPulses(_tenant)[nas].Accepts);
        Assert.Equal([("one.test", true), ("two.test", true)], _metrics.Feed.Hosts.Select(h => (h.Name, h.IsHeard)));
        Assert.Equal(["one.test/pulse?since=0", "two.test/pulse?since=0"], hosts.Asked.Order());

        hosts["two.test"] = null;
        hosts["one.test"] = Pulse(9, instance: a, seconds: [Second(-1, accepts: 6)], nas: Heard(56));
        var heardAt = _clock.Now;
        _clock.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 3; i++)
        {
            await feed.FetchAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(6, _metrics.Pulse(_tenant)!.AcceptsPerSecond);
        Assert.Equal(86, _metrics.NasPulses(_tenant)[nas].Accepts); // what the silent one had counted stays
        Assert.True(_metrics.Feed.IsHeard);
        Assert.Equal(("RadiusHost does not answer.", heardAt), (_metrics.Feed.Hosts[1].Problem, _metrics.Feed.Hosts[1].HeardAt));
        Assert.Single(_log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains("two.test", StringComparison.Ordinal));

        hosts["one.test"] = null;
        for (var i = 0; i < 3; i++)
        {
            await feed.FetchAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal((false, _clock.Now), (_metrics.Feed.IsHeard, _metrics.Feed.Since));
    }

    [Fact]
    public async Task A_second_that_one_host_tells_later_is_waited_for_and_summed()
    {
        var hosts = new NamedHosts();
        using var feed = Feed(hosts);
        hosts["one.test"] = Pulse(8, instance: _tenant, seconds: [Second(-3, accepts: 1), Second(-2, accepts: 1)]);
        hosts["two.test"] = Pulse(7, instance: _instance, seconds: [Second(-3, accepts: 10)], at: _clock.Now.AddSeconds(-2));
        await feed.FetchAsync(TestContext.Current.CancellationToken);
        Assert.Equal([11], _metrics.PulseSeconds(_tenant).Select(p => p.AcceptsPerSecond));

        hosts["two.test"] = Pulse(8, instance: _instance, seconds: [Second(-2, accepts: 10)]);
        await feed.FetchAsync(TestContext.Current.CancellationToken);

        Assert.Equal([11, 11], _metrics.PulseSeconds(_tenant).Select(p => p.AcceptsPerSecond));
    }

    [Theory]
    [InlineData("http://10.0.0.1:5081", "https://10.0.0.2:5081", true)]
    [InlineData("http://10.0.0.1:5081", "10.0.0.2:5081", false)]
    public void Each_address_of_several_hosts_must_be_one(string first, string second, bool expected)
    {
        var options = new RadiusStatusOptions { StatusUrls = { first, second } };

        var result = options.Validate(null, options);

        Assert.Equal(expected, result.Succeeded);
        Assert.Equal(expected, result.FailureMessage?.Contains(second, StringComparison.Ordinal) is not true);
    }

    private RadiusPulseFeed Feed(NamedHosts hosts) => new(
        hosts, _metrics, Options.Create(new RadiusStatusOptions { StatusUrls = { "http://one.test", "http://two.test/" }, StatusToken = "the-token" }), _clock, _loggers.CreateLogger<RadiusPulseFeed>());

    private async Task FetchAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await _feed.FetchAsync(TestContext.Current.CancellationToken);
        }
    }

    private readonly Guid _instance = Guid.CreateVersion7();

    private string Pulse(long sequence, params object[] seconds) => Pulse(sequence, null, seconds);

    private string Pulse(long sequence, Guid? instance = null, object[]? seconds = null, object[]? nas = null, DateTime? at = null) => JsonSerializer.Serialize(new
    {
        instance = instance ?? _instance,
        startedAt = _clock.Now,
        at = at ?? _clock.Now,
        sequence,
        journal = new { depth = 0, oldestSeconds = (double?)null, healthy = true, deadLetters = 0 },
        directory = new { subscribers = 50_000, nas = 12, source = "Database", databaseReachable = true, upToDateAt = _clock.Now },
        somethingNew = 1,
        tlsCertificateExpiresAt = "2027-01-02T03:04:05Z",
        loginsNotLogged = 7,
        companies = new[] { new { tenantId = _tenant, openSessions = 1200, seconds = seconds ?? [], nas = nas ?? [] } },
    });

    private object Second(long sequence, int accepts, int walled = 0, Dictionary<string, int>? rejects = null, long offset = 0) => new
    {
        sequence = sequence < 0 ? sequence + 10 : sequence, at = _clock.Now.AddSeconds(sequence + offset), accepts, walledGarden = walled, rejects = rejects ?? [], starts = 1, interims = 40, stops = 0, other = 0, duplicates = 0,
        medianMicroseconds = 95.0, p99Microseconds = 310.0,
    };

    /// <summary>Each host answers what it is set to; null for one that cannot be reached.</summary>
    private sealed class NamedHosts : HttpMessageHandler, IHttpClientFactory
    {
        private readonly Dictionary<string, string?> _answers = [];

        public List<string> Asked { get; } = [];

        public string? this[string host]
        {
            set => _answers[host] = value;
        }

#pragma warning disable RS0030 // the factory itself
        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);
#pragma warning restore RS0030

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.Host + request.RequestUri.PathAndQuery);
            return _answers[request.RequestUri.Host] is { } answer
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer) })
                : Task.FromException<HttpResponseMessage>(new HttpRequestException("Connection refused"));
        }
    }

    /// <summary>Answers in the order given; without an answer it cannot be reached.</summary>
    private sealed class ScriptedHost : HttpMessageHandler, IHttpClientFactory
    {
        private readonly Queue<(string Body, HttpStatusCode Status)> _answers = new();

        public List<string> Asked { get; } = [];

        public string? Authorization { get; private set; }

        public void Answer(string body, HttpStatusCode status = HttpStatusCode.OK) => _answers.Enqueue((body, status));

#pragma warning disable RS0030 // the factory itself
        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);
#pragma warning restore RS0030

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.PathAndQuery);
            Authorization = request.Headers.Authorization?.ToString();
            return _answers.TryDequeue(out var answer)
                ? Task.FromResult(new HttpResponseMessage(answer.Status) { Content = new StringContent(answer.Body) })
                : Task.FromException<HttpResponseMessage>(new HttpRequestException("Connection refused"));
        }
    }
}
