using DataDefender.Web.Components.Charts;

namespace DataDefender.Web.Tests.Charts;

public class ChartStepsTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    private static readonly DateTime Noon = new(2026, 11, 27, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_companys_charts_move_once_in_a_step_and_end_at_most_a_step_ago()
    {
        var company = Guid.CreateVersion7();
        var ends = Enumerable.Range(0, 600).Select(second => (At: Noon.AddSeconds(second), End: ChartSteps.Until(Noon.AddSeconds(second), Step, company))).ToList();

        Assert.All(ends, e => Assert.InRange(e.At - e.End, TimeSpan.Zero, Step - TimeSpan.FromTicks(1)));
        Assert.All(ends.Select(e => e.End).Distinct().Zip(ends.Select(e => e.End).Distinct().Skip(1)), pair => Assert.Equal(Step, pair.Second - pair.First));
    }

    [Fact]
    public void The_charts_of_many_companies_do_not_all_move_in_the_same_second()
    {
        var moving = Enumerable.Range(0, 500).Select(_ => Guid.CreateVersion7())
            .GroupBy(company => Enumerable.Range(1, 10).First(second => ChartSteps.Until(Noon.AddSeconds(second), Step, company) > ChartSteps.Until(Noon.AddSeconds(second - 1), Step, company)))
            .Select(g => g.Count()).ToList();

        Assert.Equal(10, moving.Count);
        Assert.All(moving, m => Assert.InRange(m, 15, 110)); // 50 each by the dice
    }
}
