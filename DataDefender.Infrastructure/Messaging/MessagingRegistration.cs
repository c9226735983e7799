using DataDefender.Domain.Notifications;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Messaging;

public static class MessagingRegistration
{
    /// <summary>Sends messages to customers, in the background of this process.</summary>
    public static IServiceCollection AddMessaging(this IServiceCollection services)
    {
        services.AddMessageGateways();
        services.AddHostedService<MessageDispatcher>();
        return services;
    }

    /// <summary>The providers without the background work.</summary>
    internal static IServiceCollection AddMessageGateways(this IServiceCollection services)
    {
        services.AddOptions<MessagingOptions>().BindConfiguration(MessagingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<MessageSignal>();
        services.AddSingleton<AfricasTalkingCalls>().AddSingleton<ResendCalls>().AddSingleton<TwilioCalls>().AddSingleton<PostmarkCalls>();
        services.AddHttpClient<ISmsGateway, AfricasTalkingClient>("africastalking", Patience);
        services.AddHttpClient<ISmsGateway, TwilioClient>("twilio", Patience);
        services.AddHttpClient<IEmailGateway, ResendClient>("resend", Patience);
        services.AddHttpClient<IEmailGateway, PostmarkClient>("postmark", Patience);
        services.TryAddScoped<MessageDelivery>();
        return services;
    }

    private static void Patience(IServiceProvider provider, HttpClient http)
    {
        http.Timeout = provider.GetRequiredService<IOptions<MessagingOptions>>().Value.Timeout;
        http.MaxResponseContentBufferSize = 1 << 20;
    }
}
