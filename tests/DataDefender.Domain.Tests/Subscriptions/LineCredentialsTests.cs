using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Tests.Subscriptions;

public sealed class LineCredentialsTests
{
    [Theory]
    [InlineData("Jane Wambũi Kamau", "jane.kamau")]
    [InlineData("Otieno", "otieno")]
    [InlineData("Mama-Njeri & Sons Ltd.", "mama.ltd")]
    [InlineData("王伟", "client1000017")]
    [InlineData("Al", "client1000017")]
    [InlineData("Bartholomew-Christopherson Wanyonyi-Makhakha", "bartholomew.makhakha")]
    public void A_user_name_is_made_of_the_clients_name(string client, string expected)
    {
        var stem = LineCredentials.UsernameStem(client, "1000017");

        Assert.Equal(expected, stem);
        Assert.True(new SubscriptionInputValidator().Validate(new SubscriptionInput { PackageId = Guid.CreateVersion7(), Username = stem }).IsValid);
    }

    [Fact]
    public void A_taken_name_gets_a_number() =>
        Assert.Equal("jane.kamau3", LineCredentials.FirstFree("jane.kamau", new HashSet<string> { "jane.kamau", "jane.kamau2" }));

    [Fact]
    public void Passwords_differ_and_hold_nothing_that_is_misread()
    {
        var passwords = Enumerable.Range(0, 1_000).Select(_ => LineCredentials.NewPassword()).ToList();

        Assert.Equal(1_000, passwords.Distinct().Count());
        Assert.All(passwords, p => Assert.Matches("^[a-hjkmnp-z2-9]{5}-[a-hjkmnp-z2-9]{5}-[a-hjkmnp-z2-9]{5}$", p));
    }
}

public sealed class LineAddressTests
{
    [Theory]
    [InlineData("4c:5e:0c:11:22:33")]
    [InlineData("4C-5E-0C-11-22-33")]
    [InlineData("4c5e.0c11.2233")]
    [InlineData(" 4c5e0c112233 ")]
    public void A_MAC_address_has_one_form(string typed) => Assert.Equal("4C:5E:0C:11:22:33", MacAddress.Normalise(typed));

    [Theory]
    [InlineData("")]
    [InlineData("4c:5e:0c:11:22")]
    [InlineData("4c:5e:0c:11:22:3g")]
    [InlineData("face book dead")]
    public void What_is_no_MAC_address_is_refused(string typed) => Assert.Null(MacAddress.Normalise(typed));

    [Theory]
    [InlineData("100.64.12.7", true)]
    [InlineData(" 10.0.0.1 ", true)]
    [InlineData("10.1", false)]
    [InlineData("010.0.0.1", false)]
    [InlineData("0.0.0.5", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("nonsense", false)]
    public void Only_an_address_that_a_customer_can_have_is_taken(string typed, bool taken) =>
        Assert.Equal(taken ? typed.Trim() : null, LineAddress.Normalise(typed));
}
