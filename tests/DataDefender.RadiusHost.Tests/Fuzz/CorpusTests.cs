using System.Net;
using System.Reflection;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Tests.Fuzz;

/// <summary>
/// Packets that were once answered wrongly or are easily so, each a file of Corpus: why, what has to become of it at which port, and its
/// octets. They are signed for the secret testing123; the user fuzz-witness has the password pw-secret.
/// </summary>
public sealed class CorpusTests(FuzzTests.WithLine fixture) : IClassFixture<FuzzTests.WithLine>
{
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "Fuzz", "Corpus");

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.hex").Select(f => Path.GetFileNameWithoutExtension(f)!).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void It_meets_the_fate_that_its_file_names(string file)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, file + ".hex")).Where(l => !l.StartsWith('#')).ToArray();
        var (toAccounting, expected) = (lines[0].StartsWith("accounting ", StringComparison.Ordinal), lines[0][(lines[0].IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        var octets = Convert.FromHexString(string.Concat(lines[1..]));
        var folder = fixture.Database.Folder.CreateSubdirectory(file);
        using var target = new FuzzTarget(fixture.Host, folder.FullName);

        var reply = target.Ask(new FuzzDatagram(toAccounting, new Peer(Peer.Key(IPAddress.Loopback), 1645), octets.Length), octets);
        target.FollowAll();

        Assert.Equal(expected, Fate(reply, toAccounting ? target.Counters.Accounting : target.Counters.Authentication));
    }

    private static string Fate(byte[] reply, PortCounters counters) => reply.Length > 0
        ? $"Answered {(RadiusCode)reply[0]}"
        : Enum.GetValues<MalformedReason>().FirstOrDefault(r => counters.Malformed(r) > 0) is var malformed and not MalformedReason.None
            ? $"Malformed {malformed}"
            : $"Dropped {Enum.GetValues<DropReason>().Single(r => counters.Dropped(r) > 0)}";
}
