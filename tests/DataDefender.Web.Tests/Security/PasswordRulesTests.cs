using DataDefender.Infrastructure.Identity;

namespace DataDefender.Web.Tests.Security;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("passwordpassword")]
    [InlineData("P@ssw0rd!2026!!")]
    [InlineData("qwertyuiop12345")]
    [InlineData("Welcome12345678")]
    [InlineData("123456789012")]
    [InlineData("aaaaaaaaaaaaaa")]
    [InlineData("abcdefghijklmnop")]
    [InlineData("safaricom-mpesa-2026")]
    [InlineData("correcthorsebatterystaple")]
    public void What_every_guesser_tries_is_common(string password) => Assert.True(PasswordRules.IsCommon(password));

    [Theory]
    [InlineData("purple lantern eleven")]
    [InlineData("savanna demo pass")]
    [InlineData("8269 5104 9737")]
    [InlineData("maziwa lala kwa dirisha")]
    [InlineData("xK9#pQ2$vL7!")]
    public void What_nobody_would_try_is_not(string password) => Assert.False(PasswordRules.IsCommon(password));

    [Theory]
    [InlineData("wanjiku kamau 1")]
    [InlineData("SavannaFibre2026")]
    [InlineData("s4vannaf1bre!!!!")]
    public void A_name_with_a_little_round_it_is_about_the_person_or_the_company(string password) =>
        Assert.True(PasswordRules.IsAbout(password, ["Wanjiku Kamau", "Savanna Fibre", "owner"]));

    [Fact]
    public void A_long_sentence_may_hold_a_name() =>
        Assert.False(PasswordRules.IsAbout("wanjiku sells green bicycles", ["Wanjiku Kamau"]));
}

public sealed class SingleUseTotpTests
{
    // RFC 6238, appendix B (SHA-1): the last six of its eight digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) =>
        Assert.Equal(code, SingleUseTotp.CodeAt("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", DateTimeOffset.FromUnixTimeSeconds(seconds)));
}
