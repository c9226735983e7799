using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.Web.Tests.Security;

public class DirectWeb : TestWeb
{
    public string Root { get; private set; } = "";

    protected override Dictionary<string, string?> Settings => new() { ["Callers:EnrolmentsPerMinutePerAddress"] = "3", ["Payments:CallbacksPerMinutePerAddress"] = "10", ["Callers:MessageReportsPerMinutePerAddress"] = "3" };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Root = await ServeAsync();
    }

    /// <summary>The answers to <paramref name="count"/> calls at a door, said to be forwarded for <paramref name="caller"/>.</summary>
    public async Task<List<HttpStatusCode>> CallAsync(string path, string caller, int count, HttpMethod? method = null)
    {
        using var handler = new SocketsHttpHandler();
        using var http = new HttpMessageInvoker(handler);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < count; i++)
        {
            using var request = new HttpRequestMessage(method ?? HttpMethod.Post, Root + path) { Content = new StringContent("{}") };
            request.Headers.Add("X-Forwarded-For", caller);
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            answers.Add(answer.StatusCode);
        }

        return answers;
    }
}

public sealed class ProxiedWeb : DirectWeb
{
    protected override Dictionary<string, string?> Settings => new(base.Settings) { ["Callers:KnownProxies:0"] = "127.0.0.0/8", ["Callers:KnownProxies:1"] = "::1" };
}

/// <summary>Doors where nobody is signed in, on a real port.</summary>
public sealed class CallerLimitsTests(DirectWeb direct, ProxiedWeb proxied) : IClassFixture<DirectWeb>, IClassFixture<ProxiedWeb>
{
    private static string Line => $"/enrol/{new string('a', 48)}.rsc";

    [Fact]
    public async Task Each_door_has_its_own_limit_for_an_address_and_a_header_from_anybody_changes_nothing()
    {
        var hooks = $"/hooks/resend/{Guid.CreateVersion7()}";
        var payments = $"/ipn/{Guid.CreateVersion7()}/{Guid.CreateVersion7()}/confirm/none";

        Assert.Equal(HttpStatusCode.TooManyRequests, (await direct.CallAsync(Line, "203.0.113.1", 4, HttpMethod.Get))[^1]);
        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, await direct.CallAsync(hooks, "203.0.113.2", 3));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await direct.CallAsync(hooks, "203.0.113.3", 1))[0]);
        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, await direct.CallAsync(payments, "203.0.113.4", 10));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await direct.CallAsync(payments, "203.0.113.5", 1))[0]);
    }

    [Fact]
    public async Task Behind_a_known_proxy_each_caller_is_counted_alone_and_a_caller_of_IPv6_by_its_network()
    {
        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests], await proxied.CallAsync(Line, "203.0.113.1", 4, HttpMethod.Get));
        Assert.Equal([HttpStatusCode.NotFound], await proxied.CallAsync(Line, "203.0.113.2", 1, HttpMethod.Get));

        // What a caller wrote before the proxy's own word is not believed.
        Assert.Equal([HttpStatusCode.TooManyRequests], await proxied.CallAsync(Line, "198.51.100.7, 203.0.113.1", 1, HttpMethod.Get));

        await proxied.CallAsync(Line, "2001:db8:1:2::1", 3, HttpMethod.Get);
        Assert.Equal([HttpStatusCode.TooManyRequests], await proxied.CallAsync(Line, "2001:db8:1:2:3::9", 1, HttpMethod.Get));
        Assert.Equal([HttpStatusCode.NotFound], await proxied.CallAsync(Line, "2001:db8:1:3::1", 1, HttpMethod.Get));
    }

    [Fact]
    public void A_proxy_that_is_no_address_is_named_at_start()
    {
        using var web = direct.WithWebHostBuilder(builder => builder.UseSetting("Callers:KnownProxies:0", "proxy.example"));

        var refused = Assert.Throws<OptionsValidationException>(() => web.Services.GetRequiredService<IServiceProvider>());

        Assert.Contains("\"proxy.example\", which is neither an address nor a network", refused.Message, StringComparison.Ordinal);
    }
}
