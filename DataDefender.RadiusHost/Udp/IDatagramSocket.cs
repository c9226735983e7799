using System.Net;

namespace DataDefender.RadiusHost.Udp;

/// <summary>A bound UDP port that gives datagrams in batches and takes the answers back in batches.</summary>
internal interface IDatagramSocket : IDisposable
{
    IPEndPoint LocalEndPoint { get; }

    /// <summary>Waits for at least one datagram. False once <see cref="StopReceiving"/> was called.</summary>
    bool Receive(DatagramBatch batch);

    /// <summary>Sends each answer of the batch to where its request came from. What cannot be sent is lost, as anything may be over UDP.</summary>
    void SendReplies(DatagramBatch batch);

    /// <summary>Sends one datagram from any thread.</summary>
    void Send(ReadOnlySpan<byte> datagram, Peer to);

    /// <summary>Wakes the receiver up for good; sending still works.</summary>
    void StopReceiving();
}
