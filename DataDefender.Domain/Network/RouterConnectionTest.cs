using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Network;

public enum TestStepState
{
    Passed,
    Failed,

    /// <summary>Not reached, because an earlier step failed.</summary>
    NotReached,
}

/// <summary>One step on the way to a router, with what was seen there.</summary>
public sealed record TestStep(string Name, TestStepState State, string Detail);

/// <summary>What a connection test found. On success who the router is; otherwise the failed step says exactly what is wrong.</summary>
/// <param name="Certificate">What the router showed, also when it was refused for having changed; null without TLS or before TLS.</param>
public sealed record RouterTestReport(
    bool Passed, IReadOnlyList<TestStep> Steps, string? Identity, string? Model, string? RouterOsVersion, string? SerialNumber,
    RouterCertificate? Certificate, string? PinnedFingerprint, RouterConnectFailure? Failure, TimeSpan Took)
{
    /// <summary>A certificate that was shown and is not the one that is pinned: a person has to say whether to trust it.</summary>
    public bool AsksForTrust => Certificate is { } seen && !string.Equals(seen.Fingerprint, PinnedFingerprint, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Tries the way to a router step by step, before or after it is saved.</summary>
public sealed class RouterConnectionTest(IDataDefenderDbFactory dbFactory, ISecretVault vault, IRouterGateway gateway, CurrentUser user, TimeProvider clock)
{
    private static readonly RouterInputValidator Validator = new();

    /// <summary>
    /// Tests what stands in the form. With <paramref name="routerId"/> an empty password means the stored one, and when the form still
    /// says what is stored, a router that answers is described anew.
    /// </summary>
    public async Task<RouterTestReport> RunAsync(RouterInput input, Guid? routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        var endpoint = await EndpointAsync(input, routerId, ct);
        var started = clock.GetTimestamp();
        var test = await gateway.TestAsync(endpoint, ct);
        var took = clock.GetElapsedTime(started);
        if (test is RouterTest.Failed { Failure: var failure })
        {
            return new RouterTestReport(
                false, Steps(endpoint, failure), null, null, null, null, failure.Seen, endpoint.CertificateFingerprint, failure, took);
        }

        var passed = (RouterTest.Passed)test;
        var serial = await SerialAsync(endpoint, ct);
        if (routerId is { } id)
        {
            await DescribeAsync(id, endpoint, passed, serial, ct);
        }

        return new RouterTestReport(
            true, Steps(endpoint, passed), passed.Identity, passed.Board, passed.Version, serial, passed.Certificate, endpoint.CertificateFingerprint, null, took);
    }

    // A test never touches the router's kept connection: a key of its own, given up at the end.
    private async Task<RouterEndpoint> EndpointAsync(RouterInput input, Guid? routerId, CancellationToken ct)
    {
        if (routerId is not { } id)
        {
            return string.IsNullOrEmpty(input.Password)
                ? throw new InvalidInputException([new FieldError(nameof(RouterInput.Password), "Enter the API user's password.")])
                : new RouterEndpoint(Guid.CreateVersion7(), input.Host.Trim(), input.ApiPort, input.UseTls, null, input.Username.Trim(), input.Password);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var router = await db.Routers.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException("Router", id);
        router.Change(input); // drops the pin when it is another box
        var password = string.IsNullOrEmpty(input.Password)
            ? (await vault.OpenAsync(router.TenantId, ct)).Reveal(router.PasswordPlace(), router.PasswordCipher)
            : input.Password;
        return new RouterEndpoint(
            Guid.CreateVersion7(), router.Host, router.ApiPort, router.UseTls, router.CertificateFingerprint, router.Username, password);
    }

    // Virtual routers have no serial number, and a user without the right to read it is no failure.
    private async Task<string?> SerialAsync(RouterEndpoint endpoint, CancellationToken ct)
    {
        try
        {
            var answer = await gateway.PrintAsync(endpoint, "/system/routerboard", properties: ["serial-number"], ct: ct);
            return answer is RouterOutcome.Done { Rows: [var row, ..] } && row["serial-number"] is { Length: > 0 } serial ? serial : null;
        }
        finally
        {
            await gateway.ForgetAsync(endpoint.RouterId);
        }
    }

    private async Task DescribeAsync(Guid id, RouterEndpoint tested, RouterTest.Passed passed, string? serial, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var router = await db.Routers.SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException("Router", id);
        if (router.Host == tested.Host && router.ApiPort == tested.Port && router.UseTls == tested.UseTls)
        {
            router.Describe(passed.Identity, passed.Board, passed.Version, serial);
            await db.SaveChangesAsync(ct);
        }
    }

    private static List<TestStep> Steps(RouterEndpoint router, RouterTest.Passed passed)
    {
        var steps = new List<TestStep> { new("Reach", TestStepState.Passed, $"{router.Host} answers on port {router.Port}.") };
        if (passed.Certificate is { } certificate)
        {
            steps.Add(new("TLS", TestStepState.Passed, $"{certificate.Subject}, valid until {certificate.ExpiresAt:yyyy-MM-dd}."));
        }

        steps.Add(new("Sign in", TestStepState.Passed, $"The router takes the user {router.Username}."));
        steps.Add(new("Read", TestStepState.Passed, $"{passed.Identity}: {passed.Board}, RouterOS {passed.Version}."));
        return steps;
    }

    private static List<TestStep> Steps(RouterEndpoint router, RouterConnectFailure failure)
    {
        string[] way = router.UseTls ? ["Reach", "TLS", "Sign in", "Read"] : ["Reach", "Sign in", "Read"];
        var failed = Array.IndexOf(way, StepOf(failure, router.UseTls));
        return
        [
            .. way.Select((step, i) => i < failed ? new TestStep(step, TestStepState.Passed, step is "Reach" ? $"{router.Host} answers on port {router.Port}." : "")
                : i == failed ? new TestStep(step, TestStepState.Failed, failure.Message)
                : new TestStep(step, TestStepState.NotReached, "")),
        ];
    }

    private static string StepOf(RouterConnectFailure failure, bool useTls) => failure.Kind switch
    {
        RouterConnectFailureKind.NameNotFound or RouterConnectFailureKind.ConnectionRefused or RouterConnectFailureKind.Unreachable
            or RouterConnectFailureKind.AddressNotAllowed => "Reach",
        RouterConnectFailureKind.TlsFailed or RouterConnectFailureKind.CertificateChanged or RouterConnectFailureKind.CertificateExpired => "TLS",
        RouterConnectFailureKind.Silent or RouterConnectFailureKind.NotRouterOs => useTls && failure.Seen is null ? "TLS" : "Sign in",
        RouterConnectFailureKind.ClosedByRouter or RouterConnectFailureKind.WrongPassword or RouterConnectFailureKind.ConnectionLimit => "Sign in",
        RouterConnectFailureKind.NotPermitted => "Read",
        _ => "Reach",
    };
}
