using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using DataDefender.Testing.Payments;

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
}
