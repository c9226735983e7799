using System.Diagnostics;
using System.Globalization;
using System.Net;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;
using DataDefender.Testing;

namespace DataDefender.RadiusHost.Tests.Fuzz;

/// <summary>
/// A million packets that no NAS should send, made from whole ones. DATADEFENDER_FUZZ_PACKETS asks for another number (ten million take
/// some minutes), DATADEFENDER_FUZZ_SEED for other packets. What was found once is in Corpus.
/// </summary>
public sealed class FuzzTests(FuzzTests.WithLine fixture) : IClassFixture<FuzzTests.WithLine>
{
    public const string Username = "fuzz-line";

    /// <summary>Nobody sends accounting for it, so that its login is never one too many.</summary>
    public const string Witness = "fuzz-witness";

    private const int DefaultPackets = 1_000_000;
    private const int DefaultSeed = 5080;
    private const int Checks = 10;
    private const long MayGrow = 48L << 20;

    private static readonly RadiusSecret Secret = new(HostFixture.Secret);

    public static int Seed => FromEnvironment("DATADEFENDER_FUZZ_SEED", DefaultSeed);

    private static int Packets => FromEnvironment("DATADEFENDER_FUZZ_PACKETS", DefaultPackets);

    private LineDirectory Directory => fixture.Host.Service<LineDirectory>();

    [Fact]
    public async Task Nothing_that_arrives_stops_it_grows_it_or_gets_a_wrong_answer()
    {
        var folder = fixture.Database.Folder.CreateSubdirectory("fuzz");
        using var target = new FuzzTarget(fixture.Host, folder.FullName);
        var (packets, buffer, memory) = (new FuzzPackets(Seed, Secret, Username, HostFixture.Password), new byte[RadiusPacket.MaxLength], 0L);
        var (given, part, watch, last) = (0, Math.Max(1, Packets / Checks), Stopwatch.StartNew(), 0L);
        try
        {
            for (; given < Packets; given++)
            {
                var datagram = packets.Next(buffer);
                target.Give(datagram, buffer.AsSpan(0, datagram.Length));
                if ((given + 1) % part == 0)
                {
                    StillAnswers(target, given);
                    var now = last = await HeldAsync(memory == 0 ? long.MaxValue : memory + MayGrow);
                    memory = memory == 0 || given < Packets / 3 ? now : memory;
                    Assert.True(now - memory < MayGrow, $"From {memory} to {now} octets of memory.");
                }
            }

            target.Flush();
        }
        catch (Exception ex)
        {
            throw new InvalidOperationException($"Seed {Seed}, packet {given}", ex);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{given:N0} packets of seed {Seed} in {watch.Elapsed.TotalSeconds:0.0} s; memory {memory / 1048576.0:0.0} MB at {Packets / 3:N0} packets at most, {last / 1048576.0:0.0} MB at the end"));
        CountsAddUp(target);
        Bounded(target, folder);
    }

    /// <summary>What is held, in octets. Queues that wait for the disk on a busy machine get some seconds to empty; what stays is growth.</summary>
    private static async Task<long> HeldAsync(long enough)
    {
        var watch = Stopwatch.StartNew();
        var held = GC.GetTotalMemory(forceFullCollection: true);
        while (held >= enough && watch.Elapsed < TimeSpan.FromSeconds(20))
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            held = GC.GetTotalMemory(forceFullCollection: true);
        }

        return held;
    }

    /// <summary>A good login and Status-Server, at once, whatever came before.</summary>
    private static void StillAnswers(FuzzTarget target, int number)
    {
        Span<byte> authenticator = stackalloc byte[RadiusPacket.AuthenticatorLength], hidden = stackalloc byte[PapPassword.MaxLength];
        BitConverter.TryWriteBytes(authenticator, number);
        var from = new Peer(Peer.Key(IPAddress.Loopback), 50_000);
        var login = new RadiusWriter(new byte[RadiusPacket.MaxLength], RadiusCode.AccessRequest, (byte)number);
        login.AddMessageAuthenticator();
        login.Add(RadiusAttributes.UserName, Witness);
        login.Add(RadiusAttributes.UserPassword, hidden[..PapPassword.Hide(System.Text.Encoding.UTF8.GetBytes(HostFixture.Password), authenticator, Secret, hidden)]);
        Assert.Equal(RadiusCode.AccessAccept, CodeOf(target.Ask(new FuzzDatagram(false, from, 0), Finish(ref login, authenticator))));
        foreach (var (toAccounting, expected) in ((bool, RadiusCode)[])[(false, RadiusCode.AccessAccept), (true, RadiusCode.AccountingResponse)])
        {
            var status = new RadiusWriter(new byte[RadiusPacket.MaxLength], RadiusCode.StatusServer, (byte)number);
            status.AddMessageAuthenticator();
            Assert.Equal(expected, CodeOf(target.Ask(new FuzzDatagram(toAccounting, from, 0), Finish(ref status, authenticator))));
        }
    }

    private static RadiusCode CodeOf(byte[] reply) => reply.Length == 0 ? RadiusCode.None : (RadiusCode)reply[0];

    private static byte[] Finish(scoped ref RadiusWriter request, scoped ReadOnlySpan<byte> authenticator)
    {
        request.FinishRequest(authenticator, Secret);
        return request.Written.ToArray();
    }

    /// <summary>Each datagram has one fate, and each counter that has parts is their sum.</summary>
    private static void CountsAddUp(FuzzTarget target)
    {
        var (access, accounting) = (target.Counters.Authentication, target.Counters.Accounting);
        Assert.Equal(target.Given, target.Answered + Enum.GetValues<DropReason>().Sum(target.Counters.Dropped));
        foreach (var port in (PortCounters[])[access, accounting])
        {
            Assert.Equal(port.Dropped(DropReason.Malformed), Enum.GetValues<MalformedReason>().Sum(port.Malformed));
        }

        Assert.Equal(target.Counters.UnknownSources.Newest().Count, target.Counters.UnknownSources.Newest().DistinctBy(s => s.Source).Count());

        // The packets must reach every place that has a reason to refuse, and enough of them what lies behind.
        foreach (var reason in Enum.GetValues<DropReason>().Except([DropReason.InternalError, DropReason.JournalFailed, DropReason.RateLimited, DropReason.DuplicateInProgress, DropReason.ProxyStateWithoutMessageAuthenticator]))
        {
            Assert.True(target.Counters.Dropped(reason) > 0, $"nothing was dropped as {reason}");
        }

        foreach (var (name, count) in ((string, long)[])[("accepted", target.Accepted), ("rejected", target.Rejected), ("recorded", target.Recorded)])
        {
            Assert.True(count > target.Given / 50, $"only {count} of {target.Given} were {name}");
        }
    }

    private void Bounded(FuzzTarget target, DirectoryInfo folder)
    {
        Assert.InRange(target.Log.Waiting, 0, LoginLog.Capacity);
        Assert.InRange(target.Counters.UnknownSources.Newest().Count, 1, 32);
        Assert.All(Directory.Content.Companies.Values.SelectMany(c => c.Subscribers), s => Assert.InRange(s.Line.Sessions.Count, 0, LineState.MaxSessions));
        Assert.InRange(folder.GetFiles("*", SearchOption.AllDirectories).Sum(f => f.Length), 1, 64L << 20);
    }

    private static int FromEnvironment(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var asked) ? asked : otherwise;

    public sealed class WithLine : HostFixture
    {
        protected override (string Key, string Value)[] Settings => [("Radius:RequestsPerSecondPerNas", "10000000")];

        protected override async Task PrepareAsync()
        {
            await Company.AddSubscriptionAsync(package: Package, username: Username, password: Password);
            await Company.AddSubscriptionAsync(package: Package, username: Witness, password: Password);
        }
    }
}
