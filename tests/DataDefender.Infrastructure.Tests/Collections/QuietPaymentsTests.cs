using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Collections;

/// <summary>An hour without the payments that usually come in it.</summary>
public sealed class QuietPaymentsTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task Finance_is_told_once_of_an_hour_in_which_hardly_anybody_paid_and_not_of_a_usual_one(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider, s => s.AddScoped<QuietPayments>().AddSingleton<StaffNotifier>().AddSingleton<StaffInbox>());
        var company = await TestCompany.CreateAsync(services);
        var channel = await company.AddChannelAsync();
        var finance = new StaffMember(Guid.CreateVersion7(), company.Id, "Peter", "peter@example.test", Role.Finance, services.Clock.Now);
        var now = services.Clock.Now;
        var until = new DateTime(now.Year, now.Month, now.Day, now.Hour, 0, 0, DateTimeKind.Utc);
        await using (var db = company.Open())
        {
            db.Staff.Add(finance);
            db.Staff.Add(new StaffMember(Guid.CreateVersion7(), company.Id, "Tom", "tom@example.test", Role.Technician, services.Clock.Now));
            var number = 0;
            foreach (var (day, count, hours) in Enumerable.Range(1, 20).Select(d => (Day: d, Count: 12, Hours: 1)).Append((0, 7, 2)))
            {
                for (var i = 0; i < count; i++)
                {
                    var payment = new ProviderTransaction(company.Id, PaymentMethod.Mpesa, channel.Id, $"R{++number}", Money.Of(1_000m), EvidenceSource.Callback, until.AddDays(-day).AddHours(-hours).AddMinutes(3 * i), services.Clock.Now);
                    payment.Describe(number, "254712000001", "Jane", "1000017");
                    db.ProviderTransactions.Add(payment);
                }
            }

            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var quiet = await LookAsync(company);
        Assert.Equal((0, true), (quiet!.Came, quiet.IsQuiet));
        Assert.InRange(quiet.Usual, 11.5, 12.5);
        await LookAsync(company);

        await using var after = company.Open();
        var told = await after.StaffNotifications.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(finance.Id, told.StaffId);
        Assert.StartsWith("No payment came between", told.Title, StringComparison.Ordinal);
        Assert.False(new PaymentHour(until, 7, 12).IsQuiet);
        Assert.True(new PaymentHour(until, 1, 12).IsQuiet);
        Assert.False(new PaymentHour(until, 0, 4).IsQuiet);
        Assert.False(new PaymentHour(until, 1_980, 2_000).IsQuiet);
        Assert.True(new PaymentHour(until, 1_800, 2_000).IsQuiet);
    }

    private static async Task<PaymentHour?> LookAsync(TestCompany company)
    {
        await using var scope = company.Scope();
        return await scope.ServiceProvider.GetRequiredService<QuietPayments>().LookAsync(TestContext.Current.CancellationToken);
    }
}
