using DataDefender.Domain.Monitoring;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Monitoring;

/// <summary>Section "Radius": where RadiusHost tells how it fares, and the token that it wants for that.</summary>
public sealed class RadiusStatusOptions : IValidateOptions<RadiusStatusOptions>
{
    public string StatusUrl { get; set; } = "http://127.0.0.1:5081";

    /// <summary>Where several RadiusHosts serve together, the address of each; <see cref="StatusUrl"/> is not asked then.</summary>
    public IList<string> StatusUrls { get; } = [];

    /// <summary>The same in all processes. Without one RadiusHost tells nothing and the NOC's RADIUS figures stay unknown.</summary>
    public string? StatusToken { get; set; }

    public IReadOnlyList<Uri> Hosts => [.. (StatusUrls.Count == 0 ? [StatusUrl] : StatusUrls).Select(u => new Uri(u.TrimEnd('/') + "/"))];

    public ValidateOptionsResult Validate(string? name, RadiusStatusOptions options)
    {
        var wrong = (options.StatusUrls.Count == 0 ? [options.StatusUrl] : options.StatusUrls)
            .Where(u => !Uri.TryCreate(u, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            .Select(u => $"Radius:{(options.StatusUrls.Count == 0 ? nameof(StatusUrl) : nameof(StatusUrls))} “{u}” is not an http address.").ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}

/// <summary>
/// Fetches the pulse of every RadiusHost each second and hands their sum to the screens. A RadiusHost that is not heard is said to be; only
/// while none is heard the pulse is unknown, since the last answer. It never becomes zero.
/// </summary>
internal sealed partial class RadiusPulseFeed : BackgroundService
{
    public const string ClientName = "radius-pulse";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly LiveMetrics _metrics;
    private readonly RadiusStatusOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<RadiusPulseFeed> _log;
    private readonly PulseSource[] _sources;
    private readonly PulseSums _sums = new();

    public RadiusPulseFeed(IHttpClientFactory http, LiveMetrics metrics, IOptions<RadiusStatusOptions> options, TimeProvider clock, ILogger<RadiusPulseFeed> log)
    {
        (_metrics, _options, _clock, _log) = (metrics, options.Value, clock, log);
        _sources = [.. _options.Hosts.Select(url => new PulseSource(http, url, _options.StatusToken ?? "", clock))];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(_options.StatusToken))
        {
            _metrics.Publish(RadiusFeed.NotYet with { Problem = "RADIUS figures are off: Radius:StatusToken is not set." });
            NoToken(_log);
            return;
        }

        using var timer = new PeriodicTimer(Interval, _clock);
        do
        {
            await FetchAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task FetchAsync(CancellationToken ct)
    {
        var before = Array.ConvertAll(_sources, s => s.State);
        await Task.WhenAll(_sources.Select(s => s.FetchAsync(ct)));
        foreach (var (source, was) in _sources.Zip(before))
        {
            Log(source.State, was);
        }

        PublishNas();
        foreach (var (tenantId, second) in _sums.Add(_sources))
        {
            _metrics.Publish(tenantId, second);
        }

        PublishFeed();
    }

    /// <summary>A RadiusHost that is not heard keeps its part of the counts, or the others' would seem to have gone back.</summary>
    private void PublishNas()
    {
        foreach (var company in _sources.SelectMany(s => s.Nas).GroupBy(n => n.Key))
        {
            _metrics.Publish(company.Key, company.SelectMany(c => c.Value).GroupBy(n => n.NasId).Select(PulseSums.Of), _clock.GetUtcNow().UtcDateTime);
        }
    }

    private void PublishFeed()
    {
        var (heard, known, last) = (_sources.Any(s => s.State.IsHeard), _metrics.Feed, _sources.Max(s => s.State.HeardAt));
        var since = heard == known.IsHeard && known.Since is not null ? known.Since : last; // the last answer of the last that was heard
        since ??= _sources.All(s => s.HasMissed) ? _clock.GetUtcNow().UtcDateTime : null;
        var counting = _sources.Where(s => s.State.IsHeard).DefaultIfEmpty(_sources[0]).ToList();
        _metrics.Publish(new RadiusFeed(
            since, heard ? null : _sources[0].State.Problem, last, counting.Sum(s => s.State.JournalDepth), counting.All(s => s.State.JournalHealthy), counting.All(s => s.State.DatabaseReachable))
        {
            JournalOldest = counting.Max(s => s.JournalOldest),
            TlsCertificateExpiresAt = counting.Min(s => s.TlsCertificateExpiresAt),
            DeadLetters = _sources.Sum(s => s.DeadLetters),
            LoginsNotLogged = _sources.Sum(s => s.LoginsNotLogged),
            Hosts = [.. _sources.Select(s => s.State)],
        });
    }

    private void Log(RadiusHostState now, RadiusHostState before)
    {
        if (now.IsHeard && !before.IsHeard)
        {
            Heard(_log, now.Name);
        }
        else if (!now.IsHeard && now.Problem != before.Problem)
        {
            NotHeard(_log, now.Name, now.Problem!);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "RadiusHost {Host} is heard")]
    private static partial void Heard(ILogger log, string host);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Host}: {Problem} Its RADIUS figures are unknown until it does")]
    private static partial void NotHeard(ILogger log, string host, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Radius:StatusToken is not set: the NOC shows no RADIUS figures")]
    private static partial void NoToken(ILogger log);
}
