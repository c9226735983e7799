using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DataDefender.Sandbox;
using DataDefender.Testing;

namespace DataDefender.Infrastructure.Tests.Sandbox;

/// <summary>
/// The simulated API judged by a client that others wrote for real routers: node-routeros 1.6.9. It crashes on <c>!empty</c>,
/// so it talks to personalities of before 7.18.
/// </summary>
public sealed class NodeRouterOsTests : IDisposable
{
    private const string Script =
        """
        const { RouterOSAPI } = require("node-routeros");
        const [host, port, password] = process.argv.slice(2);
        const said = {};
        (async () => {
          const wrong = new RouterOSAPI({ host, port: Number(port), user: "admin", password: "not it", timeout: 10 });
          said.wrongPassword = await wrong.connect().then(() => "let in", e => e.message);
          const client = new RouterOSAPI({ host, port: Number(port), user: "admin", password, timeout: 10, keepalive: true });
          client.on("error", e => { said.error = String(e); });
          await client.connect();
          said.identity = (await client.write("/system/identity/print"))[0].name;
          const added = await client.write("/ppp/secret/add", ["=name=wanjiku", "=password=pw", "=service=pppoe", "=comment=first"]);
          said.id = added[0].ret;
          await client.write("/ppp/secret/add", ["=name=otieno", "=password=pw"]);
          await client.write("/ppp/secret/add", ["=name=kamau", "=password=pw", "=comment=third"]);
          said.duplicate = await client.write("/ppp/secret/add", ["=name=wanjiku"]).then(() => "added", e => e.message);
          said.either = (await client.write("/ppp/secret/print", ["?name=wanjiku", "?name=kamau", "?#|"])).map(r => r.name);
          said.neither = (await client.write("/ppp/secret/print", ["?comment", "?#!"])).map(r => r.name);
          said.proplist = Object.keys((await client.write("/ppp/secret/print", ["=.proplist=.id,name", "?name=otieno"]))[0]);
          await client.write("/ppp/secret/set", ["=.id=" + said.id, "=profile=default-encryption", "=comment=changed"]);
          said.changed = (await client.write("/ppp/secret/print", ["?.id=" + said.id])).map(r => [r.profile, r.comment, r.disabled]);
          said.parallel = (await Promise.all(Array.from({ length: 20 }, (_, i) => client.write(i % 2 ? "/system/resource/print" : "/interface/print")))).map(r => r.length);
          const heard = [];
          const stream = client.stream(["/ppp/secret/listen"], (e, row) => { if (row) heard.push(row); });
          await client.write("/system/identity/print");
          await client.write("/ppp/secret/remove", ["=.id=" + said.id]);
          for (let i = 0; i < 200 && heard.length === 0; i++) await new Promise(r => setTimeout(r, 10));
          said.heard = heard.map(h => [h[".id"], h[".dead"]]);
          await stream.stop();
          said.removedTwice = await client.write("/ppp/secret/remove", ["=.id=" + said.id]).then(() => "removed", e => e.message);
          said.pings = (await client.write("/ping", ["=address=8.8.8.8", "=count=3", "=interval=10ms"])).map(r => r.seq);
          said.left = (await client.write("/ppp/secret/print")).map(r => r.name);
          await client.close();
        })().catch(e => { said.failed = String(e && e.stack || e); }).finally(() => { console.log(JSON.stringify(said)); process.exit(0); });
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("sandbox-node-").FullName;

    [Theory]
    [InlineData("v6.42")]
    [InlineData("v6.49")]
    [InlineData("v7.9")]
    public async Task An_independent_client_finds_a_router_there(string personality)
    {
        var node = Requires.Program("node", "node is not installed.");
        await InstallAsync();
        await using var world = await SandboxRouterApiTests.StartAsync(personality, r => r.Password = "secret");
        var at = world.Routers[0].ApiEndPoint!;

        var output = await RunAsync(node, Path.Combine(_folder, "client.js"), at.Address.ToString(), at.Port.ToString(CultureInfo.InvariantCulture), "secret");
        var said = JsonDocument.Parse(output).RootElement;

        Assert.False(said.TryGetProperty("failed", out var failure), failure.ToString());
        Assert.False(said.TryGetProperty("error", out var error), error.ToString());
        Assert.NotEqual("let in", said.GetProperty("wrongPassword").GetString());
        Assert.Equal("router1", said.GetProperty("identity").GetString());
        Assert.Equal("failure: secret with the same name already exists", said.GetProperty("duplicate").GetString());
        Assert.Equal(["wanjiku", "kamau"], Strings(said.GetProperty("either")));
        Assert.Equal(["otieno"], Strings(said.GetProperty("neither")));
        Assert.Equal([".id", "name"], Strings(said.GetProperty("proplist")));
        Assert.Equal(["default-encryption", "changed", "false"], Strings(said.GetProperty("changed")[0]));
        var interfaces = world.Routers[0].Count("/interface");
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? interfaces : 1), said.GetProperty("parallel").EnumerateArray().Select(n => n.GetInt32()));
        Assert.Equal([said.GetProperty("id").GetString(), personality.StartsWith("v6", StringComparison.Ordinal) ? "yes" : "true"], Strings(said.GetProperty("heard")[0]));
        Assert.Equal("no such item", said.GetProperty("removedTwice").GetString());
        Assert.Equal(["0", "1", "2"], Strings(said.GetProperty("pings")));
        Assert.Equal(["otieno", "kamau"], Strings(said.GetProperty("left")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IEnumerable<string?> Strings(JsonElement array) => array.EnumerateArray().Select(e => e.GetString());

    private async Task InstallAsync()
    {
        var npm = Requires.Program("npm", "npm is not installed.");
        await File.WriteAllTextAsync(Path.Combine(_folder, "client.js"), Script);
        await RunAsync(npm, "install", "--prefix", _folder, "--no-audit", "--no-fund", "--loglevel=error", "node-routeros@1.6.9");
        Requires.That(Directory.Exists(Path.Combine(_folder, "node_modules", "node-routeros")), "npm could not fetch node-routeros.");
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0 ? output : $"{output}{await errors}";
    }
}
