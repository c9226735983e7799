using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DataDefender.Domain.Monitoring;

namespace DataDefender.Infrastructure.Monitoring;

/// <summary>One RadiusHost as it is heard: what is new since the last answer, and what it last said.</summary>
internal sealed class PulseSource(IHttpClientFactory http, Uri url, string token, TimeProvider clock)
{
    // A single lost answer is no news: a screen that flickers teaches people to look away.
    private const int MissesUntilUnknown = 3;

    private Guid _instance;
    private long _sequence;
    private int _misses;

    public RadiusHostState State { get; private set; } = new(url.Authority, null, RadiusFeed.NotYet.Problem, 0, true, true);

    /// <summary>Whether it has not answered for so long that this is news.</summary>
    public bool HasMissed => _misses >= MissesUntilUnknown;

    /// <summary>The second up to which it has told all, by its own clock.</summary>
    public DateTime Reached { get; private set; }

    public TimeSpan? JournalOldest { get; private set; }

    public long DeadLetters { get; private set; }

    public long LoginsNotLogged { get; private set; }

    public DateTime? TlsCertificateExpiresAt { get; private set; }

    /// <summary>By company, as it last said.</summary>
    public Dictionary<Guid, IReadOnlyList<NasPulse>> Nas { get; } = [];

    /// <summary>The seconds that the last <see cref="FetchAsync"/> brought, oldest first; none when it was not answered.</summary>
    public List<(Guid TenantId, CompanyPulseDocument Company, SecondDocument Second)> News { get; } = [];

    public async Task FetchAsync(CancellationToken ct)
    {
        News.Clear();
        try
        {
            using var client = http.CreateClient(RadiusPulseFeed.ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, $"pulse?since={_sequence}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request, ct);
            if (response.IsSuccessStatusCode)
            {
                Take(await response.Content.ReadFromJsonAsync(PulseJson.Default.PulseDocument, ct) ?? throw new JsonException("The pulse is empty."));
                return;
            }

            Miss(response.StatusCode switch
            {
                HttpStatusCode.Unauthorized => "RadiusHost refuses our token: Radius:StatusToken differs between the two processes.",
                HttpStatusCode.NotFound => "RadiusHost tells no pulse: its Radius:StatusToken is not set.",
                _ => $"RadiusHost answers {(int)response.StatusCode}.",
            });
        }
        catch (Exception ex) when (ex is HttpRequestException or JsonException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            Miss(ex is OperationCanceledException ? "RadiusHost does not answer in time." : ex is JsonException ? "RadiusHost's pulse cannot be read." : "RadiusHost does not answer.");
        }
    }

    private void Take(PulseDocument pulse)
    {
        if (pulse.Instance != _instance)
        {
            (_instance, _sequence) = (pulse.Instance, 0); // restarted: its numbers begin anew
        }

        foreach (var company in pulse.Companies ?? [])
        {
            Nas[company.TenantId] = [.. (company.Nas ?? []).Select(ToNas)];
            News.AddRange((company.Seconds ?? []).Where(s => s.Sequence > _sequence).OrderBy(s => s.Sequence).Select(s => (company.TenantId, company, s)));
        }

        (_sequence, _misses) = (Math.Max(_sequence, pulse.Sequence), 0);
        Reached = PulseSums.Whole(pulse.At - TimeSpan.FromSeconds(1));
        State = new RadiusHostState(
            url.Authority, clock.GetUtcNow().UtcDateTime, null, pulse.Journal?.Depth ?? 0, pulse.Journal?.Healthy ?? true, pulse.Directory?.DatabaseReachable ?? true);
        JournalOldest = pulse.Journal?.OldestSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        DeadLetters = pulse.Journal?.DeadLetters ?? 0;
        LoginsNotLogged = pulse.LoginsNotLogged;
        TlsCertificateExpiresAt = pulse.TlsCertificateExpiresAt?.UtcDateTime;
    }

    private void Miss(string problem)
    {
        _misses++;
        if (HasMissed)
        {
            State = State with { Problem = problem };
        }
    }

    private static NasPulse ToNas(NasPulseDocument nas) => new(
        nas.NasId, nas.LastSeenAt?.UtcDateTime, nas.Accepts, nas.Rejects, nas.Accounting, nas.BadAuthenticators, nas.Duplicates, nas.MessageAuthenticatorSeen)
    {
        Reasons = PulseSums.Counts((nas.Reasons ?? new Dictionary<string, long>()).Select(r => (r.Key, (int)Math.Min(r.Value, int.MaxValue)))),
        MedianMicroseconds = nas.MedianMicroseconds,
        P99Microseconds = nas.P99Microseconds,
    };
}
