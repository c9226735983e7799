namespace DataDefender.Domain.Network;

/// <summary>
/// The way to a router. One long-lived connection per router stands behind it: opened on first use, opened again after
/// a fault or when the endpoint changes, and shared by all callers, whose commands run side by side.
/// The verbs (PrintAsync, AddAsync, SetAsync …) are extensions over <see cref="ExecuteAsync"/>.
/// </summary>
public interface IRouterGateway
{
    /// <summary>
    /// Runs one command to its end. Never throws for what the router or the network does: see <see cref="RouterOutcome"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">
    /// The caller gave up. It returns at once; whether a write took effect is then unknown, as after a lost connection.
    /// </exception>
    Task<RouterOutcome> ExecuteAsync(RouterEndpoint router, RouterCommand command, CancellationToken ct = default);

    /// <summary>
    /// Runs a command that keeps answering (listen, ping, torch, monitor) and yields each row as it comes. Leaving the loop
    /// or cancelling ends the command on the router.
    /// </summary>
    /// <exception cref="RouterCommandException">The router refused, or the connection was lost, before the command's own end.</exception>
    IAsyncEnumerable<RouterRow> StreamAsync(RouterEndpoint router, RouterCommand command, CancellationToken ct = default);

    /// <summary>
    /// Opens a connection of its own, signs in, asks the router who it is and closes again. With no fingerprint pinned it
    /// trusts whatever certificate it sees and reports it, so that a person can confirm it.
    /// </summary>
    Task<RouterTest> TestAsync(RouterEndpoint router, CancellationToken ct = default);

    /// <summary>The certificate that the router showed on the open connection; null without one, or without TLS.</summary>
    RouterCertificate? CertificateOf(Guid routerId) => null;

    /// <summary>Closes the connection to a router that was removed or switched off. Commands in flight end unknown.</summary>
    ValueTask ForgetAsync(Guid routerId);
}

/// <summary>The verbs of the RouterOS API over the port.</summary>
public static class RouterGatewayVerbs
{
    /// <summary>Lists a menu, e.g. <c>PrintAsync(router, "/ppp/active", [RouterQuery.Is("service", "pppoe")], [".id", "name"])</c>.</summary>
    public static Task<RouterOutcome> PrintAsync(
        this IRouterGateway gateway,
        RouterEndpoint router,
        string menu,
        IReadOnlyCollection<string>? query = null,
        IReadOnlyCollection<string>? properties = null,
        CancellationToken ct = default) =>
        gateway.ExecuteAsync(router, RouterCommand.Print(menu, query, properties), ct);

    /// <summary>Adds an item; <see cref="RouterOutcome.Done.Ret"/> is its new id.</summary>
    public static Task<RouterOutcome> AddAsync(
        this IRouterGateway gateway, RouterEndpoint router, string menu, IReadOnlyCollection<(string Name, string Value)> properties, CancellationToken ct = default) =>
        gateway.ExecuteAsync(router, RouterCommand.Add(menu, properties), ct);

    /// <summary>Changes an item, or with <paramref name="id"/> null a menu that is a single record (<c>/ppp/aaa</c>).</summary>
    public static Task<RouterOutcome> SetAsync(
        this IRouterGateway gateway, RouterEndpoint router, string menu, string? id, IReadOnlyCollection<(string Name, string Value)> properties, CancellationToken ct = default) =>
        gateway.ExecuteAsync(router, RouterCommand.Set(menu, id, properties), ct);

    /// <summary>Removes items by id.</summary>
    public static Task<RouterOutcome> RemoveAsync(
        this IRouterGateway gateway, RouterEndpoint router, string menu, IReadOnlyCollection<string> ids, CancellationToken ct = default) =>
        gateway.ExecuteAsync(router, RouterCommand.Remove(menu, ids), ct);

    /// <summary>Runs any other command to its end, e.g. <c>/ip/hotspot/active/login</c>.</summary>
    public static Task<RouterOutcome> CallAsync(
        this IRouterGateway gateway, RouterEndpoint router, string command, IReadOnlyCollection<(string Name, string Value)>? arguments = null, CancellationToken ct = default) =>
        gateway.ExecuteAsync(router, RouterCommand.Call(command, arguments), ct);

    /// <summary>Follows the changes of a menu; a removed item comes as a row with <see cref="RouterRow.IsDead"/>.</summary>
    public static IAsyncEnumerable<RouterRow> ListenAsync(
        this IRouterGateway gateway, RouterEndpoint router, string menu, IReadOnlyCollection<string>? properties = null, CancellationToken ct = default) =>
        gateway.StreamAsync(router, RouterCommand.Listen(menu, properties), ct);
}
