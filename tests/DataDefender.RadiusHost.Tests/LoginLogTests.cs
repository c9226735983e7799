using DataDefender.Domain.Radius;
using DataDefender.RadiusHost.Access;

namespace DataDefender.RadiusHost.Tests;

public sealed class LoginLogTests
{
    private readonly LoginLog _log = new();

    [Fact]
    public void Refusals_have_room_when_accepted_logins_have_filled_theirs()
    {
        for (var i = 0; i < LoginLog.Capacity; i++)
        {
            Add(LoginOutcome.Accepted);
        }

        Assert.Equal((LoginLog.ForAccepts, (long)(LoginLog.Capacity - LoginLog.ForAccepts)), (_log.Waiting, _log.Dropped));

        for (var i = 0; i < LoginLog.Capacity; i++)
        {
            Add(LoginOutcome.WrongPassword);
        }

        Assert.Equal(LoginLog.Capacity, _log.Waiting);
        Assert.Equal(LoginLog.Capacity - LoginLog.ForAccepts, _log.Take(LoginLog.Capacity).Count(a => a.Outcome is LoginOutcome.WrongPassword));
    }

    private void Add(LoginOutcome outcome) => _log.Add(Guid.CreateVersion7(), Guid.CreateVersion7(), default, new Verdict(outcome, "", null), utcTicks: 1, isTest: false);
}
