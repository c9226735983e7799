using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Notifications;

namespace DataDefender.Domain.Tests.Notifications;

public sealed class SvixSignatureTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly DateTime Now = DateTimeOffset.FromUnixTimeSeconds(1614265330).UtcDateTime;

    /// <summary>The example of the scheme's documentation.</summary>
    [Fact]
    public void The_documented_example_is_valid() =>
        Assert.True(SvixSignature.IsValid(Secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "{\"test\": 2432232314}", Now));

    [Theory]
    [InlineData("{\"test\": 2432232315}", 0)]
    [InlineData("{\"test\": 2432232314}", 301)]
    [InlineData("{\"test\": 2432232314}", -301)]
    public void Another_body_or_an_old_message_is_not(string body, int secondsLater) =>
        Assert.False(SvixSignature.IsValid(Secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", body, Now.AddSeconds(secondsLater)));

    [Fact]
    public void One_of_several_signatures_is_enough()
    {
        var good = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Secret[6..]), Encoding.UTF8.GetBytes("id.1614265330.body")));

        Assert.True(SvixSignature.IsValid(Secret, "id", "1614265330", $"v1,AAAA v2,{good} v1,{good}", "body", Now));
        Assert.False(SvixSignature.IsValid(Secret, "id", "1614265330", $"v1,AAAA v2,{good}", "body", Now));
        Assert.False(SvixSignature.IsValid(Secret, "id", "99999999999999999999", $"v1,{good}", "body", Now));
        Assert.False(SvixSignature.IsValid("whsec_***", "id", "1614265330", $"v1,{good}", "body", Now));
    }
}
