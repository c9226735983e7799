using System.Buffers.Binary;
using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Benchmarks.Radius;

/// <summary>
/// Sends logins and keeps every answer; each is checked when the clock has stopped. It is right when it is an Accept, both its
/// authenticators are, it has the user's own address, and for MS-CHAPv2 the proof that the server knows the password, and both keys.
/// </summary>
internal sealed class LoginLoad(LoginRequests requests, bool needsMessageAuthenticator) : ILoad
{
    private const uint FirstAddress = (100u << 24) | (64u << 16);
    private const int BlockBytes = 4 << 20;
    private const int HeaderBytes = 8; // slot, number, length

    private readonly int[] _next = new int[256];
    private readonly List<byte[]> _blocks = [];
    private byte[] _block = [];
    private int _used;

    public int Write(byte slot, Span<byte> buffer) => requests.Write(slot, _next[slot]++, buffer);

    public void Take(byte slot, ReadOnlySpan<byte> reply)
    {
        if (_used + HeaderBytes + reply.Length > _block.Length)
        {
            _block = GC.AllocateUninitializedArray<byte>(BlockBytes);
            _blocks.Add(_block);
            _used = 0;
        }

        var place = _block.AsSpan(_used);
        BinaryPrimitives.WriteInt32LittleEndian(place, _next[slot] - 1);
        (place[4], place[5]) = (slot, 1); // 1: one is here
        BinaryPrimitives.WriteUInt16LittleEndian(place[6..], (ushort)reply.Length);
        reply.CopyTo(place[HeaderBytes..]);
        _used += HeaderBytes + reply.Length;
        if (_used < _block.Length - HeaderBytes)
        {
            _block.AsSpan(_used, HeaderBytes).Clear();
        }
    }

    public bool IsMidway(byte slot) => false;

    public LoadCheck Check()
    {
        var (right, wrong, first) = (0L, 0L, (string?)null);
        foreach (var block in _blocks)
        {
            for (var at = 0; at + HeaderBytes < block.Length && block[at + 5] == 1;)
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(at + 6));
                var reply = block.AsSpan(at + HeaderBytes, length);
                if (IsRight(block[at + 4], BinaryPrimitives.ReadInt32LittleEndian(block.AsSpan(at)), reply))
                {
                    right++;
                }
                else
                {
                    wrong++;
                    first ??= Describe(reply);
                }

                at += HeaderBytes + length;
            }
        }

        return new LoadCheck(right, wrong, first);
    }

    private static string Describe(ReadOnlySpan<byte> reply) => !RadiusPacket.TryRead(reply, out var packet, out var malformed) ? $"malformed: {malformed}"
        : packet.TryFind(RadiusAttributes.ReplyMessage, out var message) ? $"{packet.Code}: {Encoding.UTF8.GetString(message)}"
        : $"{packet.Code}";

    private bool IsRight(byte slot, int number, ReadOnlySpan<byte> reply)
    {
        var user = requests.UserOf(slot, number);
        Span<byte> authenticator = stackalloc byte[RadiusPacket.AuthenticatorLength];
        BinaryPrimitives.WriteUInt128BigEndian(authenticator, requests.AuthenticatorOf(slot, number));
        return RadiusPacket.TryRead(reply, out var packet, out _)
            && packet.Code is RadiusCode.AccessAccept
            && RadiusSignature.HasValidResponseAuthenticator(packet, authenticator, requests.Secret)
            && RadiusSignature.CheckReply(packet, authenticator, requests.Secret) is var signed
            && (signed is MessageAuthenticatorState.Valid || (signed is MessageAuthenticatorState.Absent && !needsMessageAuthenticator))
            && packet.TryFindUInt32(RadiusAttributes.FramedIpAddress, out var address) && address == FirstAddress + user
            && (requests.Kind is LoginKind.Pap || IsProven(packet, user));
    }

    private bool IsProven(in RadiusPacket packet, int user) =>
        packet.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Success, out var proof) && proof.SequenceEqual(requests.Proofs[user])
        && packet.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.MppeSendKey, out _)
        && packet.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.MppeRecvKey, out _);
}
