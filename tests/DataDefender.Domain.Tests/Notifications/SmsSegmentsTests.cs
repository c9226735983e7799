using DataDefender.Domain.Notifications;

namespace DataDefender.Domain.Tests.Notifications;

public sealed class SmsSegmentsTests
{
    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(160, 1, 160)]
    [InlineData(161, 2, 161)]
    [InlineData(306, 2, 306)]
    [InlineData(307, 3, 307)]
    public void Plain_text_has_160_characters_in_one_part_and_153_in_each_of_several(int length, int parts, int units) =>
        Assert.Equal((parts, units, true), Seen(new string('a', length)));

    [Theory]
    [InlineData(70, 1)]
    [InlineData(71, 2)]
    [InlineData(134, 2)]
    [InlineData(135, 3)]
    public void One_character_outside_the_alphabet_makes_all_of_it_wide(int length, int parts)
    {
        var segments = SmsSegments.Of("’" + new string('a', length - 1));

        Assert.Equal((parts, length, false, '’'), (segments.Count, segments.Units, segments.IsGsm7, segments.FirstForeign));
    }

    [Fact]
    public void Braces_and_the_euro_cost_two_and_an_escape_is_not_cut_in_two()
    {
        Assert.Equal((1, 160, true), Seen(new string('€', 80)));
        Assert.Equal((2, 162, true), Seen(new string('€', 81)));

        // 153 holds 76 pairs, and one septet stays empty in each part: 153 pairs need a third part that 306 septets would not.
        Assert.Equal((3, 306, true), Seen(new string('€', 153)));
    }

    [Fact]
    public void A_surrogate_pair_is_not_cut_in_two() => Assert.Equal(3, SmsSegments.Of(string.Concat(Enumerable.Repeat("😀", 67))).Count);

    [Fact]
    public void A_shilling_amount_and_Swahili_fit_the_alphabet() => Assert.True(SmsSegments.Of("Mpendwa Wanjikũ".Replace('ũ', 'u') + ", KES 2,500 @£$ inapaswa kulipwa.").IsGsm7);

    private static (int, int, bool) Seen(string text) => SmsSegments.Of(text) is var s ? (s.Count, s.Units, s.IsGsm7) : default;
}
