using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using DataDefender.Infrastructure.Identity;
using DataDefender.Infrastructure.Payments;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace DataDefender.Web.Setup;

/// <summary>What one address may send in a minute to the doors at which nobody is signed in, and whose word counts for that address.</summary>
internal static class CallerLimits
{
    private static readonly string[] SignInPaths = ["/sign-in", "/register", "/set-password", "/account/passkey"];

    public static void AddCallerLimits(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CallerOptions>().Bind(configuration.GetSection("Callers")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<CallerOptions>>((forwarded, callers) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null; // as long a chain as its links are known
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in callers.Value.ProxyNetworks)
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        });
        services.AddRateLimiter(_ => { }).AddOptions<RateLimiterOptions>().Configure<IOptions<SignInRules>, IOptions<PaymentOptions>, IOptions<CallerOptions>>((limits, signIn, payments, callers) =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.OnRejected = static (rejected, _) => new ValueTask(
                IsSignIn(rejected.HttpContext.Request) ? FailurePages.TooManyAsync(rejected.HttpContext) : rejected.HttpContext.Response.CompleteAsync());
            limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, (string Door, string Caller)>(context =>
            {
                var request = context.Request;
                return request.Path.StartsWithSegments(PaymentEndpoints.Path) ? Limit("payments", context, payments.Value.CallbacksPerMinutePerAddress)
                    : request.Path.StartsWithSegments(MessageHooks.Path) ? Limit("messages", context, callers.Value.MessageReportsPerMinutePerAddress)
                    : request.Path.StartsWithSegments(EnrolmentEndpoints.Path) ? Limit("enrolment", context, callers.Value.EnrolmentsPerMinutePerAddress)
                    : IsSignIn(request) ? Limit("sign-in", context, signIn.Value.AttemptsPerMinutePerAddress)
                    : RateLimitPartition.GetNoLimiter(("", ""));
            });
        });
    }

    /// <summary>Before anything that asks who calls. Without a known proxy the headers are left alone: anybody can send them.</summary>
    public static void UseCallers(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<CallerOptions>>().Value.KnownProxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }
    }

    private static bool IsSignIn(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && Array.Exists(SignInPaths, path => request.Path.StartsWithSegments(path));

    private static RateLimitPartition<(string Door, string Caller)> Limit(string door, HttpContext context, int perMinute) =>
        RateLimitPartition.GetSlidingWindowLimiter(
            (door, Caller(context.Connection.RemoteIpAddress)),
            _ => new SlidingWindowRateLimiterOptions { PermitLimit = perMinute, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6 });

    // Whoever has an IPv6 address has at least the 2^64 beside it.
    private static string Caller(IPAddress? address) => address switch
    {
        null => "unknown",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)),
        _ => address.ToString(),
    };
}
