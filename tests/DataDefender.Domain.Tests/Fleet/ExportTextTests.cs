using DataDefender.Domain.Fleet;

namespace DataDefender.Domain.Tests.Fleet;

public sealed class ExportTextTests
{
    [Fact]
    public void The_header_goes_wrapped_lines_are_joined_and_line_ends_are_ours()
    {
        const string Raw = "# jan/02/2023 15:04:05 by RouterOS 6.49.17\r\n# software id = ABCD-EFGH\r\n#\r\n/ip firewall filter\r\nadd action=accept chain=forward comment=\\\r\n    \"a long comment\" dst-port=\\\r\n    443\r\n/ip pool\r\nadd name=home ranges=10.0.0.2-10.0.0.9\r\n";

        var text = ExportText.Normalise(Raw);

        Assert.Equal("/ip firewall filter\nadd action=accept chain=forward comment=\"a long comment\" dst-port=443\n/ip pool\nadd name=home ranges=10.0.0.2-10.0.0.9\n", text);
        Assert.Equal(new ExportLine("/ip pool", "add name=home ranges=10.0.0.2-10.0.0.9"), ExportText.Lines(text)[1]);
    }

    [Fact]
    public void Two_exports_of_one_configuration_have_one_hash_whenever_they_were_taken()
    {
        var one = ExportText.Normalise("# 2026-05-19 02:00:01 by RouterOS 7.22.3\n/ip pool\nadd name=home\n");
        var other = ExportText.Normalise("# 2026-05-20 02:00:07 by RouterOS 7.22.3\r\n/ip pool\r\nadd name=home\r\n");

        Assert.Equal(ExportText.Hash(one), ExportText.Hash(other));
    }

    [Theory]
    [InlineData("add name=x password=hunter2 service=pppoe", "add name=x password=(hidden) service=pppoe")]
    [InlineData("add address=10.0.0.1 secret=\"a \\\"b\\\" c\" service=ppp", "add address=10.0.0.1 secret=(hidden) service=ppp")]
    [InlineData("set wpa2-pre-shared-key=12345678 mode=dynamic-keys", "set wpa2-pre-shared-key=(hidden) mode=dynamic-keys")]
    [InlineData("add name=wg private-key=\"AbC=\" listen-port=1", "add name=wg private-key=(hidden) listen-port=1")]
    [InlineData("set authentication-password=x encryption-password=y", "set authentication-password=(hidden) encryption-password=(hidden)")]
    [InlineData("add comment=\"ask for the password\" name=x", "add comment=\"ask for the password\" name=x")]
    public void Secrets_are_taken_out_whatever_the_router_shows(string line, string kept) => Assert.Equal(kept, ExportText.Redact(line));

    [Fact]
    public void A_command_is_read_with_quotes_escapes_and_finds()
    {
        var command = ExportCommand.Read("set [ find default-name=ether1 ] comment=\"to \\\"Ngong\\\" \\C3A\" disabled=no name=uplink");

        Assert.Equal("set", command.Verb);
        Assert.Equal("to \"Ngong\" \u00C3A", command.Values["comment"]);
        Assert.Equal("uplink", command.Values["name"]);
        Assert.Equal(3, command.Values.Count);
    }
}

public sealed class TextDiffTests
{
    [Fact]
    public void What_changed_in_the_middle_is_found_with_its_numbers()
    {
        var diff = TextDiff.Compare(Lines("a", "b", "c", "d"), Lines("a", "x", "c", "d", "e"));

        Assert.Equal(
            ["  a", "- b", "+ x", "  c", "  d", "+ e"],
            diff.Select(l => $"{(l.Kind switch { DiffKind.Added => '+', DiffKind.Removed => '-', _ => ' ' })} {l.Text}"));
        Assert.Equal((2, null), (diff[1].OldNumber, diff[1].NewNumber));
        Assert.Equal((4, 4), (diff[4].OldNumber, diff[4].NewNumber));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Whatever_differs_the_old_and_the_new_can_be_told_from_the_difference(int seed)
    {
        var random = new Random(seed);
        var before = Enumerable.Range(0, 120).Select(_ => new ExportLine("/m", $"line {random.Next(25)}")).ToList();
        var after = before.Where(_ => random.Next(5) > 0).SelectMany(l => random.Next(6) == 0 ? new[] { new ExportLine("/m", $"new {random.Next(9)}"), l } : [l]).ToList();

        var diff = TextDiff.Compare(before, after);

        Assert.Equal(before.Select(l => l.Text), diff.Where(l => l.Kind is not DiffKind.Added).Select(l => l.Text));
        Assert.Equal(after.Select(l => l.Text), diff.Where(l => l.Kind is not DiffKind.Removed).Select(l => l.Text));
        Assert.Equal(Enumerable.Range(1, before.Count), diff.Where(l => l.OldNumber is not null).Select(l => l.OldNumber!.Value));
        Assert.Equal(Enumerable.Range(1, after.Count), diff.Where(l => l.NewNumber is not null).Select(l => l.NewNumber!.Value));
    }

    [Fact]
    public void Another_configuration_altogether_is_all_removed_and_all_added()
    {
        var diff = TextDiff.Compare([.. Enumerable.Range(0, 3000).Select(i => new ExportLine("/a", $"{i}"))], [.. Enumerable.Range(0, 3000).Select(i => new ExportLine("/b", $"{i}"))]);

        Assert.Equal((3000, 3000), (diff.Count(l => l.Kind is DiffKind.Removed), diff.Count(l => l.Kind is DiffKind.Added)));
    }

    [Fact]
    public void The_same_line_in_another_menu_is_another_line() =>
        Assert.Equal(2, TextDiff.Compare([new ExportLine("/ip pool", "add name=a")], [new ExportLine("/ppp profile", "add name=a")]).Count(l => l.Kind is not DiffKind.Same));

    private static List<ExportLine> Lines(params string[] lines) => [.. lines.Select(l => new ExportLine("/ip pool", l))];
}
