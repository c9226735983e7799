using DataDefender.Domain.Addresses;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Compliance;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.History;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Testing;

/// <summary>A company in the database with whatever a test needs of it, made through the entities and the vault as the services do.</summary>
public sealed partial class TestCompany
{
    private static int _serial;

    private readonly TestServices _services;

    private TestCompany(TestServices services, Company company) => (_services, Company) = (services, company);

    public Company Company { get; }

    public Guid Id => Company.Id;

    public DateTime Now => _services.Clock.Now;

    /// <summary>An active company with a licence for everything, unless another status is asked for.</summary>
    public static async Task<TestCompany> CreateAsync(TestServices services, string name = "Savanna Fibre", CompanyStatus status = CompanyStatus.Active, Licence? licence = null)
    {
        var slug = $"{name.ToLowerInvariant().Replace(' ', '-')}-{Interlocked.Increment(ref _serial)}";
        var now = services.Clock.Now;
        var company = new Company(name, slug, "Wanjiku Kamau", $"owner@{slug}.test", "254712000001", "Nairobi", now);
        if (status is CompanyStatus.Rejected)
        {
            company.Reject("Rejected by the test", now);
        }
        else if (status is not CompanyStatus.Pending)
        {
            company.Approve(licence ?? new Licence("Test", 100_000, 1_000, LicensedModules.All, DateOnly.FromDateTime(now).AddYears(1)), now);
        }

        if (status is CompanyStatus.Suspended)
        {
            company.Suspend("Suspended by the test", now);
        }

        await using (var db = services.OpenPlatform())
        {
            db.Companies.Add(company);
            await db.SaveChangesAsync();
        }

        return new TestCompany(services, company);
    }

    /// <summary>At least one row in every table that a company has: the tests of tenancy run over all of them and say which is empty.</summary>
    public static async Task<TestCompany> CreateFullAsync(TestServices services, string name = "Savanna Fibre")
    {
        var company = await CreateAsync(services, name);
        await company.AddStaffAsync(Role.NocOperator);
        await company.AddSettingsAsync();
        await company.AddTopologyAsync();
        var router = await company.AddRouterAsync();
        await company.AddFleetAsync(router);
        var nas = await company.AddNasAsync(router: router);
        var line = await company.AddSubscriptionAsync(await company.AddClientAsync(), await company.AddPackageAsync());
        await company.AddHistoryAsync(line, nas, router);
        await company.AddBooksAsync(line);
        await company.AddPaymentsAsync(line.ClientId);
        await company.AddMessagesAsync(line);
        return company;
    }

    private async Task AddMessagesAsync(Subscription line)
    {
        await using var db = Open();
        db.Add(new MessagingSettings(Id, $"token{Next()}"));
        var template = new MessageTemplate(Id, MessageTopic.Notice, MessageChannel.Sms, MessageLanguage.English);
        template.Write(new TemplateWording(null, "Dear {client}, {text}"));
        db.Add(template);
        db.Add(new OptOut(Id, MessageChannel.Sms, $"2547{Next():D8}", OptOutScope.Promotional, "Asked by phone", Now));
        db.Add(new CollectionsSettings(Id));
        db.Add(new ClientStanding(Id, line.ClientId));
        db.Add(new SiteCost(Id, (await AddSiteAsync()).Id, new DateOnly(2026, 3, 1), "Rent", Money.Of(100)));
        db.Add(new DunningEntry { TenantId = Id, ClientId = line.ClientId, StepKey = $"test:{Next()}", At = Now, Text = "Reminded by the test." });
        await db.SaveChangesAsync();
        var client = await Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.SingleAsync(db.Clients, c => c.Id == line.ClientId);
        var desk = await MessageDesk.OpenAsync(db);
        desk.Write(db, MessageTopic.Notice, Addressee.Of(client), new MessageValues { Text = "Hello" }, $"test:{Next()}", [MessageChannel.Sms], Now);
        await db.SaveChangesAsync();
    }

    private async Task AddTopologyAsync()
    {
        var (near, far) = (await AddSiteAsync(), await AddSiteAsync());
        await AddAsync(new NetworkLink(Id, new LinkInput { Name = $"Link {Next()}", CapacityKbps = 1_000_000, FromSiteId = near.Id, ToSiteId = far.Id }, Now));
    }

    private async Task AddFleetAsync(Router router)
    {
        await using var db = Open();
        var text = new ConfigurationText(Id, ExportText.Hash($"{Next()}"), 1, 20, Now);
        text.Keep(ConfigurationTexts.Seal(await _services.Vault.OpenAsync(Id), text.Place(), "/ip pool\nadd name=home\n"));
        db.Add(new RouterNeighbour(Id, router.Id, new NeighbourReading("ether1", "4C:5E:0C:00:00:01", "core", "192.0.2.9", "sfp1", "MikroTik", "CCR", "7.22"), Now));
        db.Add(new RouterCare(Id, router.Id));
        db.Add(text);
        db.Add(new ConfigurationExport(Id, router.Id, text.Id, ExportReason.Nightly, ExportSource.Router, "7.22.3 (stable)", Now));
        db.Add(new RouterBackup(Id, router.Id, router.Name, "test", Now));
        db.Add(new AddressPrefix(Id, new PrefixInput { Network = $"10.{Next() % 250}.0.0/16", Name = "Core" }, Now));
        db.Add(new CgnatMap(Id, new CgnatMapInput { Name = "Map", Inside = "100.64.0.0/24", Outside = "203.0.113.0/28", ValidFrom = Now }, Now));
        db.Add(new CgnatBlock(Id, new PortBlock("198.51.100.7", 2048, 3071, "100.65.0.9"), Now, null, "test"));
        var upgrade = new FirmwareUpgrade(Id, new FirmwareUpgradeInput { Name = $"Upgrade {Next()}", Version = "7.22.3" }, "test", Now);
        db.Add(upgrade);
        db.Add(new FirmwareUpgradeRouter(upgrade, router.Id, router.Name, 0, 0, "7.22.1"));
        await db.SaveChangesAsync();
    }

    public Task<Site> AddSiteAsync(string? name = null, decimal? latitude = null, decimal? longitude = null) =>
        AddAsync(new Site(Id, new SiteInput { Name = name ?? $"Site {Next()}", Latitude = latitude, Longitude = longitude }, Now));

    /// <summary>What a line leaves behind: sessions, usage, logins, commands, events, rules.</summary>
    private async Task AddHistoryAsync(Subscription line, Nas nas, Router router)
    {
        var (hour, number) = (Now.Date.AddHours(Now.Hour), Next());
        await using var db = Open();
        db.Add(new NumberSequence(Id, "accounts", 100_001));
        db.Add(new LineCommand(Id, line.Id, LineAction.Apply, "activated", "test", Now));
        db.Add(new UsagePolicy(Id, $"Policy {number}", PolicyRules.None, Now));
        db.Add(new TopUp(Id, line.Id, 1_000_000, Now, Now.AddDays(1), "Given by the test"));
        db.Add(new PolicyCheck { TenantId = Id, SubscriptionId = line.Id, NextAt = Now.AddHours(1) });
        db.Add(new LiveSession { TenantId = Id, NasId = nas.Id, AcctSessionId = $"8100{number:X4}", SubscriptionId = line.Id, Username = line.Username, StartedAt = Now, UpdatedAt = Now });
        db.Add(new SessionRecord
        {
            TenantId = Id, NasId = nas.Id, AcctSessionId = $"8000{number:X4}", SubscriptionId = line.Id, Username = line.Username,
            StartedAt = Now.AddHours(-2), StoppedAt = Now.AddHours(-1), TerminateCause = "User-Request",
        });
        db.Add(new UsageHour { TenantId = Id, SubscriptionId = line.Id, Hour = hour, DownloadBytes = 5_000_000 });
        db.Add(new UsageDelta
        {
            TenantId = Id, Hour = hour, JournalId = Guid.CreateVersion7(), Sequence = number, SubscriptionId = line.Id, NasId = nas.Id,
            AcctSessionId = $"8100{number:X4}", At = hour.AddMinutes(5), DownloadBytes = 5_000_000,
        });
        db.Add(new LoginAttempt { TenantId = Id, At = Now, NasId = nas.Id, SubscriptionId = line.Id, Username = line.Username, Method = "PAP", Detail = "10M/10M" });
        db.Add(new SessionChange { TenantId = Id, SubscriptionId = line.Id, At = Now });
        db.Add(new NetworkEvent { TenantId = Id, At = Now, Kind = "router.up", Message = $"{router.Name} is up.", RouterId = router.Id });
        var plan = new RouterPlan(router.Id, router.Name, "7.22.3", [new PlanChange(ChangeKind.Set, RouterMenu.Incoming, "", "incoming", null, [new PlanValue("accept", "no", "yes")], null)], []);
        var run = new ProvisioningRun(plan, Id, takesOver: false, null, "test", Now);
        run.Take(Now);
        run.End(RunStatus.Done, null, Now);
        db.Add(run);
        db.Add(new ProvisioningStep(run, 1, plan.Changes[0]));
        AddWatching(db, line, router, (await db.Staff.FirstAsync()).Id, number);
        var rollout = new Rollout(Id, 1, 1, new RolloutOptions(), null, "test", Now);
        var look = new DriftLook(Id, router.Id);
        look.Succeed(Now, Now.AddMinutes(15));
        db.AddRange(look, new Drift(Id, router.Id, new DriftFound(DriftKind.UnknownLine, "UnknownLine /ppp/active stranger", "/ppp/active", "stranger: No line has this user name.", []), Now));
        db.Add(new Enrolment(Id, new EnrolmentInput { Name = $"New {number}" }, Enrolment.Hash(Enrolment.NewToken()), null, "test", Now));
        db.AddRange(rollout, new RolloutRouter(rollout, 1, isCanary: true, run, router.Name));
        db.Add(new Disclosure(Id, new DisclosureInput { CaseNumber = $"OB {number}/2026", Authority = "Nairobi Central", Address = "100.64.0.7", From = Now.AddDays(-1), Until = Now }, "test", Now));
        await db.SaveChangesAsync();
    }

    /// <summary>A scope in which somebody of that role works for this company.</summary>
    public AsyncServiceScope Scope(Role role = Role.Owner) => _services.Scope(Id, role);

    private void AddWatching(DataDefenderDbContext db, Subscription line, Router router, Guid staff, int number)
    {
        db.Add(new AlertSettings(Id));
        db.Add(new MetricChunk(Id, router.Id, MetricStep.Raw, Now, Now.AddMinutes(5), MetricBlock.Empty.Pack()));
        db.Add(new AlertRule(Id, AlertRuleInput.Default(AlertKind.RouterDown)));
        var alert = new ActiveAlert(null, AlertKind.RouterDown, EventSeverity.Critical, AlertSubject.OfRouter(router.Id, router.Name, null), Now, 1, "No answer.", true);
        var incident = new Incident(Id, number, RootCause.Group([alert], NetworkShape.Empty)[0], Now);
        db.Add(incident);
        db.Add(new IncidentAlert(Id, incident.Id, alert, Now));
        db.Add(new IncidentLine(Id, incident.Id, line.Id, Now));
        db.Add(new IncidentEntry { TenantId = Id, IncidentId = incident.Id, At = Now, By = "test", Text = "Opened" });
        db.Add(new MaintenanceWindow(Id, new MaintenanceInput { From = Now, Until = Now.AddHours(1), RouterId = router.Id, Reason = "New mast" }, "test"));
        db.Add(new StaffNotification(Id, staff, new StaffNotice("incident.opened", EventSeverity.Critical, "Down", "It is down."), Now));
    }

    /// <summary>This company's database.</summary>
    public DataDefenderDbContext Open() => _services.Open(Id);

    public Task<StaffMember> AddStaffAsync(Role role, string? email = null) =>
        AddAsync(new StaffMember(Guid.CreateVersion7(), Id, $"{role} {Next()}", email ?? $"staff{Next()}@{Company.Slug}.test", role, Now));

    public Task<NetworkSettings> AddSettingsAsync() => AddAsync(new NetworkSettings(Id));

    public Task<ServicePackage> AddPackageAsync(string? name = null, int downloadKbps = 10_000, int uploadKbps = 10_000, decimal price = 2_500m, Action<ServicePackageInput>? configure = null)
    {
        var input = new ServicePackageInput { Name = name ?? $"Home {Next()}", DownloadKbps = downloadKbps, UploadKbps = uploadKbps, Price = price };
        configure?.Invoke(input);
        return AddAsync(new ServicePackage(Id, input, Now));
    }

    public Task<Client> AddClientAsync(string? name = null, string? phone = null)
    {
        var number = Next();
        var input = new ClientInput { Name = name ?? $"Client {number}", Phone = phone ?? $"0712{number:D6}", Email = $"client{number}@example.com" };
        return AddAsync(new Client(Id, AccountNumbers.WithCheckDigit(100_000 + number), input, Now));
    }

    /// <summary>A line of a new or given client, in the asked state; its password is readable through the vault.</summary>
    public async Task<Subscription> AddSubscriptionAsync(
        Client? client = null, ServicePackage? package = null, string? username = null, string password = "pw-secret", SubscriptionState state = SubscriptionState.Active, string? staticAddress = null)
    {
        client ??= await AddClientAsync();
        package ??= await AddPackageAsync();
        var subscription = new Subscription(Id, client.Id, package.Id, username ?? $"user{Next()}", Now);
        var cipher = await _services.Vault.OpenAsync(Id);
        subscription.SetPassword(cipher.Protect(subscription.PasswordPlace(), password));
        subscription.AssignAddress(staticAddress);
        if (state is SubscriptionState.Active or SubscriptionState.Suspended)
        {
            subscription.Activate(Now);
        }

        if (state is SubscriptionState.Suspended)
        {
            subscription.Suspend(SuspendReason.Unpaid, null, Now);
        }
        else if (state is SubscriptionState.Disconnected)
        {
            subscription.Disconnect(null, Now);
        }

        return await AddAsync(subscription);
    }

    public async Task<Router> AddRouterAsync(string? name = null, string host = "127.0.0.1", int apiPort = 8728, string username = "datadefender", string password = "router-secret", bool useTls = false)
    {
        var router = new Router(Id, new RouterInput { Name = name ?? $"Router {Next()}", Host = host, ApiPort = apiPort, UseTls = useTls, Username = username }, Now);
        var cipher = await _services.Vault.OpenAsync(Id);
        router.SetPassword(cipher.Protect(router.PasswordPlace(), password));
        return await AddAsync(router);
    }

    public async Task<Nas> AddNasAsync(string? address = null, string secret = "testing123", Router? router = null, string? identifier = null, Action<NasInput>? configure = null)
    {
        var number = Next();
        var input = new NasInput { Name = $"NAS {number}", Address = address ?? $"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}", Identifier = identifier };
        configure?.Invoke(input);
        var nas = new Nas(Id, router?.Id, input);
        var cipher = await _services.Vault.OpenAsync(Id);
        nas.SetSecret(cipher.Protect(nas.SecretPlace(), secret));
        return await AddAsync(nas);
    }

    /// <summary>A secret as the company's vault keeps it.</summary>
    public async Task<string> ProtectAsync(SecretPlace place, string secret) => (await _services.Vault.OpenAsync(Id)).Protect(place, secret);

    private static int Next() => Interlocked.Increment(ref _serial);

    private async Task<T> AddAsync<T>(T row) where T : class
    {
        await using var db = Open();
        db.Add(row);
        await db.SaveChangesAsync();
        return row;
    }
}
