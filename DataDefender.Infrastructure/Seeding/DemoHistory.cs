using System.Text;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>
/// The demonstration's last months, done day by day by the services that do them in life: clients join and leave, runs bill, money comes,
/// the ladder reminds and suspends, what is paid is restored.
/// </summary>
internal sealed class DemoHistory(IServiceScopeFactory scopes, ContextSource source, DemoPayments payments, SeedClock clock)
{
    /// <summary>How far it goes back unless something else is asked for.</summary>
    public const int Days = 105;

    private static readonly Actor Seeder = Actor.System("seed demo");

    /// <summary>The standard ladder and a late fee, so that one can be seen.</summary>
    public static DunningPolicy Ladder { get; } = DunningPolicy.Standard with
    {
        IsOn = true, Steps = [.. DunningPolicy.Standard.Steps.Append(new DunningStep(5, DunningAct.LateFee, DunningChannels.Sms)).OrderBy(s => s.Day)],
    };

    private readonly Dictionary<Guid, DemoLine> _lines = [];

    /// <summary>Turns the clock back so many days.</summary>
    public void Begin(int days) => clock.Begin(clock.GetUtcNow().UtcDateTime.Date.AddDays(-days).AddHours(5));

    /// <summary>Plays the days until now, and lets the clock go.</summary>
    public async Task PlayAsync(Guid companyId, IReadOnlyList<Guid> packages, int sandboxPort, CancellationToken ct)
    {
        await payments.AddAsync(companyId, sandboxPort, ct);
        Company company;
        StaffMember person;
        await using (var db = source.Create(companyId, Seeder))
        {
            company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == companyId, ct);
            person = await db.Staff.AsNoTracking().FirstAsync(s => s.Role == Role.Finance, ct);
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone);
        await using var night = Open(companyId, Actor.System("nightly run"));
        await using var office = Open(companyId, new Actor(person.Id, person.Name, Permissions.Of(Role.Finance)));
        await using var sales = Open(companyId, Actor.System("seed demo"));
        var (system, finance) = (night.ServiceProvider, office.ServiceProvider);
        var till = new DemoTill(finance, source, companyId, clock, zone);
        await till.ReadChannelsAsync(ct);
        var (first, last) = (company.Today(clock), company.Today(clock.Present));
        int[] billingDays = [1, 8, 15, 22, Math.Min(last.Day, 28)];
        await SettleTermsAsync(system, ct);

        for (var (number, day) = (0, first); day <= last; (number, day) = (number + 1, day.AddDays(1)))
        {
            DateTime At(int hour, int minute) => TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(new TimeOnly(hour, minute)), zone);

            clock.MoveTo(At(1, 10));
            var run = await BillAsync(system, billingDays, day, ct);
            clock.MoveTo(At(8, 20));
            if (run is { } preview && day < last) // today's waits for whoever looks at the demonstration
            {
                await finance.GetRequiredService<BillingRunService>().ApproveAsync(preview, ct);
                await system.GetRequiredService<BillingRunWork>().ContinueAsync(preview, ct);
            }

            if (last.DayNumber - day.DayNumber is < 14 and var ago)
            {
                await till.StatementAsync(day.AddDays(-1), leavesOneOut: ago == 4, knowsOneMore: ago is 2 or 6, ct);
            }

            if (day.DayOfWeek is DayOfWeek.Monday)
            {
                await till.PayOutAsync(day, ct);
            }

            clock.MoveTo(At(9, 30));
            await PeopleAsync(sales.ServiceProvider, number, packages, billingDays, ct);
            if (DemoLines.JoiningOn(number).Any())
            {
                await PlaceAsync(companyId, ct);
            }

            if (number == 0)
            {
                await MoveInAsync(system, first, ct);
            }

            clock.MoveTo(At(10, 45));
            await till.TakeAsync(await PayersAsync(companyId, number, day, ct), day, stays: day == last, ct);
            await StraysAsync(till, last.DayNumber - day.DayNumber, ct);
            await system.GetRequiredService<PaidLines>().RestoreAsync(ct);
            clock.MoveTo(At(15, 20));
            await system.GetRequiredService<CollectionsRun>().RunAsync(ct);
        }

        clock.LetGo();
        await CostsAsync(finance, first, last, ct);
        await AgreeAsync(finance, companyId, ct);
        await CreditAsync(finance, companyId, ct);
        await DeliverAsync(companyId, ct);
    }

    private AsyncServiceScope Open(Guid company, Actor actor)
    {
        var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Use(company);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(actor);
        return scope;
    }

    private static async Task SettleTermsAsync(IServiceProvider system, CancellationToken ct)
    {
        var settings = system.GetRequiredService<BillingSettingsService>();
        await settings.AddKenyanRatesAsync(ct);
        var there = await settings.GetAsync(ct);
        await settings.ChangeAsync(there.Version, there.Input with
        {
            OwesVat = true, OwesExcise = true, LegalName = "Savanna Fibre Limited", TaxPin = "P051234567X", PostalAddress = "P.O. Box 4711-00100, Nairobi", BillingPhone = "254711000100",
            BillingEmail = "billing@savanna-fibre.example", Paybill = "522522",
        }, ct);
    }

    /// <returns>The preview that waits for approval; null when nothing was due.</returns>
    private static async Task<Guid?> BillAsync(IServiceProvider system, int[] billingDays, DateOnly day, CancellationToken ct)
    {
        if (!billingDays.Contains(day.Day))
        {
            return null;
        }

        var (runs, work) = (system.GetRequiredService<BillingRunService>(), system.GetRequiredService<BillingRunWork>());
        var run = await runs.StartAsync(day, ct);
        await work.ContinueAsync(run, ct);
        return (await runs.GetAsync(run, ct)).Bills > 0 ? run : null; // one with nothing due is over by itself
    }

    private async Task PeopleAsync(IServiceProvider sales, int day, IReadOnlyList<Guid> packages, int[] billingDays, CancellationToken ct)
    {
        foreach (var number in DemoLines.JoiningOn(day))
        {
            var line = await DemoLines.JoinAsync(sales, number, packages, billingDays, ct);
            _lines[line.ClientId] = line;
        }

        if (day == 0)
        {
            await sales.GetRequiredService<PackageService>().RetireAsync(packages[4], ct);
        }

        foreach (var (number, why) in DemoLines.LeavingOn(day))
        {
            await sales.GetRequiredService<SubscriptionService>().DisconnectAsync(_lines.Values.First(l => l.Number == number).SubscriptionId, why, ct);
        }
    }

    /// <summary>What three clients brought from the system before: two owed, one had paid ahead.</summary>
    private async Task MoveInAsync(IServiceProvider system, DateOnly day, CancellationToken ct)
    {
        await using var db = source.Create(system.GetRequiredService<TenantContext>().TenantId, Seeder);
        var accounts = await db.Clients.OrderBy(c => c.AccountNumber).Take(3).Select(c => c.AccountNumber).ToListAsync(ct);
        var file = $"Account,Balance\r\n{accounts[0]},1500.00\r\n{accounts[1]},-500.00\r\n{accounts[2]},2500.00\r\n";
        await system.GetRequiredService<OpeningBalances>().ImportAsync("opening-balances.csv", Encoding.UTF8.GetBytes(file), 3_500m, day, ct);
    }

    private async Task<List<DemoPayment>> PayersAsync(Guid company, int number, DateOnly day, CancellationToken ct)
    {
        await using var db = source.Create(company, Seeder);
        var open = await (
            from invoice in db.Invoices.AsNoTracking()
            join client in db.Clients on invoice.ClientId equals client.Id
            where (invoice.Status == InvoiceStatus.Issued || invoice.Status == InvoiceStatus.PartlyPaid) && invoice.IssuedOn != null
            select new
            {
                client.Id, client.AccountNumber, client.Phone, client.Name, IssuedOn = invoice.IssuedOn!.Value,
                Open = invoice.Total.Minor - invoice.Paid.Minor - invoice.Credited.Minor - invoice.WrittenOff.Minor - invoice.Rounded.Minor + invoice.Returned.Minor,
            }).ToListAsync(ct);
        return
        [
            .. from debt in open.GroupBy(o => o.Id)
               let who = debt.First()
               let line = _lines[who.Id]
               orderby line.Number
               let amount = DemoPayers.PaysToday(line.Number, day.DayNumber - debt.Min(d => d.IssuedOn).DayNumber, number, debt.Sum(d => d.Open))
               where amount > 0
               select new DemoPayment(line.Number, who.Id, who.AccountNumber, who.Phone, who.Name, amount),
        ];
    }

    /// <summary>Money that nobody can place at once, some days ago.</summary>
    private static async Task StraysAsync(DemoTill till, int daysAgo, CancellationToken ct)
    {
        switch (daysAgo)
        {
            case 6:
                await till.StrayAsync(ChannelKind.Paybill, 2_500m, "WIFI KASARANI", "254722000417", "Joseph Mwaniki", ct);
                break;
            case 3:
                await till.StrayAsync(ChannelKind.Till, 4_000m, "", "254733018822", "Mercy Chebet", ct);
                break;
            case 1:
                await till.StrayAsync(ChannelKind.Paybill, 1_500m, "10000", DemoPhone(19), "Halima Abdi", ct);
                await till.StrayAsync(ChannelKind.FamilyBank, 24_000m, "ACACIA AUDITORS", "254720557310", "Acacia Auditors", ct);
                break;
        }
    }

    private static string DemoPhone(int number) => "254" + DemoPeople.Take(1, number).Single().Phone[1..];

    private static async Task CostsAsync(IServiceProvider finance, DateOnly first, DateOnly last, CancellationToken ct)
    {
        var costs = finance.GetRequiredService<SiteCosts>();
        var sites = await costs.SitesAsync(ct);
        for (var month = new DateOnly(first.Year, first.Month, 1); month <= last; month = month.AddMonths(1))
        {
            foreach (var ((id, _), i) in sites.Select((s, i) => (s, i)))
            {
                await costs.AddAsync(new SiteCostInput { SiteId = id, Month = month, What = "Rent", Amount = 9_000m + (3_000m * i) }, ct);
                await costs.AddAsync(new SiteCostInput { SiteId = id, Month = month, What = "Power and backhaul", Amount = 12_000m + (2_500m * i) }, ct);
            }
        }
    }

    /// <summary>What was agreed with some who owe: promises, grace, and who is spared.</summary>
    private async Task AgreeAsync(IServiceProvider finance, Guid company, CancellationToken ct)
    {
        var collections = finance.GetRequiredService<CollectionsService>();
        await using var db = source.Create(company, Seeder);
        var today = (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == company, ct)).Today(clock.Present);
        var late = await db.Invoices.AsNoTracking()
            .Where(i => (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn < today && db.Subscriptions.Any(s => s.ClientId == i.ClientId && s.State != SubscriptionState.Disconnected))
            .OrderByDescending(i => i.DueOn).ThenBy(i => i.Number).Select(i => i.ClientId).ToListAsync(ct);
        foreach (var (client, i) in late.Distinct().Select((c, i) => (c, i)))
        {
            switch (i)
            {
                case 1:
                    await collections.PromiseAsync(client, today.AddDays(4), "After payday", restore: false, ct);
                    break;
                case 3:
                    await collections.GiveGraceAsync(client, 24, "Waits for a bank transfer", ct);
                    break;
                case 5:
                    await collections.PromiseAsync(client, today.AddDays(2), "Half on Friday, the rest with it", restore: true, ct);
                    break;
                case 7:
                    await collections.ExcludeAsync(client, ExclusionKind.Vip, "Landlord of the Kilimani mast", ct);
                    break;
                case 8:
                    await collections.ExcludeAsync(client, ExclusionKind.EssentialService, "A clinic with patients' records online", ct);
                    break;
                case 9:
                    await collections.ExcludeAsync(client, ExclusionKind.Dispute, "Says it was off for a week", ct);
                    break;
            }
        }
    }

    private async Task CreditAsync(IServiceProvider finance, Guid company, CancellationToken ct)
    {
        await using var db = source.Create(company, Seeder);
        var today = (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == company, ct)).Today(clock.Present);
        var invoice = await db.Invoices.AsNoTracking().Include(i => i.Lines).Where(i => i.Status == InvoiceStatus.Paid && i.IssuedOn < today.AddDays(-20)).OrderByDescending(i => i.Number).FirstOrDefaultAsync(ct);
        if (invoice?.Lines.FirstOrDefault(l => l.Kind is LineKind.Subscription) is { } line)
        {
            await finance.GetRequiredService<InvoiceService>().CreditAsync(invoice.Id, [new LineCredit(line.Number, new Money(line.Total.Minor / 10))], "Off for three days, fibre cut", ct);
        }
    }

    /// <summary>The messages of past days were taken by the providers then, and most arrived.</summary>
    private async Task DeliverAsync(Guid company, CancellationToken ct)
    {
        await using var db = source.Create(company, Seeder);
        db.AuditEachRow = false;
        var number = 0;
        var recently = clock.GetUtcNow().UtcDateTime.AddMinutes(-1);
        foreach (var message in await db.Messages.Where(m => m.Status == MessageStatus.Queued && m.QueuedAt < recently).OrderBy(m => m.QueuedAt).ThenBy(m => m.Id).ToListAsync(ct))
        {
            var (sms, at) = (message.Channel is MessageChannel.Sms, message.QueuedAt.AddSeconds(2));
            message.Begin(at);
            message.Take(new SendOutcome.Accepted(sms ? $"ATXid_{message.Id:N}" : message.Id.ToString(), sms ? 800_000L * message.Segments : null, sms ? "KES" : null), at.AddSeconds(1));
            message.Report(
                ++number % 41 == 0 ? new DeliveryReport(message.ProviderId!, ReportedState.Failed, message.Recipient, sms ? "AbsentSubscriber" : "Mailbox full") : new DeliveryReport(message.ProviderId!, ReportedState.Delivered, message.Recipient),
                at.AddSeconds(sms ? 6 : 20));
        }

        await db.SaveChangesAsync(ct);
    }

    /// <summary>Each line counts for the site of the router that it dials in on.</summary>
    private async Task PlaceAsync(Guid company, CancellationToken ct)
    {
        await using var db = source.Create(company, Seeder);
        db.AuditEachRow = false;
        var sites = await db.Routers.AsNoTracking().OrderBy(r => r.Name).Select(r => r.SiteId).ToListAsync(ct);
        foreach (var line in await db.Subscriptions.Where(s => s.SiteId == null).ToListAsync(ct))
        {
            line.ServeFrom(sites[DemoSandbox.RouterOf(line.Username, sites.Count)]);
        }

        await db.SaveChangesAsync(ct);
    }
}
