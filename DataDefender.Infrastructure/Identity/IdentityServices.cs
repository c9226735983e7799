using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Identity;

/// <summary>ASP.NET Core Identity over the product's database, with the house's rules in place of its defaults.</summary>
public static class IdentityServices
{
    public static IServiceCollection AddDataDefenderIdentity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SignInRules>().Bind(configuration.GetSection("SignIn")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PasswordHasherOptions>().Configure<IOptions<SignInRules>>((hasher, signIn) => hasher.IterationCount = signIn.Value.PasswordIterations);
        services.AddHttpContextAccessor();

        // Identity's store wants its context from the container. Sign-in comes before the company is known, so it is the platform's.
        services.AddScoped<DataDefenderDbContext>(provider => provider.GetRequiredService<ContextSource>().Create(null, null));
        services.AddIdentityCore<SignInAccount>(Configure)
            .AddEntityFrameworkStores<DataDefenderDbContext>()
            .AddSignInManager<AccountSignInManager>()
            .AddPasswordValidator<PasswordRules>()
            .AddDefaultTokenProviders()
            .AddTokenProvider<SingleUseTotp>(TokenOptions.DefaultAuthenticatorProvider);
        services.AddScoped<IUserStore<SignInAccount>, AccountStore>();
        services.AddOptions<IdentityOptions>().Configure<IOptions<SignInRules>>((identity, rules) => identity.Lockout.MaxFailedAccessAttempts = rules.Value.WrongPasswordsPerAccount);
        services.AddOptions<IdentityPasskeyOptions>().Configure<IOptions<SignInRules>>((passkeys, rules) =>
        {
            passkeys.ServerDomain = rules.Value.PasskeyDomain;
            passkeys.UserVerificationRequirement = "required";
        });
        services.AddScoped(provider => (AccountSignInManager)provider.GetRequiredService<SignInManager<SignInAccount>>());

        services.AddScoped<ISignIn, SignIn>();
        services.AddScoped<IOwnAccount, OwnAccount>();
        services.AddSingleton<WrongPasswords>();
        services.AddSingleton<ISessionDirectory, SessionDirectory>();
        services.AddSingleton<IAccounts, Accounts>();
        return services;
    }

    private static void Configure(IdentityOptions identity)
    {
        identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3; // carries passkeys
        identity.User.RequireUniqueEmail = true;

        // ASVS 5, 6.2: length and a blocklist, no rules of composition.
        identity.Password.RequiredLength = PasswordRules.MinimumLength;
        identity.Password.RequireDigit = false;
        identity.Password.RequireLowercase = false;
        identity.Password.RequireUppercase = false;
        identity.Password.RequireNonAlphanumeric = false;
        identity.Password.RequiredUniqueChars = 1;
        identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
    }
}
