using System.Globalization;
using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Payments;

/// <summary>Payments under all faults at once. DATADEFENDER_FAULT_RUN says how many, when it should be more than a few.</summary>
public sealed class FaultRunTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(DatabaseProvider.Sqlite, 2_000)]
    [InlineData(DatabaseProvider.PostgreSql, 1_000)]
    public async Task Under_all_faults_nothing_is_lost_doubled_or_stuck(DatabaseProvider provider, int count)
    {
        Assert.SkipWhen(TestDatabase.Absence(provider) is not null && !Requires.Strict, TestDatabase.Absence(provider) ?? "");
        if (int.TryParse(Environment.GetEnvironmentVariable("DATADEFENDER_FAULT_RUN"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked))
        {
            count = asked;
        }

        var result = await FaultRun.RunAsync(provider, count, tell: output.WriteLine);

        output.WriteLine(result.ToString());
        Assert.True(result is { Lost: 0, Doubled: 0, Stuck: 0, WrongAmounts: 0, PushedTwice: 0 }, $"{result}\n{string.Join('\n', result.Problems.Take(20))}");
        Assert.Null(result.FaultInBooks);
        Assert.Equal(result.MovedSum, result.Clearing);
        Assert.Equal(result.OrphanSum, result.Suspense);
        Assert.True(result.Moved > count / 2 && result.Orphans > 0);
    }

    [Fact]
    public async Task After_all_faults_the_providers_statements_and_our_books_agree_in_all_four_buckets()
    {
        var (matched, wrong) = (0, new List<string>());
        var result = await FaultRun.RunAsync(DatabaseProvider.Sqlite, 400, after: async bench => await bench.AsAsync(async services =>
        {
            var statements = services.GetRequiredService<StatementService>();
            foreach (var channel in (PaymentChannel[])[bench.Paybill, bench.Bank])
            {
                var csv = bench.World.StatementCsv(channel.ShortCode, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
                Assert.Empty((await statements.ImportAsync(channel.Id, $"{channel.ShortCode}.csv", Encoding.UTF8.GetBytes(csv))).Faults);
            }

            // What the bank never gave a receipt for learns it from its row.
            foreach (var row in (await statements.RowsAsync(new GridQuery(PageSize: 400), StatementRowState.Waiting)).Items)
            {
                await statements.TakeInAsync(row.Id);
            }

            foreach (var day in await statements.SettlementAsync(DateOnly.FromDateTime(bench.Services.Clock.Now), 62))
            {
                matched += day.Matched;
                wrong.AddRange(day is { OursOnly: 0, TheirsOnly: 0, AmountDiffers: 0 } ? [] : [day.ToString()]);
            }
        }));

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(result.Moved, matched);
    }
}
