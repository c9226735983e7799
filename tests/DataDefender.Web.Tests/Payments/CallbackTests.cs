using System.Net;
using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using DataDefender.Web.Tests.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Payments;

public sealed class CallbackWeb : TestWeb
{
    /// <summary>Where it listens.</summary>
    public string Root { get; private set; } = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Root = await ServeAsync();
    }

    protected override Dictionary<string, string?> Settings => new() { ["Payments:PublicUrl"] = "http://localhost", ["Payments:CallbacksPerMinutePerAddress"] = "100000" };
}

/// <summary>The door that providers call, on a real port.</summary>
public sealed class CallbackTests(CallbackWeb web) : IClassFixture<CallbackWeb>
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_callback_a_thousand_times_over_32_connections_makes_one_payment()
    {
        var company = await web.AddCompanyAsync();
        var channel = await company.AddChannelAsync();
        var client = await company.AddClientAsync();
        var url = $"{web.Root}{Address(channel).AbsolutePath}";
        var body = $$"""{"TransactionType":"Pay Bill","TransID":"SHH1","TransTime":"20260301110000","TransAmount":"1500.00","BusinessShortCode":"{{channel.ShortCode}}","BillRefNumber":"{{client.AccountNumber}}","MSISDN":"254712000001"}""";
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 32 };
        using var http = new HttpMessageInvoker(handler);
        var answers = new System.Collections.Concurrent.ConcurrentBag<HttpStatusCode>();

        await Parallel.ForEachAsync(Enumerable.Range(0, 1_000), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancel }, async (_, ct) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            using var answer = await http.SendAsync(request, ct);
            answers.Add(answer.StatusCode);
        });

        Assert.Equal(1_000, answers.Count);
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        await WaitAsync(company, db => db.InboundMessages.AllAsync(m => m.Status != InboundStatus.Received));
        await using var db = company.Open();
        var message = Assert.Single(await db.InboundMessages.ToListAsync(Cancel));
        Assert.Equal((1_000, InboundStatus.Applied), (message.Deliveries, message.Status));
        Assert.Equal(("SHH1", Money.Of(1_500m), client.Id), Assert.Single(await db.ProviderTransactions.Select(t => new ValueTuple<string?, Money, Guid?>(t.Receipt, t.Amount, t.ClientId)).ToListAsync(Cancel)));
        Assert.Single(await db.JournalTransactions.ToListAsync(Cancel));
        Assert.Equal(Money.Of(1_500m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id, Cancel));
    }

    [Fact]
    public async Task What_does_not_parse_is_kept_a_long_body_is_refused_and_another_path_is_nobodys()
    {
        var company = await web.AddCompanyAsync();
        var channel = await company.AddChannelAsync();
        using var http = web.CreateClient();
        var path = Address(channel).AbsolutePath;

        Assert.Equal(HttpStatusCode.OK, await PostAsync(http, path, "<html>not json</html>"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(http, path, new string('x', InboundMessage.MaxBytes + 1)));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(http, path[..^3] + "000", "{}"));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(http, path.Replace("confirm", "pull", StringComparison.Ordinal), "{}"));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(http, path.Replace(company.Id.ToString("N"), Guid.CreateVersion7().ToString("N"), StringComparison.Ordinal), "{}"));

        await using var db = company.Open();
        Assert.Equal("<html>not json</html>", Encoding.UTF8.GetString(Assert.Single(await db.InboundMessages.ToListAsync(Cancel)).Body));
    }

    private Uri Address(PaymentChannel channel) => web.Services.GetRequiredService<ICallbackAddresses>().Of(channel, "callback-secret", CallbackKind.Confirm)!;

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(path, content, Cancel);
        return answer.StatusCode;
    }

    private static async Task WaitAsync(TestCompany company, Func<DataDefenderDbContext, Task<bool>> until)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            await using (var db = company.Open())
            {
                if (await until(db))
                {
                    return;
                }
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
