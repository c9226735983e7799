using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Documents;
using DataDefender.Domain.Billing.Revenue;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Compliance;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Overview;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Search;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using FluentValidation;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DataDefender.Web.Setup;

/// <summary>The services of the Domain, a line each, in the order of its folders; validators are found by themselves.</summary>
internal static class DomainServices
{
    public static IServiceCollection AddDomainServices(this IServiceCollection services)
    {
        services.AddSingleton<BillingSignal>().AddScoped<BillingRunService>().AddScoped<BillingRunWork>().AddScoped<BillingSettingsService>();
        services.AddScoped<CouponService>().AddScoped<RevenueRecognition>();
        services.TryAddSingleton<TaxSignal>();
        services.AddScoped<TaxTransmissionDesk>().AddScoped<TaxTransmissionService>();
        services.AddScoped<ContractService>().AddScoped<UnbilledLineService>().AddScoped<DocumentService>().AddScoped<InvoiceService>().AddScoped<PlanChangeService>().AddScoped<BillingDayService>();
        services.AddScoped<ClientService>();
        services.AddScoped<LedgerService>().AddScoped<LedgerSealing>();
        services.TryAddSingleton<CollectionsSignal>();
        services.AddScoped<CollectionsRules>().AddScoped<CollectionsRun>().AddScoped<CollectionsService>().AddScoped<PaidLines>();
        services.AddScoped<DisclosureService>();
        services.AddSingleton<LinesOnRouters>().AddSingleton<LiveMetrics>().AddSingleton<NocBoard>().AddScoped<NocService>().AddScoped<EventService>().AddScoped<LoginLogService>().AddScoped<SessionService>();
        services.AddWatchingServices();
        services.AddScoped<NasService>().AddScoped<NetworkSettingsService>().AddScoped<RouterConnectionTest>().AddScoped<RouterService>().AddScoped<StateTreatmentService>();
        services.TryAddSingleton<MessageSignal>();
        services.AddScoped<DeliveryReports>().AddScoped<MessageLogService>().AddScoped<MessagingSettingsService>().AddScoped<TemplateService>();
        services.AddScoped<OverviewService>();
        services.AddScoped<LineRulesService>().AddScoped<PolicyEvaluation>().AddScoped<PolicyPreviewService>().AddScoped<UsagePolicyService>();
        services.TryAddSingleton<ProvisioningSignal>();
        services.AddScoped<DesignService>().AddScoped<ProvisioningService>().AddScoped<RolloutService>().AddScoped<DriftService>().AddScoped<EnrolmentService>();
        services.AddPaymentServices();
        services.AddScoped<LoginTestService>();
        services.AddScoped<FinanceDesk>().AddScoped<FinanceReports>().AddScoped<RunReport>().AddScoped<SiteCosts>();
        services.AddScoped<SearchService>();
        services.AddScoped<RouterLoginService>();
        services.AddSingleton<LineSignal>().AddScoped<CredentialService>().AddScoped<LineAccessService>().AddScoped<LineHistoryService>().AddScoped<PackageService>().AddScoped<SubscriptionService>();
        services.AddScoped<AuditService>().AddScoped<StaffService>();
        services.AddFleetServices();
        services.AddScoped<CompanyAdministration>().AddScoped<CompanyRegistration>().AddScoped<LicenceGuard>().AddScoped<OwnCompany>();
        return services.AddValidators();
    }

    private static IServiceCollection AddValidators(this IServiceCollection services)
    {
        foreach (var type in typeof(LicenceGuard).Assembly.GetTypes().Where(t => t is { IsAbstract: false, IsGenericTypeDefinition: false }))
        {
            foreach (var contract in type.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IValidator<>)))
            {
                services.AddScoped(contract, type);
            }
        }

        return services;
    }
}
