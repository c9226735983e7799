using DataDefender.Domain.Compliance;

namespace DataDefender.Domain.Tests.Compliance;

public sealed class DisclosureCsvTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 6, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("=HYPERLINK(\"http://evil\")", "\"'=HYPERLINK(\"\"http://evil\"\")\"")]
    [InlineData("+254700000000", "\"'+254700000000\"")]
    [InlineData("-2+3", "\"'-2+3\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("  =1+1", "\"'  =1+1\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("Wanjiku, \"Shiko\"", "\"Wanjiku, \"\"Shiko\"\"\"")]
    [InlineData("", "\"\"")]
    public void No_cell_is_run_as_a_formula_and_quotes_are_doubled(string client, string cell) =>
        Assert.StartsWith(cell + ",", Lines(Session(client))[^2], StringComparison.Ordinal);

    [Fact]
    public void The_file_says_what_was_asked_and_when_in_both_clocks()
    {
        var lines = Lines(Session("Wanjiku") with { EndedAt = null, LastHeardAt = Start.AddHours(1) });

        Assert.Contains("\"Case\",\"CID/44\"", lines);
        Assert.Contains("\"Address asked about\",\"100.64.0.7 port 4431\"", lines);
        Assert.Contains("\"From (UTC)\",\"2026-03-01 06:00:00\"", lines);
        Assert.EndsWith("\"2026-03-01 06:00:00\",\"open\",\"2026-03-01 07:00:00\",\"2026-03-01 09:00:00\",\"open\"", lines[^2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100.64.0.7", true)]
    [InlineData(" 2001:DB8::7 ", true)]
    [InlineData("10.1", false)]        // an old way to write 10.0.0.1
    [InlineData("010.0.0.1", false)]   // octal, to some programs
    [InlineData("1", false)]
    [InlineData("fe80::1%eth0", false)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("host.example", false)]
    public void Only_a_whole_address_can_be_asked_about(string address, bool whole)
    {
        var input = new DisclosureInput { CaseNumber = "1", Authority = "DCI", Address = address, From = Start, Until = Start.AddHours(1) };

        Assert.Equal(whole, new DisclosureInputValidator().Validate(input).IsValid);
    }

    private static DisclosedSession Session(string client) =>
        new(client, "1000001", "254712345678", "Ruiru", "wanjiku", "4C:5E:0C:11:22:33", "100.64.0.7", Start, Start.AddHours(2), "NBO-1");

    private static string[] Lines(DisclosedSession session) => DisclosureCsv.Write(
        new DisclosureInput { CaseNumber = " CID/44 ", Authority = "DCI", Address = "100.64.0.7", Port = 4431, From = Start, Until = Start.AddHours(4) },
        [session], "Savanna Fibre", TimeZoneInfo.FindSystemTimeZoneById("Africa/Nairobi"), Start.AddDays(1)).Split("\r\n");
}
