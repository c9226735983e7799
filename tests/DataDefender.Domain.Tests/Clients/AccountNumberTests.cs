using System.Globalization;
using DataDefender.Domain.Clients;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Clients;

public sealed class AccountNumberTests
{
    [Fact]
    public void The_check_digit_is_that_of_Luhn()
    {
        Assert.Equal("79927398713", AccountNumbers.WithCheckDigit(7992739871)); // the worked example of ISO/IEC 7812-1
        Assert.Equal("1000017", AccountNumbers.WithCheckDigit(100_001));
    }

    [Fact]
    public void Every_number_that_is_made_is_valid() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Numbers(), number => AccountNumbers.IsValid(AccountNumbers.WithCheckDigit(number))));

    [Fact]
    public void One_wrong_digit_is_always_noticed() => Check.QuickThrowOnFailure(Prop.ForAll(Numbers(), number =>
    {
        var good = AccountNumbers.WithCheckDigit(number);
        return Enumerable.Range(0, good.Length).All(place => "0123456789".Where(d => d != good[place]).All(d =>
            !AccountNumbers.IsValid(good[..place] + d.ToString(CultureInfo.InvariantCulture) + good[(place + 1)..])));
    }));

    // Luhn's known blind spot is 09 against 90.
    [Fact]
    public void Two_swapped_neighbours_are_noticed_but_for_nine_and_zero() => Check.QuickThrowOnFailure(Prop.ForAll(Numbers(), number =>
    {
        var good = AccountNumbers.WithCheckDigit(number);
        return Enumerable.Range(0, good.Length - 1)
            .Where(i => good[i] != good[i + 1] && (good[i], good[i + 1]) is not (('0', '9') or ('9', '0')))
            .All(i => !AccountNumbers.IsValid(good[..i] + good[i + 1] + good[i] + good[(i + 2)..]));
    }));

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("10000 7")]
    [InlineData("１０００１７")]
    public void What_is_no_number_is_not_valid(string text) => Assert.False(AccountNumbers.IsValid(text));

    private static Arbitrary<int> Numbers() => Gen.Choose(1, 999_999_999).ToArbitrary();
}
