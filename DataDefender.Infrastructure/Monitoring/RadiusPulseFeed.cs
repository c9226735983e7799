using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Monitoring;

/// <summary>Section "Radius": where RadiusHost tells how it fares, and the token that it wants for that.</summary>
public sealed class RadiusStatusOptions : IValidateOptions<RadiusStatusOptions>
{
    public string StatusUrl { get; set; } = "http://127.0.0.1:5081";

    /// <summary>The same in both processes. Without one RadiusHost tells nothing and the NOC's RADIUS figures stay unknown.</summary>
    public string? StatusToken { get; set; }

    public ValidateOptionsResult Validate(string? name, RadiusStatusOptions options) =>
        Uri.TryCreate(options.StatusUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Radius:StatusUrl “{options.StatusUrl}” is not an http address.");
}

/// <summary>
/// Fetches RadiusHost's pulse each second and hands it to the screens. While RadiusHost is not heard the pulse is unknown since its last
/// answer; it never becomes zero.
/// </summary>
internal sealed partial class RadiusPulseFeed(
    IHttpClientFactory http, LiveMetrics metrics, IOptions<RadiusStatusOptions> options, TimeProvider clock, ILogger<RadiusPulseFeed> log) : BackgroundService
{
    public const string ClientName = "radius-pulse";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A single lost answer is no news: a screen that flickers teaches people to look away.
    private const int MissesUntilUnknown = 3;

    private Guid _instance;
    private long _sequence;
    private int _misses;
    private DateTime? _heardAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(options.Value.StatusToken))
        {
            metrics.Publish(RadiusFeed.NotYet with { Problem = "RADIUS figures are off: Radius:StatusToken is not set." });
            NoToken(log);
            return;
        }

        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await FetchAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task FetchAsync(CancellationToken ct)
    {
        try
        {
            using var client = http.CreateClient(ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{options.Value.StatusUrl.TrimEnd('/')}/pulse?since={_sequence}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.StatusToken);
            using var response = await client.SendAsync(request, ct);
            if (!response.IsSuccessStatusCode)
            {
                Miss(response.StatusCode switch
                {
                    HttpStatusCode.Unauthorized => "RadiusHost refuses our token: Radius:StatusToken differs between the two processes.",
                    HttpStatusCode.NotFound => "RadiusHost tells no pulse: its Radius:StatusToken is not set.",
                    _ => $"RadiusHost answers {(int)response.StatusCode}.",
                });
                return;
            }

            Take(await response.Content.ReadFromJsonAsync(PulseJson.Default.PulseDocument, ct) ?? throw new JsonException("The pulse is empty."));
        }
        catch (Exception ex) when (ex is HttpRequestException or JsonException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            Miss(ex is OperationCanceledException ? "RadiusHost does not answer in time." : ex is JsonException ? "RadiusHost's pulse cannot be read." : "RadiusHost does not answer.");
        }
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private void Take(PulseDocument pulse)
    {
        if (pulse.Instance != _instance)
        {
            (_instance, _sequence) = (pulse.Instance, 0); // restarted: its numbers begin anew
        }

        var since = _sequence;
        foreach (var company in pulse.Companies ?? [])
        {
            metrics.Publish(company.TenantId, [.. (company.Nas ?? []).Select(ToNas)], Now);
            foreach (var second in (company.Seconds ?? []).Where(s => s.Sequence > since).OrderBy(s => s.Sequence))
            {
                metrics.Publish(company.TenantId, ToPulse(company, second, pulse.Journal?.Depth ?? 0));
            }
        }

        _sequence = Math.Max(since, pulse.Sequence);
        (_misses, _heardAt) = (0, Now);
        if (!metrics.Feed.IsHeard)
        {
            Heard(log);
        }

        metrics.Publish(new RadiusFeed(
            metrics.Feed.IsHeard ? metrics.Feed.Since : _heardAt, null, _heardAt, pulse.Journal?.Depth ?? 0, pulse.Journal?.Healthy ?? true, pulse.Directory?.DatabaseReachable ?? true)
        {
            JournalOldest = pulse.Journal?.OldestSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            DeadLetters = pulse.Journal?.DeadLetters ?? 0,
        });
    }

    private void Miss(string problem)
    {
        if (++_misses < MissesUntilUnknown || (!metrics.Feed.IsHeard && metrics.Feed.Problem == problem))
        {
            return;
        }

        NotHeard(log, problem);
        var since = metrics.Feed.IsHeard || metrics.Feed.Since is null ? _heardAt ?? Now : metrics.Feed.Since;
        metrics.Publish(metrics.Feed with { Since = since, Problem = problem, HeardAt = _heardAt });
    }

    private static RadiusPulse ToPulse(CompanyPulseDocument company, SecondDocument second, long journalDepth)
    {
        // A reason that this build does not know still counts among the rejects.
        var rejects = second.Rejects ?? new Dictionary<string, int>();
        return new RadiusPulse(
            second.At.UtcDateTime, second.Accepts, rejects.Values.Sum(), second.Starts + second.Interims + second.Stops + second.Other,
            second.MedianMicroseconds, second.P99Microseconds, company.OpenSessions, journalDepth)
        {
            WalledGardenPerSecond = second.WalledGarden,
            DuplicatesPerSecond = second.Duplicates,
            Rejects = [.. rejects.Where(r => Enum.IsDefined(typeof(LoginOutcome), r.Key)).Select(r => new OutcomeCount(Enum.Parse<LoginOutcome>(r.Key), r.Value))],
        };
    }

    private static NasPulse ToNas(NasPulseDocument nas) => new(
        nas.NasId, nas.LastSeenAt?.UtcDateTime, nas.Accepts, nas.Rejects, nas.Accounting, nas.BadAuthenticators, nas.Duplicates, nas.MessageAuthenticatorSeen);

    [LoggerMessage(Level = LogLevel.Information, Message = "RadiusHost is heard.")]
    private static partial void Heard(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem} RADIUS figures are unknown until it does.")]
    private static partial void NotHeard(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Radius:StatusToken is not set: the NOC shows no RADIUS figures.")]
    private static partial void NoToken(ILogger log);
}
