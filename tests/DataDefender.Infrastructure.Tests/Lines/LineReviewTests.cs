using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Lines;

/// <summary>Changes that ended with nothing open, and what is open after all.</summary>
public sealed class LineReviewTests
{
    [Theory]
    [InlineData(80, true)]
    [InlineData(2_500, false)] // RADIUS knew by then
    public async Task A_login_that_RADIUS_still_let_in_by_the_old_state_is_caught_up_with(int milliseconds, bool isCaught)
    {
        await using var bench = await LineBench.CreateAsync(online: false);
        await bench.SuspendAsync();
        Assert.Equal(LineCommandStatus.NoSession, (await bench.WorkAsync()).Status);
        bench.Services.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        await bench.OpenSessionAsync(bench.Line);

        Assert.Equal(isCaught ? 1 : 0, await bench.ReviewAsync());

        Assert.Equal(isCaught ? LineCommandStatus.Done : LineCommandStatus.NoSession, (await bench.WorkAsync()).Status);
        Assert.Equal(isCaught ? LineBench.Address : "", bench.Router.Show(LineBench.List, "address"));
        Assert.Equal(0, await bench.ReviewAsync());
    }

    [Fact]
    public async Task A_session_that_was_ended_and_reports_again_is_ended_again_and_one_whose_Stop_is_missing_is_left_to_healing()
    {
        await using var bench = await LineBench.CreateAsync();
        bench.Nas.Script = request => request.Code is RadiusCode.CoaRequest ? ScriptedNas.Refuse(request, RadiusErrorCause.UnsupportedAttribute) : ScriptedNas.Acknowledge(request);
        bench.Services.Clock.Advance(TimeSpan.FromMinutes(1));
        await bench.SuspendAsync();
        Assert.Equal(LinePath.DisconnectRequest, (await bench.WorkAsync()).Path);
        Assert.Equal(0, await bench.ReviewAsync());

        bench.Services.Clock.Advance(TimeSpan.FromMinutes(5));
        await using (var db = bench.Company.Open())
        {
            await db.LiveSessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.UpdatedAt, bench.Services.Clock.Now));
        }

        Assert.Equal(1, await bench.ReviewAsync());
        Assert.Equal((LineCommandStatus.Done, 2), (await bench.WorkAsync()) is var done ? (done.Status, done.Attempts) : default);
    }
}
