using DataDefender.Domain.Clients;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Clients;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("0712345678")]
    [InlineData("0712 345 678")]
    [InlineData("712345678")]
    [InlineData("+254712345678")]
    [InlineData("254-712-345-678")]
    public void Every_way_of_writing_a_number_is_one_number(string typed)
    {
        Assert.Equal("254712345678", PhoneNumber.Normalise(typed));
        Assert.True(PhoneNumber.IsKenyanMobile(typed));
    }

    [Theory]
    [InlineData("0201234567")]
    [InlineData("07123")]
    [InlineData("+44 7700 900123")]
    public void Other_numbers_keep_their_digits_and_are_not_Kenyan_mobiles(string typed)
    {
        Assert.Equal(string.Concat(typed.Where(char.IsAsciiDigit)), PhoneNumber.Normalise(typed));
        Assert.False(PhoneNumber.IsKenyanMobile(typed));
    }

    [Theory]
    [InlineData("254712345678", "0712 345 678")]
    [InlineData("0112345678", "0112 345 678")]
    [InlineData("441632960961", "+441632960961")]
    [InlineData("ask at the gate", "ask at the gate")]
    [InlineData("", "")]
    public void A_number_is_written_as_people_read_it(string stored, string written) => Assert.Equal(written, PhoneNumber.Format(stored));

    [Fact]
    public void Normalising_twice_changes_nothing_more() => Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
        PhoneNumber.Normalise(PhoneNumber.Normalise(text.Get)) == PhoneNumber.Normalise(text.Get)));

    [Fact]
    public void Each_subscriber_number_has_one_form_however_it_is_written() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, 199_999_999).ToArbitrary(),
        n =>
        {
            var local = n < 100_000_000 ? $"7{n:D8}" : $"1{n - 100_000_000:D8}";
            string[] forms = [local, "0" + local, "254" + local, "+254 " + local[..3] + " " + local[3..]];
            return forms.All(f => PhoneNumber.Normalise(f) == "254" + local && PhoneNumber.IsKenyanMobile(f));
        }));
}
