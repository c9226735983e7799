using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.LoginTests;

/// <summary>One test: a socket, the NAS in whose name it is, and what came of it.</summary>
internal sealed class LoginTest : IDisposable
{
    private readonly Socket _socket;
    private readonly TestPath _path;
    private readonly NasEntry _nas;
    private readonly LearnedCallers _callers;
    private readonly LoginLog _log;
    private readonly TimeProvider _clock;
    private byte[] _request = [];
    private byte[] _reply = [];

    public LoginTest(NasEntry nas, TestPath path, LearnedCallers callers, LoginLog log, TimeProvider clock)
    {
        (_nas, _path, _callers, _log, _clock) = (nas, path, callers, log, clock);
        _socket = new Socket(path.Here.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(path.Here, 0));
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public LoginTestVerdict? Verdict { get; private set; }

    public void Dispose() => _socket.Dispose();

    /// <summary>Answers the first request that is signed with the secret, and its retransmissions, until it is told to end.</summary>
    public async Task AnswerAsync(CancellationToken ct)
    {
        var buffer = new byte[RadiusPacket.MaxLength];
        while (true)
        {
            var got = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(_path.Any, 0), ct);
            if (got.RemoteEndPoint is IPEndPoint from && from.Address.Equals(_path.There) && Answer(buffer.AsSpan(0, got.ReceivedBytes)))
            {
                await _socket.SendToAsync(_reply, SocketFlags.None, got.RemoteEndPoint, ct);
            }
        }
    }

    private bool Answer(ReadOnlySpan<byte> datagram)
    {
        if (_request.Length > 0)
        {
            return datagram.SequenceEqual(_request);
        }

        if (!RadiusPacket.TryRead(datagram, out var packet, out _)
            || packet.Code is not RadiusCode.AccessRequest
            || RadiusSignature.CheckRequest(packet, _nas.Secret) is not MessageAuthenticatorState.Valid)
        {
            return false;
        }

        Span<byte> buffer = stackalloc byte[RadiusPacket.MaxLength];
        var now = _clock.GetUtcNow().UtcTicks;
        var request = AccessRequest.Read(packet);
        var verdict = LoginDecider.Decide(request, packet, _nas, _callers, now, startsBy: 0); // what it would learn is let go
        var length = verdict.IsAccepted
            ? AccessReply.Accept(buffer, packet, request, _nas, verdict, now, (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue))
            : AccessReply.Reject(buffer, packet, request, _nas, verdict);
        _log.Add(_nas.Company.TenantId, _nas.Id, request, verdict, now, isTest: true);
        (_request, _reply) = (datagram.ToArray(), buffer[..length].ToArray());
        Verdict = new LoginTestVerdict(verdict.Outcome.ToString(), verdict.Detail);
        return length > 0;
    }
}
