using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Status;
using DataDefender.Testing;

namespace DataDefender.RadiusHost.Tests;

public sealed class StatusTests(StatusTests.WithToken fixture) : IClassFixture<StatusTests.WithToken>
{
    private const string Token = "the token of the test";

    [Fact]
    public async Task Health_says_alive_and_ready()
    {
        using var http = fixture.Host.Http();

        Assert.Equal("alive", await http.GetStringAsync("/health/live"));
        var ready = await http.GetFromJsonAsync<JsonElement>("/health/ready");
        Assert.True(ready.GetProperty("ready").GetBoolean());
        Assert.Equal("Database", ready.GetProperty("source").GetString());
    }

    [Fact]
    public async Task Metrics_count_logins_by_outcome_in_the_Prometheus_form()
    {
        await fixture.AddLineAsync("measured");
        await fixture.Host.Client().PapAsync("measured", HostFixture.Password);
        await fixture.Host.Client().PapAsync("measured", "guessed");
        using var http = fixture.Host.Http();

        var text = await http.GetStringAsync("/metrics");

        Assert.Contains($"radius_logins_total{{tenant=\"{fixture.Company.Id}\",outcome=\"Accepted\"}} ", text, StringComparison.Ordinal);
        Assert.Contains("radius_login_seconds{quantile=\"0.99\"} ", text, StringComparison.Ordinal);
        Assert.Contains($"radius_nas_logins_total{{tenant=\"{fixture.Company.Id}\",nas=\"{fixture.Nas.Id}\",name=\"{fixture.Nas.Name}\",result=\"accepted\"}} ", text, StringComparison.Ordinal);
        var nas = $"tenant=\"{fixture.Company.Id}\",nas=\"{fixture.Nas.Id}\",name=\"{fixture.Nas.Name}\"";
        Assert.Contains($"radius_nas_rejects_total{{{nas},reason=\"WrongPassword\"}} ", text, StringComparison.Ordinal);
        Assert.DoesNotContain($"radius_nas_rejects_total{{{nas},reason=\"CompanySuspended\"}} ", text, StringComparison.Ordinal); // only what there was: a thousand NAS would have sixteen thousand series
        Assert.Contains($"radius_nas_login_seconds{{{nas},quantile=\"0.99\"}} ", text, StringComparison.Ordinal);
        Assert.Contains("radius_login_duration_seconds_bucket{le=\"+Inf\"} ", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE radius_login_duration_seconds histogram", text, StringComparison.Ordinal);
        foreach (var name in (string[])["radius_tls_connections", "radius_tls_refused_total", "radius_dropped_total", "radius_journal_depth", "radius_journal_oldest_seconds", "radius_duplicates_total", "radius_nas_duplicates_total"])
        {
            Assert.Contains($"# TYPE {name} ", text, StringComparison.Ordinal);
        }

        var buckets = text.Split('\n').Where(l => l.StartsWith("radius_login_duration_seconds_bucket", StringComparison.Ordinal)).Select(l => double.Parse(l.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(buckets.Order(), buckets);
        Assert.True(buckets[^1] > 0);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+({[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*})? [-0-9.E+]+)$", line));
        var types = text.Split('\n').Where(l => l.StartsWith("# TYPE", StringComparison.Ordinal)).ToList();
        Assert.Equal(types.Distinct().Count(), types.Count);
    }

    [Fact]
    public async Task The_pulse_is_for_those_who_have_the_token()
    {
        using var http = fixture.Host.Http();

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/pulse")).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "another");
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/pulse")).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/pulse")).StatusCode);
    }

    [Fact]
    public async Task The_pulse_gives_each_second_once()
    {
        await fixture.AddLineAsync("pulsing");
        using var http = fixture.Host.Http();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        await Eventually.Is(() => fixture.Host.Service<PulseSampler>().Sequence > 0);
        var start = (await http.GetFromJsonAsync<JsonElement>("/pulse")).GetProperty("sequence").GetInt64();
        await fixture.Host.Client().PapAsync("pulsing", HostFixture.Password);
        await fixture.Host.Client().PapAsync("pulsing", "wrong");
        await fixture.Host.Client().AskAsync(fixture.Host.Client().AccountingRequest(AcctStatusType.Start, "pulsing", "pulse-1"));

        var (accepts, rejects, starts, seen) = (0L, 0L, 0L, new List<long>());
        JsonElement report = default;
        await Eventually.Is(async () =>
        {
            report = await http.GetFromJsonAsync<JsonElement>($"/pulse?since={start}");
            var company = report.GetProperty("companies").EnumerateArray().Single(c => c.GetProperty("tenantId").GetGuid() == fixture.Company.Id);
            foreach (var second in company.GetProperty("seconds").EnumerateArray())
            {
                seen.Add(second.GetProperty("sequence").GetInt64());
                accepts += second.GetProperty("accepts").GetInt64();
                rejects += second.GetProperty("rejects").TryGetProperty("WrongPassword", out var wrong) ? wrong.GetInt64() : 0;
                starts += second.GetProperty("starts").GetInt64();
            }

            start = report.GetProperty("sequence").GetInt64();
            return accepts >= 1 && rejects >= 1 && starts >= 1;
        });

        Assert.Equal((1, 1), (rejects, starts));
        Assert.Equal(seen.Distinct(), seen);
        Assert.Contains(report.GetProperty("companies").EnumerateArray().SelectMany(c => c.GetProperty("nas").EnumerateArray()), n => n.GetProperty("nasId").GetGuid() == fixture.Nas.Id && n.GetProperty("lastSeenAt").ValueKind is JsonValueKind.String);
    }

    public sealed class WithToken : HostFixture
    {
        protected override (string Key, string Value)[] Settings => [("Radius:StatusToken", Token)];
    }
}
