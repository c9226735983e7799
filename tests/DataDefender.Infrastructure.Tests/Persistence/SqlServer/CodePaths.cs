using System.Reflection;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Compliance;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Messaging;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Infrastructure.Identity;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Infrastructure.Payments;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>Calls every public method of every service of the Domain over captured contexts, with inputs that pass validation. A new service is called too.</summary>
internal static class CodePaths
{
    /// <summary>How one method went; what it threw ends that call, not what it had sent before.</summary>
    public sealed record Outcome(string Method, Exception? Ended);

    public static async Task<IReadOnlyList<Outcome>> RunServicesAsync(StatementCapture capture)
    {
        var outcomes = new List<Outcome>();
        await using var provider = Provider(capture);
        foreach (var service in Services())
        {
            foreach (var method in Methods(service))
            {
                foreach (var scenario in Scenario.All)
                {
                    capture.Scenario = scenario;
                    foreach (var arguments in Arguments(method, capture.Id))
                    {
                        outcomes.Add(new Outcome($"{service.Name}.{method.Name}", await CallAsync(provider, capture.Id, service, method, arguments)));
                    }
                }
            }
        }

        return outcomes;
    }

    /// <summary>Classes of the Domain that open the database.</summary>
    public static IEnumerable<Type> Services() => typeof(Client).Assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false } && t.GetConstructors().Any(c => c.GetParameters().Any(p => p.ParameterType == typeof(IDataDefenderDbFactory) || p.ParameterType == typeof(IPlatformDbFactory))))
        .OrderBy(t => t.FullName, StringComparer.Ordinal);

    private static IEnumerable<MethodInfo> Methods(Type service) => service
        .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(m => typeof(Task).IsAssignableFrom(m.ReturnType));

    private static async Task<Exception?> CallAsync(ServiceProvider provider, Guid company, Type service, MethodInfo method, object?[] arguments)
    {
        await using var scope = provider.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Use(company);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(Actor.System("test"));
        try
        {
            await (Task)method.Invoke(ActivatorUtilities.CreateInstance(scope.ServiceProvider, service), arguments)!;
            return null;
        }
        catch (TargetInvocationException wrapped)
        {
            return wrapped.InnerException;
        }
        catch (Exception ended)
        {
            return ended;
        }
    }

    private static ServiceProvider Provider(StatementCapture capture)
    {
        var clock = new ManualClock();
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()).AddSingleton<TimeProvider>(clock);
        services.AddSingleton(new ContextSource(capture.Contexts(), clock)).AddSingleton<ISecretVault, OpenVault>();
        services.AddScoped<TenantContext>().AddScoped<CurrentUser>().AddScoped<IDataDefenderDbFactory, TenantDbFactory>().AddSingleton<IPlatformDbFactory, PlatformDbFactory>();
        services.AddRouterOs();
        services.AddPaymentGateways();
        services.AddBilling();
        services.AddMessaging();
        services.AddMonitoring().AddSingleton<NocBoard>(); // for the port of the test logins, which is off without a token
        services.AddDataProtection();
        services.AddDataDefenderIdentity(new ConfigurationBuilder().Build()).AddSingleton<IAuditVerifier, AuditVerifier>();
        foreach (var type in typeof(Client).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false, IsPublic: true } && t.GetConstructors().Any(c => c.GetParameters().Length >= 0)))
        {
            if (Services().Contains(type) || type == typeof(LicenceGuard))
            {
                services.AddScoped(type);
            }
            else if (type.GetConstructors() is [var only] && only.GetParameters().All(p => p.ParameterType == typeof(TimeProvider)) && !type.Name.EndsWith("Exception", StringComparison.Ordinal))
            {
                services.AddSingleton(type); // signals, boards, metrics: what services share in memory
            }
        }

        return services.BuildServiceProvider();
    }

    /// <summary>One set of arguments; for a list, one for each column that it can be sorted by.</summary>
    private static IEnumerable<object?[]> Arguments(MethodInfo method, Guid id)
    {
        var sorts = method.GetParameters().Any(p => p.ParameterType == typeof(GridQuery)) && method.ReturnType.IsGenericType && method.ReturnType.GetGenericArguments()[0] is { IsGenericType: true } page
            ? page.GetGenericArguments()[0].GetProperties().Select(p => p.Name).ToList()
            : [];
        yield return [.. method.GetParameters().Select(p => Sample(p.ParameterType, id, null, descending: false))];
        foreach (var sort in sorts)
        {
            yield return [.. method.GetParameters().Select(p => Sample(p.ParameterType, id, sort, descending: false))];
            yield return [.. method.GetParameters().Select(p => Sample(p.ParameterType, id, sort, descending: true))];
        }
    }

    internal static object? Sample(Type type, Guid id, string? sort, bool descending) => type switch
    {
        _ when type == typeof(GridQuery) => new GridQuery(1, 25, sort, descending, sort is null ? "wanjiku 10" : null),
        _ when type == typeof(ClientInput) => new ClientInput { Name = "Wanjiku", Phone = "0712345678" },
        _ when type == typeof(ServicePackageInput) => new ServicePackageInput { Name = "Home", Price = 100m, DownloadKbps = 5000, UploadKbps = 5000 },
        _ when type == typeof(SubscriptionInput) => new SubscriptionInput { PackageId = id, StaticAddress = "100.64.0.9" },
        _ when type == typeof(RouterInput) => new RouterInput { Name = "R1", Host = "10.0.0.1", Username = "api", Password = "long enough" },
        _ when type == typeof(NasInput) => new NasInput { Name = "N1", Address = "10.0.0.1", Secret = "long enough" },
        _ when type == typeof(DisclosureInput) => new DisclosureInput
        {
            CaseNumber = "OB 1/2026", Authority = "Nairobi Central", Address = "100.64.0.7",
            From = new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc), Until = new DateTime(2026, 2, 2, 0, 0, 0, DateTimeKind.Utc),
        },
        _ when type == typeof(ChannelInput) => new ChannelInput { IsLive = true, Name = "Paybill", ShortCode = "522522", ClientId = "key", ClientSecret = "secret", Passkey = "pass", BaseUrl = "https://api.safaricom.co.ke", TokenUrl = "https://api.safaricom.co.ke/oauth/v1/generate" },
        _ when type == typeof(AskInput) => new AskInput { ClientId = id, ChannelId = id, Amount = 100, Phone = "0712345678", IdempotencyKey = "key" },
        _ when type == typeof(RefundInput) => new RefundInput { PaymentId = id, Amount = 100, Reason = "paid twice", IdempotencyKey = "key" },
        _ when type == typeof(PayOutInput) => new PayOutInput { ClientId = id, Amount = 100, InCash = false, Reference = "FT1", Reason = "left", IdempotencyKey = "key" },
        _ when type == typeof(ReceivedInput) => new ReceivedInput { ClientId = id, Method = PaymentMethod.BankTransfer, Amount = 100, Reference = "FT1", IdempotencyKey = "key" },
        _ when type == typeof(CardBatchInput) => new CardBatchInput { Count = 2, Value = 100 },
        _ when type == typeof(PaymentFilter) => new PaymentFilter(TransactionState.Applied, PaymentMethod.Mpesa, id, new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc)),
        _ when type == typeof(TaxDeviceInput) => new TaxDeviceInput { SerialNumber = "KRA0001" },
        _ when type == typeof(CouponInput) => new CouponInput { Code = "KARIBU", Worth = 10 },
        _ when type == typeof(decimal) => 100m,
        _ when type == typeof(System.Net.IPAddress) => System.Net.IPAddress.Parse("192.0.2.9"),
        _ when type == typeof(ReadOnlyMemory<byte>) => new ReadOnlyMemory<byte>("Receipt No.,Completion Time,Paid In,A/C No.,Balance\nSAA1,2026-02-01 10:00:00,100,1000017,100"u8.ToArray()),
        _ when type == typeof(PolicyRules) => PolicyRules.None,
        _ when type == typeof(CancellationToken) => CancellationToken.None,
        _ when type == typeof(string) => "wanjiku",
        _ when type == typeof(Guid) || type == typeof(Guid?) => id,
        _ when type == typeof(DateTime) || type == typeof(DateTime?) => new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc),
        _ when type == typeof(DateOnly) || type == typeof(DateOnly?) => new DateOnly(2026, 2, 1),
        _ when type == typeof(TimeSpan) || type == typeof(TimeSpan?) => TimeSpan.FromHours(1),
        _ when Nullable.GetUnderlyingType(type) is { } inner => Sample(inner, id, sort, descending),
        _ when type.IsEnum => Enum.GetValuesAsUnderlyingType(type).Length > 0 ? Enum.ToObject(type, 0) : null,
        _ when type.IsPrimitive => Convert.ChangeType(1, type, System.Globalization.CultureInfo.InvariantCulture),
        _ when type.IsInterface && type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlySet<>) =>
            Activator.CreateInstance(typeof(HashSet<>).MakeGenericType(type.GetGenericArguments()), Many(type.GetGenericArguments()[0], Sample(type.GetGenericArguments()[0], id, sort, descending))),
        _ when type.IsInterface && type.IsGenericType && type.GetGenericArguments() is [var item] => Many(item, Sample(item, id, sort, descending)),
        _ when type.IsInterface => null,
        _ => Make(type, id),
    };

    private static Array Many(Type item, object? one)
    {
        var many = Array.CreateInstance(item, 1);
        many.SetValue(one, 0);
        return many;
    }

    /// <summary>A record by its longest constructor, each value a sample.</summary>
    private static object? Make(Type type, Guid id)
    {
        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).FirstOrDefault();
        return constructor?.Invoke([.. constructor.GetParameters().Select(p => Sample(p.ParameterType, id, null, descending: false))]);
    }

    /// <summary>What the made-up rows hold was never encrypted.</summary>
    internal sealed class OpenVault : ISecretVault, ITenantCipher
    {
        public ValueTask<ITenantCipher> OpenAsync(Guid tenantId, CancellationToken ct = default) => ValueTask.FromResult<ITenantCipher>(this);

        public string Protect(SecretPlace place, string secret) => "1:made-up";

        public string Reveal(SecretPlace place, string cipherText) => "made-up";
    }
}
