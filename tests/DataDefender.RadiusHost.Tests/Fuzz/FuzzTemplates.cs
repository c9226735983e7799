using System.Globalization;
using System.Net;
using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Tests.Fuzz;

/// <summary>A request as a NAS would send it, without its authenticators. A PAP password lies at <paramref name="HiddenAt"/>, to be hidden for each packet anew.</summary>
internal sealed record FuzzTemplate(RadiusCode Code, byte[] Attributes, int? HiddenAt = null);

/// <summary>Requests of every kind, whose credentials are right, to start from.</summary>
internal sealed class FuzzTemplates
{
    private const int OfEachKind = 24;

    private readonly Random _random;
    private readonly byte[] _buffer = new byte[RadiusPacket.MaxLength];
    private readonly byte[] _password;
    private readonly byte[] _ntHash = new byte[MsChap.NtHashLength];
    private readonly FuzzTemplate[] _logins;
    private readonly FuzzTemplate[] _accounting;

    public FuzzTemplates(Random random, string username, string password)
    {
        (_random, _password) = (random, Encoding.UTF8.GetBytes(password));
        MsChap.HashPassword(password, _ntHash);
        var names = new[] { username, username, username.ToUpperInvariant(), "nobody-of-that-name" }.Select(Encoding.UTF8.GetBytes).ToArray();
        _logins = [.. Enumerable.Range(0, 6 * OfEachKind).Select(i => Login(i % 6, names[_random.Next(names.Length)]))];
        _accounting = [.. Enumerable.Range(0, 6 * OfEachKind).Select(i => Accounting(i % 6, i, names[_random.Next(names.Length)]))];
    }

    public FuzzTemplate Choose(bool accounting) => accounting ? _accounting[_random.Next(_accounting.Length)] : _logins[_random.Next(_logins.Length)];

    private FuzzTemplate Login(int kind, byte[] name)
    {
        int? hiddenAt = null;
        var request = new RadiusWriter(_buffer, RadiusCode.AccessRequest, 0);
        if (kind == 5)
        {
            return new FuzzTemplate(RadiusCode.StatusServer, Bytes(request, _random.Next(2) == 0 ? "test-nas" : "old-nas"));
        }

        request.Add(RadiusAttributes.ServiceType, (uint)RadiusServiceType.Framed);
        request.Add(RadiusAttributes.FramedProtocol, 1u);
        request.Add(RadiusAttributes.NasPort, (uint)_random.Next(64));
        request.Add(RadiusAttributes.UserName, name);
        request.Add(RadiusAttributes.CallingStationId, $"02:00:5E:00:53:{_random.Next(256):X2}");
        switch (kind)
        {
            case 0:
                hiddenAt = request.Length + 2 - RadiusPacket.HeaderLength;
                request.Add(RadiusAttributes.UserPassword, new byte[16]);
                break;
            case 1:
                var (challenge, chap) = (Octets(16), new byte[17]);
                ChapPassword.Write(7, challenge, _password, chap);
                request.Add(RadiusAttributes.ChapChallenge, challenge);
                request.Add(RadiusAttributes.ChapPassword, chap);
                break;
            case 2:
                var (first, response) = (Octets(MsChapV1.ChallengeLength), new byte[MsChap.ResponseAttributeLength]);
                MsChapV1.WriteResponse(1, first, _ntHash, response);
                request.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge, first);
                request.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapResponse, response);
                break;
            case 3:
                var (second, peer, response2) = (Octets(MsChapV2.ChallengeLength), Octets(MsChapV2.ChallengeLength), new byte[MsChap.ResponseAttributeLength]);
                MsChapV2.WriteResponse(1, second, peer, name, _ntHash, response2);
                request.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge, second);
                request.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Response, response2);
                break;
            default:
                request.Add(RadiusAttributes.EapMessage, [2, 1, 0, 9, 1, .. "fuzz"u8]);
                request.Add(RadiusAttributes.State, Octets(16));
                break;
        }

        request.AddVendor(RadiusVendors.Mikrotik, MikrotikAttributes.Realm, "realm");
        request.AddVendor(RadiusVendors.AdslForum, 1, "eth 1/1/04/22"); // RFC 4679 §3.3.1, the agent's circuit
        return new FuzzTemplate(RadiusCode.AccessRequest, Bytes(request, _random.Next(3) == 0 ? "old-nas" : "test-nas"), hiddenAt);
    }

    private FuzzTemplate Accounting(int kind, int number, byte[] name)
    {
        var request = new RadiusWriter(_buffer, RadiusCode.AccountingRequest, 0);
        if (kind == 5)
        {
            return new FuzzTemplate(RadiusCode.StatusServer, Bytes(request, "test-nas"));
        }

        var status = kind switch { 0 => AcctStatusType.Start, 1 => AcctStatusType.InterimUpdate, 2 => AcctStatusType.Stop, 3 => AcctStatusType.AccountingOn, _ => AcctStatusType.InterimUpdate };
        request.Add(RadiusAttributes.AcctStatusType, (uint)status);
        request.Add(RadiusAttributes.UserName, name);
        request.Add(RadiusAttributes.NasPort, (uint)number);
        request.Add(RadiusAttributes.AcctSessionId, string.Create(CultureInfo.InvariantCulture, $"8010{number:x4}"));
        request.Add(RadiusAttributes.CallingStationId, $"02:00:5E:00:54:{number:X2}");
        request.Add(RadiusAttributes.CalledStationId, "pppoe-service");
        request.Add(RadiusAttributes.FramedIpAddress, IPAddress.Parse("100.64.0.7"));
        request.Add(RadiusAttributes.AcctSessionTime, (uint)(60 * kind));
        request.Add(RadiusAttributes.AcctInputOctets, (uint)(1000 * kind));
        request.Add(RadiusAttributes.AcctInputGigawords, 0u);
        request.Add(RadiusAttributes.AcctOutputOctets, (uint)(9000 * kind));
        request.Add(RadiusAttributes.AcctTerminateCause, 1u);
        request.Add(RadiusAttributes.EventTimestamp, 1_772_352_000u); // 2026-03-01 08:00, where the test's clock starts
        request.Add(RadiusAttributes.AcctDelayTime, 0u);
        return new FuzzTemplate(RadiusCode.AccountingRequest, Bytes(request, "test-nas"));
    }

    private byte[] Octets(int length)
    {
        var octets = new byte[length];
        _random.NextBytes(octets);
        return octets;
    }

    private byte[] Bytes(RadiusWriter request, string identifier)
    {
        request.Add(RadiusAttributes.NasIdentifier, identifier);
        request.Add(RadiusAttributes.NasIpAddress, IPAddress.Loopback);
        return _buffer[RadiusPacket.HeaderLength..request.Length];
    }
}
