using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Testing;
using DataDefender.Web.Setup;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataDefender.Benchmarks.Circuits;

/// <summary>
/// The web application in this process, and open NOC dashboards in another: what a circuit costs, how soon an event is on the screens,
/// and whether everything is given back when all of them are cut. A screen shows at most four changes a second: with more than four events a
/// second in one company an event has to wait for the next of them, however idle the machine, so the events are spread over enough companies.
/// </summary>
internal sealed partial class CircuitsBenchmark : Benchmark
{
    public const string Command = "circuits-clients";
    private const string Password = "purple lantern eleven";
    private const int Warm = 8;

    public override string Name => "circuits";

    public override string Purpose => "open dashboards: memory each, event to render, cut all. --circuits 1000 --companies 250 --events 500 --seconds 30 --routers 4";

    public override async Task<int> RunAsync(string[] options)
    {
        var (circuits, companies, events, seconds, routers) =
            (Option(options, "circuits", 1000), Option(options, "companies", 250), Option(options, "events", 500), Option(options, "seconds", 30), Option(options, "routers", 4));
        PrintMachine("circuits");
        await using var database = await TestDatabase.CreateAsync();
        await using var world = TestServices.Over(database);
        await using var app = await StartAsync(database);
        var site = app.Urls.First();
        var places = new List<(Guid Company, IReadOnlyList<Router> Routers)>();
        var mails = new List<string>();
        for (var i = 0; i < companies; i++)
        {
            var company = await TestCompany.CreateAsync(world, $"Company {i}");
            var boxes = new List<Router>();
            for (var r = 0; r < routers; r++)
            {
                boxes.Add(await company.AddRouterAsync($"R{r}"));
            }

            var mail = $"noc{i}@example.test";
            await app.Services.GetRequiredService<IAccounts>().CreateAsync(new NewAccount(company.Id, $"Noc {i}", mail, Role.NocOperator, Password), Actor.System("benchmark"));
            places.Add((company.Id, boxes));
            mails.Add(mail);
        }

        var metrics = app.Services.GetRequiredService<LiveMetrics>();
        var between = TimeSpan.FromSeconds(companies / (double)events);
        Publish(metrics, places, 1, null);
        using var clients = Play(site, circuits, between, mails);
        await SaysAsync(clients, "warm"); // some circuits were opened and closed: everything is compiled and cached
        var before = Settled();
        await TellAsync(clients, "open");
        var opened = await SaysAsync(clients, "opened");
        var after = Settled();
        Print("circuits.open", circuits, "circuits");
        Print("circuits.connect", double.Parse(opened[1], CultureInfo.InvariantCulture), "circuits/s");
        Print("circuits.heap", (after - before) / 1024.0 / circuits, "KB/circuit");

        await TellAsync(clients, "begin");
        await SaysAsync(clients, "begun");
        var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var stopwatch = Stopwatch.StartNew();
        var published = 0L;
        var (paused, collections, longest, last) = (GC.GetTotalPauseDuration(), (int[])[.. Enumerable.Range(0, 3).Select(GC.CollectionCount)], TimeSpan.Zero, 0L);
        while (stopwatch.Elapsed < TimeSpan.FromSeconds(seconds))
        {
            for (var due = (long)(stopwatch.Elapsed.TotalSeconds * events); published < due; published++)
            {
                Publish(metrics, places, 2 + (published / companies), (int)(published % companies));
            }

            if (GC.GetGCMemoryInfo(GCKind.Any) is { Index: var index } collection && index != last)
            {
                (last, longest) = (index, TimeSpan.FromTicks(Math.Max(longest.Ticks, collection.PauseDurations[0].Ticks)));
            }

            await Task.Delay(2);
        }

        Print("circuits.gc", (GC.GetTotalPauseDuration() - paused) / stopwatch.Elapsed * 100, $"% of the time, {string.Join(", ", collections.Select((before, generation) => $"{GC.CollectionCount(generation) - before} of generation {generation}"))}");
        Print("circuits.gc.longest", longest.TotalMilliseconds, "ms, the longest pause seen");
        process.Refresh();
        Print("circuits.events", published / stopwatch.Elapsed.TotalSeconds, "events/s");
        Print("circuits.server_cpu", (process.TotalProcessorTime - cpu) / stopwatch.Elapsed * 100, "% of a core");
        await TellAsync(clients, "end");
        var ended = await SaysAsync(clients, "measured");
        Print("circuits.rendered", double.Parse(ended[1], CultureInfo.InvariantCulture) / stopwatch.Elapsed.TotalSeconds, "batches/s");
        Print("circuits.event_to_render.p50", double.Parse(ended[2], CultureInfo.InvariantCulture), "ms");
        Print("circuits.event_to_render.p95", double.Parse(ended[3], CultureInfo.InvariantCulture), "ms");
        Print("circuits.event_to_render.p99", double.Parse(ended[4], CultureInfo.InvariantCulture), "ms");
        Print("circuits.event_to_render.count", double.Parse(ended[5], CultureInfo.InvariantCulture), "events seen");
        Print("circuits.client_cpu", double.Parse(ended[6], CultureInfo.InvariantCulture) / stopwatch.Elapsed.TotalSeconds * 100, "% of a core");
        Print("circuits.alive", double.Parse(ended[7], CultureInfo.InvariantCulture), "circuits");
        Print("circuits.heap_after_events", (Settled() - before) / 1024.0 / circuits, "KB/circuit");

        await TellAsync(clients, "cut");
        await SaysAsync(clients, "gone");
        var patience = Stopwatch.StartNew();
        var left = Settled();
        while (left - before > 0.05 * (after - before) && patience.Elapsed < TimeSpan.FromSeconds(40))
        {
            await Task.Delay(2000); // circuits that lost their client are kept for a moment, here ten seconds
            left = Settled();
        }

        Print("circuits.left_after_cut", (left - before) / 1024.0 / circuits, "KB/circuit");
        Print("circuits.given_back_after", patience.Elapsed.TotalSeconds, "s");
        PrintMachine("circuits.end");
        return 0;
    }

    /// <summary>The other process: as many tabs as asked, told what to do by lines on its input.</summary>
    public static async Task<int> PlayAsync(string[] arguments)
    {
        var (site, count, between) = (new Uri(arguments[0] + "/"), int.Parse(arguments[1], CultureInfo.InvariantCulture), TimeSpan.FromTicks(long.Parse(arguments[2], CultureInfo.InvariantCulture)));
        var people = new List<(HttpClient Http, string Cookies)>();
        foreach (var mail in arguments[3].Split(','))
        {
            people.Add(await SignInAsync(site, mail));
        }

        var warm = await OpenAsync(site, people, Warm, between);
        await Task.Delay(1500);
        await CloseAsync(warm);
        await Task.Delay(12_000);
        Console.WriteLine("warm");
        await Console.In.ReadLineAsync();
        var began = Stopwatch.StartNew();
        var tabs = await OpenAsync(site, people, count, between);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"opened {count / began.Elapsed.TotalSeconds:0.#}"));
        await Console.In.ReadLineAsync();
        tabs.ForEach(t => t.Begin());
        var (batches, cpu) = (tabs.Sum(t => (long)t.Batches), Process.GetCurrentProcess().TotalProcessorTime);
        Console.WriteLine("begun");
        await Console.In.ReadLineAsync();
        await Task.Delay(500);
        var all = tabs.SelectMany(t => t.Latencies.ToArray()).Order().ToList();
        double At(double share) => all.Count == 0 ? double.NaN : all[Math.Min(all.Count - 1, (int)(share * all.Count))];
        var spent = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"measured {tabs.Sum(t => (long)t.Batches) - batches} {At(0.5):0.##} {At(0.95):0.##} {At(0.99):0.##} {all.Count} {spent.TotalSeconds:0.##} {tabs.Count(t => t.IsOpen)}"));
        await Console.In.ReadLineAsync();
        await CloseAsync(tabs);
        Console.WriteLine("gone");
        return 0;
    }

    private static async Task<WebApplication> StartAsync(TestDatabase database)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "DataDefender.Web", ContentRootPath = database.Folder.FullName, EnvironmentName = Environments.Development });
        foreach (var (key, value) in TestServices.Settings(database))
        {
            builder.Configuration[key] = value;
        }

        builder.Configuration["SignIn:AttemptsPerMinutePerAddress"] = "10000";
        builder.Logging.ClearProviders();
        builder.AddDataDefender();
        builder.Services.Configure<Microsoft.AspNetCore.Components.Server.CircuitOptions>(circuits =>
        {
            (circuits.DisconnectedCircuitMaxRetained, circuits.DisconnectedCircuitRetentionPeriod) = (200, TimeSpan.FromSeconds(10));
        });
        foreach (var worker in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && IsOurs(s.ImplementationType ?? s.ImplementationFactory?.Method.DeclaringType)).ToList())
        {
            builder.Services.Remove(worker); // what is published here stands for the pollers
        }

        var app = builder.Build();
        app.UseDataDefender();
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        return app;

        static bool IsOurs(Type? worker) => worker?.Namespace?.StartsWith("DataDefender.Infrastructure", StringComparison.Ordinal) is true;
    }

    private static void Publish(LiveMetrics metrics, List<(Guid Company, IReadOnlyList<Router> Routers)> places, long sequence, int? only)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        for (var c = only ?? 0; c <= (only ?? places.Count - 1); c++)
        {
            var (company, routers) = places[c];
            for (var r = 0; r < (only is null ? routers.Count : 1); r++)
            {
                metrics.Publish(new RouterSnapshot(
                    company, routers[r].Id, routers[r].Name, now, r == 0 ? RouterState.Degraded : RouterState.Up, r == 0 ? string.Create(CultureInfo.InvariantCulture, $"mark-{sequence}-{Stopwatch.GetTimestamp()}.") : null, now,
                    20, 400, 1000, TimeSpan.FromDays(3), 120, 80_000_000 + sequence, 9_000_000, 12, []));
            }
        }
    }

    private static Process Play(string site, int circuits, TimeSpan between, List<string> mails)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CircuitsBenchmark).Assembly.Location, Command, site, circuits.ToString(CultureInfo.InvariantCulture), between.Ticks.ToString(CultureInfo.InvariantCulture), string.Join(',', mails)])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    private static async Task TellAsync(Process clients, string word)
    {
        await clients.StandardInput.WriteLineAsync(word);
        await clients.StandardInput.FlushAsync();
    }

    private static async Task<string[]> SaysAsync(Process clients, string word)
    {
        while (await clients.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(word, StringComparison.Ordinal))
            {
                return line.Split(' ');
            }

            Console.WriteLine(line);
        }

        throw new InvalidOperationException($"The clients ended before they said “{word}”.");
    }

    private static long Settled()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task<(HttpClient, string)> SignInAsync(Uri site, string mail)
    {
        var cookies = new CookieContainer();
#pragma warning disable RS0030 // one client a person, for as long as the process lives
        var http = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false });
#pragma warning restore RS0030
        var page = await http.GetStringAsync(new Uri(site, "sign-in"));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in", ["__RequestVerificationToken"] = Form().Match(page).Groups["token"].Value, ["Input.Email"] = mail, ["Input.Password"] = Password,
        });
        using var answer = await http.PostAsync(new Uri(site, "sign-in"), form);
        return answer.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.Found
            ? (http, string.Join("; ", cookies.GetCookies(site).Select(c => $"{c.Name}={c.Value}")))
            : throw new InvalidOperationException($"{mail} could not sign in: {answer.StatusCode}.");
    }

    private static async Task<List<CircuitClient>> OpenAsync(Uri site, List<(HttpClient Http, string Cookies)> people, int count, TimeSpan between)
    {
        var tabs = Enumerable.Range(0, count).Select(i => new CircuitClient(people[i % people.Count].Http, site, people[i % people.Count].Cookies, "noc", between)).ToList();
        await Parallel.ForEachAsync(tabs, new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (tab, ct) => await tab.OpenAsync(CancellationToken.None));
        return tabs;
    }

    private static async Task CloseAsync(List<CircuitClient> tabs)
    {
        tabs.ForEach(t => t.Cut());
        foreach (var tab in tabs)
        {
            await tab.DisposeAsync();
        }
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex Form();
}
