using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>A client of the demonstration with its line.</summary>
/// <param name="Number">From zero, which decides what this client is like.</param>
internal sealed record DemoLine(int Number, Guid ClientId, Guid SubscriptionId, string Name);

/// <summary>How the demonstration's clients come and go. What one is like follows from the number, so it is the same each time.</summary>
internal static class DemoLines
{
    private const int AtFirst = 84;

    private static readonly ClientInput[] People = [.. DemoPeople.Take(DemoSeed.MainClients)];

    private static readonly Dictionary<int, (int Day, string Why)> Leaving = new()
    {
        [21] = (26, "Moved to Mombasa"), [61] = (44, "Moved to Mombasa"), [33] = (57, "Went to another provider"), [4] = (70, "Moved within Nairobi, not covered"), [73] = (88, "Went to another provider"),
    };

    /// <summary>Who joins on a day since the beginning: most on the first, the others one by one.</summary>
    public static IEnumerable<int> JoiningOn(int day) => day == 0
        ? Enumerable.Range(0, AtFirst)
        : Enumerable.Range(AtFirst, DemoSeed.MainClients - AtFirst).Where(number => JoinDay(number) == day);

    public static IEnumerable<(int Number, string Why)> LeavingOn(int day) => Leaving.Where(l => l.Value.Day == day).Select(l => (l.Key, l.Value.Why));

    /// <summary>Sells a line: by the number a few are pending, some rest, and businesses have a fixed address.</summary>
    /// <param name="packages">Four on sale, cheapest first, and one that is not sold any more.</param>
    public static async Task<DemoLine> JoinAsync(IServiceProvider scope, int number, IReadOnlyList<Guid> packages, IReadOnlyList<int> billingDays, CancellationToken ct)
    {
        var (clients, lines) = (scope.GetRequiredService<ClientService>(), scope.GetRequiredService<SubscriptionService>());
        var person = People[number];
        var client = await clients.CreateAsync(person, ct);
        var (business, pending) = (number % 8 == 7, number % 24 == 12);
        var line = await lines.CreateAsync(client, new SubscriptionInput
        {
            PackageId = packages[business ? 3 : number % 30 == 11 && number < AtFirst ? 4 : number % 3],
            StaticAddress = business ? $"203.0.113.{number / 8 + 2}" : null,
            Activate = !pending,
        }, ct);
        if (!pending)
        {
            await scope.GetRequiredService<ContractService>().OpenAsync(line, new ContractInput { Mode = BillingMode.Advance, BillingDay = billingDays[number % billingDays.Count] }, ct);
        }

        if (number % 30 == 24 && !pending)
        {
            await lines.SuspendAsync(line, SuspendReason.Requested, "Away until next month", ct);
        }

        return new DemoLine(number, client, line, person.Name);
    }

    private static int JoinDay(int number) => 3 + ((number - AtFirst) * 100 / (DemoSeed.MainClients - AtFirst));
}
