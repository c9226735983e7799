using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataDefender.Sandbox.Nas;
using DataDefender.Sandbox.RouterOs.Menus;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>
/// One router: its configuration, its API on plain TCP and TLS, and its RADIUS client with the sessions it carries.
/// </summary>
public sealed partial class SimulatedRouter : IAsyncDisposable
{
    private const int LogLines = 1000;

    private readonly Dictionary<string, Table> _tables = new(StringComparer.Ordinal);
    private readonly ApiServer _api;
    private HashSet<IPAddress>? _walled;
    private int _rebooting;
    private string? _downloaded;
    private string _firmware;
    private bool _firmwareScheduled;

    internal SimulatedRouter(RouterOptions options, SandboxOptions world, SimulatedClock clock, ILogger log)
    {
        (Options, World, Clock, Seed) = (options, world, clock, world.Seed);
        Personality = Personality.Find(options.Personality);
        Personality = Personality with { HasIpv6 = Personality.Version.Major >= 7 || options.Ipv6Package };
        _firmware = Release;
        Certificate = OpenCertificate();
        BootedAt = clock.Now - TimeSpan.FromHours(30 + (2000 * Seeded.Unit(Seed, $"{options.Name}:uptime")));
        Scheduler = new Scheduler(clock, log);
        Traffic = new RouterTraffic(this);
        Pools = new AddressPools(this);
        Files = new RouterFiles(this);
        Scripts = new ScriptRunner(this);
        CreateTables();
        Configure();
        Nas = new SimulatedNas(this, log);
        _api = new ApiServer(this, log);
        Table("/ip/firewall/address-list").Store.Listen((row, _) => WallChanged(row));
        Table("/ip/firewall/filter").Store.Listen((_, _) => WallChanged(null));
    }

    public string Name => Options.Name;

    public RouterOptions Options { get; }

    public Personality Personality { get; private set; }

    public FaultSwitchboard Faults { get; } = new();

    /// <summary>Where the plain API listens; null when closed.</summary>
    public IPEndPoint? ApiEndPoint => _api.Plain;

    /// <summary>Where the API over TLS listens; null when closed.</summary>
    public IPEndPoint? TlsEndPoint => _api.Tls;

    /// <summary>Where CoA and Disconnect-Requests arrive; null while <c>/radius/incoming</c> does not accept.</summary>
    public IPEndPoint? CoaEndPoint => Nas.CoaEndPoint;

    /// <summary>Self-signed, made at start unless it was kept.</summary>
    public X509Certificate2 Certificate { get; private set; }

    /// <summary>Its RADIUS client and the lines that end here.</summary>
    public SimulatedNas Nas { get; }

    /// <summary>API connections that are open now.</summary>
    public int ApiConnections => _api.Connections;

    /// <summary>API connections ever accepted.</summary>
    public int ApiConnectionsAccepted => _api.Accepted;

    /// <summary>API commands ever received, logins included.</summary>
    public long ApiCommands => _api.Commands;

    internal Lock Gate { get; } = new();

    internal SandboxOptions World { get; }

    internal SimulatedClock Clock { get; }

    internal int Seed { get; }

    internal Scheduler Scheduler { get; }

    internal ScriptRunner Scripts { get; }

    internal RouterTraffic Traffic { get; }

    internal AddressPools Pools { get; }

    internal RouterFiles Files { get; }

    internal SessionTable Sessions { get; } = new();

    internal IEnumerable<Table> Tables => _tables.Values;

    internal DateTimeOffset BootedAt { get; private set; }

    internal string UplinkInterface => Personality.EthernetPorts[0];

    internal string AccessInterface => Personality.EthernetPorts[1];

    internal TimeSpan LocalOffset { get; } = TimeSpan.FromHours(3);

    internal DateTimeOffset LocalTime => Clock.Now.ToUniversalTime() + LocalOffset;

    internal TimeSpan Uptime => Clock.Now - BootedAt;

    internal string Release => Personality.FullVersion.Split(' ')[0];

    internal string Firmware => _firmware;

    internal string SerialNumber => $"HE{Seeded.Hash(Seed, $"{Name}:serial") % 100_000_000:D8}{(char)('A' + (Seeded.Hash(Seed, Name) % 26))}";

    internal string SoftwareId => $"{Letters("id1")}-{Letters("id2")}";

    internal int CpuLoad => (int)Math.Clamp(2 + (Sessions.Count * 18.0 / 1000 / Personality.CpuCount * 4) + (9 * Noise("cpu", 10)), 1, 99);

    internal long FreeMemory => (long)(Personality.MemoryBytes * (0.82 - (0.03 * Noise("memory", 60)))) - (Sessions.Count * 9_000L);

    internal long FreeDisk => (long)(Personality.DiskBytes * 0.78);

    internal int Temperature => 34 + (int)(6 * Noise("temperature", 120));

    internal double Voltage => 24 + (0.4 * Noise("voltage", 60));

    /// <summary>Equipment got its address by DHCP, let in by RADIUS: its lease as the router lists it.</summary>
    /// <param name="rateLimit">As RADIUS said; null for none.</param>
    public void LeaseByRadius(string mac, string address, string? rateLimit = null)
    {
        lock (Gate)
        {
            var row = Table("/ip/dhcp-server/lease").InsertDynamic(
                null, ("address", address), ("mac-address", mac), ("active-address", address), ("active-mac-address", mac), ("status", "bound"), ("radius", "true"), ("server", Table("/ip/dhcp-server").Find("dhcp-hotspot")!.PrintedId));
            row["rate-limit"] = rateLimit;
        }
    }

    /// <summary>Reads one property as the API would print it: for tests and the control page.</summary>
    public string? Read(string menu, string idOrName, string field)
    {
        lock (Gate)
        {
            return Table(menu) is var table && table.Find(idOrName) is { } row ? table.Value(row, field) : null;
        }
    }

    /// <summary>Reads one property of the first item of which another one is as asked.</summary>
    public string? Find(string menu, string field, Func<string?, bool> isSo, string read)
    {
        lock (Gate)
        {
            var table = Table(menu);
            return table.Rows.FirstOrDefault(r => isSo(table.Value(r, field))) is { } row ? table.Value(row, read) : null;
        }
    }

    /// <summary>What a person pastes into the router's terminal. Returns what it said when it stopped; null when all went through.</summary>
    public Task<string?> PasteAsync(string commands) => Task.Run(() =>
    {
        lock (Gate)
        {
            try
            {
                Scripts.Run(commands);
                return null;
            }
            catch (RouterTrapException trap)
            {
                return trap.Message;
            }
        }
    });

    /// <summary>A client got its address by DHCP and RADIUS said yes: the lease that a router lists then.</summary>
    public void Lease(string address, string mac)
    {
        lock (Gate)
        {
            Table("/ip/dhcp-server/lease").Insert(
                ("address", address), ("mac-address", mac), ("server", "all"), ("status", "bound"), ("radius", "true"), ("active-address", address), ("active-mac-address", mac)).IsDynamic = true;
        }
    }

    /// <summary>How many items a menu has.</summary>
    public int Count(string menu)
    {
        lock (Gate)
        {
            return Table(menu).Rows.Count();
        }
    }

    /// <summary>
    /// Closes every socket, loses sessions, dynamic items, the log and all counters, and comes back after
    /// <see cref="RouterOptions.BootSeconds"/> with Accounting-On. A clean reboot says Accounting-Off first; a crash does not.
    /// </summary>
    public async Task RebootAsync(bool clean = true)
    {
        if (Interlocked.Exchange(ref _rebooting, 1) == 1)
        {
            return; // it is on its way down already
        }

        await Nas.ShutDownAsync(clean);
        await _api.StopAsync();
        lock (Gate)
        {
            Sessions.Clear();
            Pools.Clear();
            foreach (var table in _tables.Values.Where(t => t.Menu is { IsSingleton: false, SharedWith: null, Rows: null }))
            {
                foreach (var row in table.Rows.Where(r => r.IsDynamic || table.Menu.Path == "/log").ToList())
                {
                    table.Delete(row);
                }
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(Options.BootSeconds), Clock.Real);
        if (_downloaded is not null)
        {
            await Faults.WhileAsync(Fault.LostInUpgrade, CancellationToken.None);
        }

        lock (Gate)
        {
            Upgrade();
            BootedAt = Clock.Now;
            foreach (var item in Table("/system/scheduler").Rows)
            {
                item["run-count"] = "0";
            }

            Log("system,info", "router rebooted");
        }

        _api.Start();
        Nas.ComeUp();
        Volatile.Write(ref _rebooting, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await Nas.DisposeAsync();
        await Scheduler.DisposeAsync();
        Certificate.Dispose();
    }

    internal void Start()
    {
        _api.Start();
        Scheduler.Start();
        Nas.Start();
    }

    internal Table Table(string path) => _tables[path];

    internal Table? FindTable(string path) => _tables.GetValueOrDefault(path);

    internal bool HasMenuUnder(string path) => _tables.Keys.Any(p => p.StartsWith($"{path}/", StringComparison.Ordinal));

    internal void Log(string topics, string message)
    {
        var table = Table("/log");
        table.Insert(("time", LogTime()), ("topics", topics), ("message", message));
        if (table.Store.Count > LogLines)
        {
            table.Delete(table.Rows.First());
        }
    }

    /// <summary>What the update server has in that channel.</summary>
    /// <remarks>The channel "upgrade" leads from 6.49 to 7, and is empty before and after.</remarks>
    internal string LatestOf(string channel) => channel == "upgrade" && Personality.Version != new Version(6, 49) ? Release : Options.Updates.GetValueOrDefault(channel, Release);

    internal void Downloaded() => _downloaded = LatestOf(Table("/system/package/update").Only["channel"] ?? "stable");

    internal void ScheduleFirmware() => _firmwareScheduled = true;

    private void Upgrade()
    {
        if (_downloaded is { } version && !Faults.IsOn(Fault.UpgradeNotTaken))
        {
            var before = Personality.Version.Major;
            Personality = Personality with { FullVersion = $"{version} (stable)", Version = Version.Parse(string.Join('.', version.Split('.').Take(2))) };
            if (before < 7 && Personality.Version.Major >= 7)
            {
                BecomeSeven();
            }

            foreach (var package in Table("/system/package").Rows)
            {
                package["version"] = version;
            }
        }

        _downloaded = null;
        if (_firmwareScheduled)
        {
            (_firmware, _firmwareScheduled) = (Release, false);
        }
    }

    /// <summary>The menus are those of 7, with what was in those of 6; the packages are one.</summary>
    private void BecomeSeven()
    {
        Personality = Personality with { HasIpv6 = true };
        var clock = Table("/system/ntp/client").Only;
        var servers = new[] { clock["primary-ntp"], clock["secondary-ntp"], clock["server-dns-names"] }.Where(s => s is not (null or "" or "0.0.0.0"));
        var kept = _tables.ToDictionary(t => t.Key, t => t.Value.Store);
        _tables.Clear();
        CreateTables(kept);
        Table("/system/ntp/client").Only["servers"] = string.Join(',', servers);
        var packages = Table("/system/package");
        foreach (var package in packages.Rows.ToList())
        {
            packages.Delete(package);
        }

        packages.Insert(("name", "routeros"), ("version", Release), ("build-time", Personality.BuildTime), ("size", "12.6MiB"));
    }

    internal bool IsForbiddenByDeviceMode(string feature) =>
        Personality.Version >= new Version(7, 17) && Options.DeviceModeForbids.Contains(feature, StringComparer.Ordinal);

    /// <summary>Whether the firewall keeps this address from the Internet: it is on a list that a drop or reject rule names.</summary>
    internal bool IsWalled(IPAddress address)
    {
        if (_walled is null)
        {
            var filter = Table("/ip/firewall/filter");
            var lists = filter.Rows
                .Where(r => r["disabled"] != "true" && r["action"] is "drop" or "reject" && r["src-address-list"] is not null)
                .Select(r => r["src-address-list"]!)
                .ToHashSet(StringComparer.Ordinal);
            _walled = [.. Table("/ip/firewall/address-list").Rows
                .Where(r => r["disabled"] != "true" && lists.Contains(r["list"]!))
                .Select(r => IPAddress.TryParse(r["address"], out var listed) ? listed : IPAddress.None)];
        }

        return _walled.Contains(address);
    }

    internal string? TimeLeft(Row row) => row["expires"] is { } ticks
        ? RouterFormat.Duration(new DateTimeOffset(long.Parse(ticks, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero) - Clock.Now)
        : null;

    /// <summary>A client touched an entry of an address list: note when it was made and when it goes.</summary>
    internal void AddressListed(Row row)
    {
        row["creation-time"] ??= RouterFormat.DateTime(LocalTime, Personality);
        if (row.IsRemoved || row["timeout"] is not { } given || !RouterFormat.TryDuration(given, out var timeout) || timeout == TimeSpan.Zero)
        {
            return;
        }

        var expires = Clock.Now + timeout;
        (row.IsDynamic, row["expires"]) = (true, RouterFormat.Number(expires.UtcTicks));
        Scheduler.At(expires, () =>
        {
            lock (Gate)
            {
                if (!row.IsRemoved && row["expires"] == RouterFormat.Number(expires.UtcTicks))
                {
                    Table("/ip/firewall/address-list").Delete(row);
                }
            }
        });
    }

    /// <summary>A scheduler's item was added or changed: it runs each interval, counted from the start of the router.</summary>
    internal void Scheduled(Row row)
    {
        var text = row["interval"];
        if (row.IsRemoved || row["disabled"] == "true" || row["running"] == text || !RouterFormat.TryDuration(text ?? "0s", out var interval) || interval <= TimeSpan.Zero)
        {
            return;
        }

        row["running"] = text; // it ticks already when only what it does is changed
        RunNext(Clock.Now + interval - TimeSpan.FromTicks(Uptime.Ticks % interval.Ticks));

        void RunNext(DateTimeOffset due) => Scheduler.At(due, () =>
        {
            lock (Gate)
            {
                if (row.IsRemoved || row["disabled"] == "true" || row["interval"] != text)
                {
                    row["running"] = row["running"] == text ? null : row["running"];
                    return;
                }

                row["run-count"] = RouterFormat.Number(long.Parse(row["run-count"] ?? "0", System.Globalization.CultureInfo.InvariantCulture) + 1);
                try
                {
                    Scripts.Run(row["on-event"] ?? "", row["policy"] ?? "");
                }
                catch (RouterTrapException trap)
                {
                    Log("script,error", trap.Message);
                }

                RunNext(due + interval);
            }
        });
    }

    /// <summary>A certificate that was made as a template gets its key: that of the router, which its API shows.</summary>
    internal void Sign(string id)
    {
        var table = Table("/certificate");
        var row = table.Find(id) ?? throw RouterTrapException.NoSuchItem();
        (row["fingerprint"], row["serial-number"]) = (Certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), Certificate.SerialNumber);
        (row["invalid-before"], row["invalid-after"]) = (RouterFormat.DateTime(new DateTimeOffset(Certificate.NotBefore), Personality), RouterFormat.DateTime(new DateTimeOffset(Certificate.NotAfter), Personality));
        table.Store.Touch(row);
    }

    internal void IncomingChanged() => Nas?.OpenIncoming();

    internal void ServicesChanged() => _api?.ApplyServices();

    internal string? ExpiresAfter(Row certificate) => RouterFormat.Duration(Certificate.NotAfter.ToUniversalTime() - Clock.Now.UtcDateTime);

    internal string? NextRun(Row row) => row["disabled"] != "true" && row["interval"] is { } text && RouterFormat.TryDuration(text, out var interval) && interval > TimeSpan.Zero
        ? RouterFormat.DateTime(LocalTime + interval - TimeSpan.FromTicks(Uptime.Ticks % interval.Ticks), Personality)
        : null;

    private double Noise(string what, int seconds) => Seeded.Unit(Seed, $"{Name}:{what}", Clock.Now.ToUnixTimeSeconds() / seconds);

    private string Letters(string what) => string.Concat(Enumerable.Range(0, 4).Select(i => "ABCDEFGHIJKLMNPQRSTUVWXYZ0123456789"[(int)(Seeded.Hash(Seed, $"{Name}:{what}", i) % 35)]));

    private string LogTime() => Personality.IsoDates ? RouterFormat.DateTime(LocalTime, Personality) : RouterFormat.Time(LocalTime);

    /// <param name="kept">What the menus hold already, by path.</param>
    private void CreateTables(IReadOnlyDictionary<string, RowStore>? kept = null)
    {
        var stores = new Dictionary<string, RowStore>(StringComparer.Ordinal);
        Menu[] menus = [.. SystemMenus.All, .. InterfaceMenus.All, .. PppMenus.All, .. QueueMenus.All, .. IpMenus.All, .. HotspotMenus.All];
        foreach (var menu in menus.Where(m => m.ExistsIn(Personality)))
        {
            var store = menu.SharedWith is { } shared ? stores[shared] : stores[menu.Path] = kept?.GetValueOrDefault(menu.Path) ?? new RowStore();
            _tables.Add(menu.Path, new Table(this, menu, store));
        }
    }

    private void WallChanged(Row? entry)
    {
        _walled = null;
        if (entry is null)
        {
            foreach (var session in Sessions.All.Where(s => s.IsWalled != IsWalled(s.Address)))
            {
                session.SetWalled(!session.IsWalled);
            }
        }
        else if (IPAddress.TryParse(entry["address"], out var address) && Sessions.ByAddress(address) is { } session && session.IsWalled != IsWalled(address))
        {
            session.SetWalled(!session.IsWalled);
        }
    }

    private X509Certificate2 OpenCertificate()
    {
        if (Options.CertificateFile is { } kept && File.Exists(kept))
        {
            return X509CertificateLoader.LoadPkcs12FromFile(kept, password: null);
        }

        var made = MakeCertificate(Options.Name, exportable: Options.CertificateFile is not null);
        if (Options.CertificateFile is { } file)
        {
            File.WriteAllBytes(file, made.Export(X509ContentType.Pkcs12));
        }

        return made;
    }

    private X509Certificate2 MakeCertificate(string name, bool exportable = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}, O=Sandbox", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Parse(Options.Address));
        request.CertificateExtensions.Add(names.Build());
        var now = Clock.Real.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));

        // SslStream wants a key that is on disk or in memory as PKCS#12, not the ephemeral one of the request.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), password: null, exportable ? X509KeyStorageFlags.Exportable : X509KeyStorageFlags.DefaultKeySet);
    }
}
