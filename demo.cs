#:property PublishAot=false

// Builds DataDefender and runs a whole ISP on this machine: the web application, the RADIUS host and, as the world outside, the
// Sandbox with simulated routers and subscribers. Ctrl-C ends all of them.

#pragma warning disable MA0047 // a file-based program has no namespace

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

return await new Demo(Arguments.Parse(args)).RunAsync();

internal sealed class Demo(Arguments arguments)
{
    private const string DemoPassword = "savanna demo pass";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(180);

    private readonly string _root = FindRoot();
    private readonly string _statusToken = RandomNumberGenerator.GetHexString(32);
    private readonly List<Child> _children = [];
    private readonly TaskCompletionSource<string> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<int> RunAsync()
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            CheckPorts();
            if (arguments.Fresh && Directory.Exists(DataDirectory))
            {
                Directory.Delete(DataDirectory, recursive: true);
            }

            Directory.CreateDirectory(DataDirectory);
            await BuildAsync();
            await SeedAsync();
            Start("sandbox", "DataDefender.Sandbox", "--config", SandboxConfig);
            Start("radius", "DataDefender.RadiusHost");
            Start("web", "DataDefender.Web");
            await Task.WhenAll(
                AnswersAsync($"{SandboxUrl}/health", "the Sandbox"),
                AnswersAsync($"{RadiusStatusUrl}/health/ready", "RadiusHost"),
                AnswersAsync($"{WebUrl}/health/ready", "Web"));
            Welcome();
            var why = await _stop.Task;
            Console.WriteLine(why);
            return why.Length == 0 ? 0 : 1;
        }
        catch (DemoException problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return 1;
        }
        finally
        {
            await Task.WhenAll(_children.Select(c => c.EndAsync()));
        }
    }

    private string DataDirectory => Path.GetFullPath(arguments.Data ?? Path.Combine(_root, "data", "demo"));

    private string SandboxConfig => Path.Combine(DataDirectory, "sandbox.json");

    private string WebUrl => $"http://127.0.0.1:{arguments.Port}";

    private string RadiusStatusUrl => $"http://127.0.0.1:{arguments.Port + 1}";

    private string SandboxUrl => $"http://127.0.0.1:{arguments.Port + 2}";

    private int RouterPorts => arguments.Port + 20;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DataDefender.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DemoException("Run this inside a checkout of DataDefender: DataDefender.sln was not found here or above.");
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stop.TrySetResult("");
    }

    private void CheckPorts()
    {
        Check(arguments.Port, SocketType.Stream, "the web application", "--port");
        Check(arguments.Port + 1, SocketType.Stream, "RadiusHost's status page", "--port");
        Check(arguments.Port + 2, SocketType.Stream, "the Sandbox", "--port");
        Check(arguments.RadiusPort, SocketType.Dgram, "RADIUS authentication", "--radius-port");
        Check(arguments.RadiusPort + 1, SocketType.Dgram, "RADIUS accounting", "--radius-port");

        static void Check(int port, SocketType type, string what, string option)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, type, type is SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            }
            catch (SocketException taken)
            {
                throw new DemoException($"Port {port} for {what} cannot be used ({taken.SocketErrorCode}). Another demo may be running; choose other ports with {option}.");
            }
        }
    }

    private async Task BuildAsync()
    {
        var watch = Stopwatch.StartNew();
        foreach (var project in (string[])["DataDefender.Web", "DataDefender.RadiusHost", Path.Combine("tests", "DataDefender.Sandbox")])
        {
            Console.WriteLine($"Building {Path.GetFileName(project)} …");
            await RunToEndAsync("build", DotNet(_root, ["build", Path.Combine(_root, project), "--nologo", "--verbosity", "quiet"]), $"{project} does not build.");
        }

        Console.WriteLine($"Built in {watch.Elapsed.TotalSeconds:0} s.");
    }

    private async Task SeedAsync()
    {
        Console.WriteLine($"Preparing demo data in {DataDirectory} …");
        var seed = Program("DataDefender.Web", "seed", "demo",
            "--password", DemoPassword,
            "--sandbox-config", SandboxConfig,
            "--sandbox-http-port", $"{arguments.Port + 2}",
            "--web-url", WebUrl,
            "--large", arguments.Large ? "yes" : "no",
            "--router-port", $"{RouterPorts}");
        await RunToEndAsync("seed", seed, "The demo data could not be made.");
    }

    private void Start(string name, string project, params string[] programArguments) =>
        _children.Add(Child.Start(name, Program(project, programArguments), died => _stop.TrySetResult($"{died} has ended, so the demo ends.")));

    private async Task AnswersAsync(string url, string what)
    {
        using var handler = new SocketsHttpHandler();
        using var http = new HttpMessageInvoker(handler);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < StartLimit)
        {
            if (_stop.Task.IsCompleted)
            {
                throw new DemoException(await _stop.Task is { Length: > 0 } why ? why : "Stopped.");
            }

            try
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                using var request = new HttpRequestMessage(HttpMethod.Get, url);
                using var answer = await http.SendAsync(request, limit.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception notYet) when (notYet is HttpRequestException or OperationCanceledException)
            {
                // Still starting.
            }

            await Task.Delay(200);
        }

        throw new DemoException($"{what} did not answer at {url} within {StartLimit.TotalSeconds:0} s; its output above says why.");
    }

    private void Welcome()
    {
        Console.WriteLine();
        Console.WriteLine($"  DataDefender is running:   {WebUrl}");
        Console.WriteLine($"  The world outside:         {SandboxUrl}   (routers, subscribers, faults)");
        Console.WriteLine($"  A customer's phone:        {SandboxUrl}/phone   (prompts to accept, money to send)");
        Console.WriteLine();
        foreach (var account in ReadAccounts())
        {
            Console.WriteLine($"    {account.Role,-14} {account.Email}");
        }

        Console.WriteLine();
        Console.WriteLine($"  Everybody's password is:   {DemoPassword}");
        Console.WriteLine($"  Data: {DataDirectory}   (kept; start anew with --fresh).   Ctrl-C ends everything.");
        Console.WriteLine();
    }

    private IEnumerable<(string Role, string Email)> ReadAccounts()
    {
        using var accounts = JsonDocument.Parse(File.ReadAllText(Path.Combine(DataDirectory, "sign-ins.json")));
        return [.. accounts.RootElement.EnumerateArray().Select(a => (a.GetProperty("role").GetString()!, a.GetProperty("email").GetString()!))];
    }

    private async Task RunToEndAsync(string name, ProcessStartInfo start, string failure)
    {
        var child = Child.Start(name, start, _ => { });
        if (await child.ExitAsync() != 0)
        {
            throw new DemoException(failure);
        }
    }

    private ProcessStartInfo Program(string project, params string[] programArguments)
    {
        var assembly = Path.Combine(_root, "artifacts", "bin", project, "debug", project + ".dll");
        var contentRoot = project is "DataDefender.Sandbox" ? Path.Combine(_root, "tests", project) : Path.Combine(_root, project);
        var start = DotNet(contentRoot, [assembly, .. programArguments]);
        foreach (var (key, value) in Settings(project))
        {
            start.Environment[key] = value;
        }

        return start;
    }

    private Dictionary<string, string> Settings(string project) => new()
    {
        ["DOTNET_ENVIRONMENT"] = "Development",
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["ASPNETCORE_URLS"] = project switch
        {
            "DataDefender.Web" => WebUrl,
            "DataDefender.RadiusHost" => RadiusStatusUrl,
            _ => SandboxUrl,
        },
        ["Database__Provider"] = "Sqlite",
        ["ConnectionStrings__DataDefender"] = $"Data Source={Path.Combine(DataDirectory, "datadefender.db")}",
        ["DataProtection__KeyDirectory"] = Path.Combine(DataDirectory, "keys"),
        ["Radius__JournalDirectory"] = Path.Combine(DataDirectory, "radius"),
        ["Radius__AuthenticationPort"] = $"{arguments.RadiusPort}",
        ["Radius__AccountingPort"] = $"{arguments.RadiusPort + 1}",
        ["Radius__StatusUrl"] = RadiusStatusUrl,
        ["Radius__StatusToken"] = _statusToken,

        // The simulated providers of money live on this machine, and tell it what came in.
        ["Payments__PublicUrl"] = WebUrl,
        ["Payments__AllowedProviders"] = "127.0.0.1",
        ["Payments__PullInterval"] = "00:01:00",
        ["Etims__AllowedHosts"] = "127.0.0.1",

        // The simulated routers live on this machine, which is otherwise no place for a company's router.
        ["RouterOs__DeniedNetworks"] = "169.254.0.0/16",

        // SMS and e-mail go to the Sandbox's providers; its page /outbox shows what reached the customers.
        ["Messaging__AfricasTalkingUrl"] = $"{SandboxUrl}/africastalking",
        ["Messaging__ResendUrl"] = $"{SandboxUrl}/resend",
        ["DOTNET_gcServer"] = "0",
    };

    private static ProcessStartInfo DotNet(string folder, IEnumerable<string> dotnetArguments)
    {
        // "dotnet run" tells its children which host started them; another start finds dotnet on the path.
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        return new ProcessStartInfo(host, dotnetArguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
    }
}

/// <summary>A process whose lines are shown with its name before them.</summary>
internal sealed class Child
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private volatile bool _ending;

    private Child(Process process) => _process = process;

    public static Child Start(string name, ProcessStartInfo start, Action<string> died)
    {
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new DemoException($"The .NET SDK could not be started ({missing.Message}). Install the .NET 10 SDK and put dotnet on the path.");
        }

        var child = new Child(process);
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, line) => Show(line.Data);
        process.ErrorDataReceived += (_, line) => Show(line.Data);
        process.Exited += (_, _) =>
        {
            if (!child._ending)
            {
                died(name);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;

        void Show(string? line)
        {
            if (!string.IsNullOrEmpty(line))
            {
                Console.WriteLine($"{name,8} | {line}");
            }
        }
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, so that it can drain, and ends it if it does not.</summary>
    public async Task EndAsync()
    {
        _ending = true;
        if (_process.HasExited)
        {
            return;
        }

        if (!OperatingSystem.IsWindows())
        {
            _ = Signal(_process.Id, 15);
        }

        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}

internal sealed record Arguments(int Port, int RadiusPort, string? Data, bool Fresh, bool Large)
{
    private const string Usage = "dotnet run demo.cs [-- --port 5080] [--radius-port 1812] [--data DIR] [--fresh] [--large]";

    public static Arguments Parse(string[] args)
    {
        var parsed = new Arguments(5080, 1812, null, false, false);
        for (var i = 0; i < args.Length; i++)
        {
            parsed = args[i] switch
            {
                "--port" => parsed with { Port = PortAt(args, ++i) },
                "--radius-port" => parsed with { RadiusPort = PortAt(args, ++i) },
                "--data" => parsed with { Data = Value(args, ++i) },
                "--fresh" => parsed with { Fresh = true },
                "--large" => parsed with { Large = true },
                "--help" or "-h" => Quit(Usage, 0),
                _ => Quit($"“{args[i]}” is not an option of the demo.\n{Usage}", 2),
            };
        }

        return parsed;
    }

    private static string Value(string[] args, int at) => at < args.Length ? args[at] : Exit<string>($"{args[^1]} needs a value.\n{Usage}");

    private static int PortAt(string[] args, int at) =>
        int.TryParse(Value(args, at), out var port) && port is > 0 and < 65_000 ? port : Exit<int>($"{args[at - 1]} needs a port number from 1 to 64999.\n{Usage}");

    private static T Exit<T>(string message)
    {
        Quit(message, 2);
        throw new UnreachableException();
    }

    private static Arguments Quit(string message, int code)
    {
        (code == 0 ? Console.Out : Console.Error).WriteLine(message);
        Environment.Exit(code);
        throw new UnreachableException();
    }
}

/// <summary>A reason to end that the person at the terminal can do something about.</summary>
internal sealed class DemoException(string message) : Exception(message);
