using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Network;

/// <summary>What an admin sets for the whole network.</summary>
public sealed record NetworkSettingsInput
{
    public string WalledGardenList { get; set; } = "suspended";
    public int WalledGardenKbps { get; set; } = 512;
    public int InterimSeconds { get; set; } = 300;

    /// <summary>Whether staff may log in to the routers by RADIUS.</summary>
    public bool RouterLogins { get; set; }

    public MacLoginRule MacLogins { get; set; }

    /// <summary>The password that NAS send for equipment. Never read back; empty keeps the one that is stored.</summary>
    public string? MacPassword { get; set; }

    public bool HasMacPassword { get; set; }
}

public sealed class NetworkSettingsValidator : AbstractValidator<NetworkSettingsInput>
{
    public NetworkSettingsValidator()
    {
        RuleFor(s => s.WalledGardenList).Must(l => !string.IsNullOrWhiteSpace(l) && l.Trim().All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            .WithMessage("Name the routers' address list with letters, digits, dots, dashes or underscores.")
            .MaximumLength(60).WithMessage("A list name has at most 60 characters.");
        RuleFor(s => s.WalledGardenKbps).InclusiveBetween(64, 100_000).WithMessage("The walled garden gives 64 to 100,000 kbit/s.");
        RuleFor(s => s.MacPassword).MaximumLength(64).WithMessage("A password for equipment has at most 64 characters.");
        RuleFor(s => s.MacPassword).NotEmpty().When(s => s is { MacLogins: MacLoginRule.SharedPassword, HasMacPassword: false })
            .WithMessage("Set the password that the routers send.");
        RuleFor(s => s.InterimSeconds).InclusiveBetween(60, 3600).WithMessage("Sessions report every 60 to 3,600 seconds.");
    }
}

/// <summary>The company's network settings; a company that never saved any works with the defaults.</summary>
public sealed class NetworkSettingsService(IDataDefenderDbFactory dbFactory, ISecretVault vault, CurrentUser user)
{
    private static readonly NetworkSettingsValidator Validator = new();

    public async Task<NetworkSettingsInput> GetAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.NetworkSettings
            .Select(s => new NetworkSettingsInput
            {
                WalledGardenList = s.WalledGardenList, WalledGardenKbps = s.WalledGardenKbps, InterimSeconds = s.InterimSeconds,
                RouterLogins = s.RouterLogins, MacLogins = s.MacLogins, HasMacPassword = s.MacPasswordCipher != null,
            })
            .SingleOrDefaultAsync(ct) ?? new NetworkSettingsInput();
    }

    /// <summary>Takes effect with each line's next login or change; open sessions keep what they were given.</summary>
    public async Task SaveAsync(NetworkSettingsInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.NetworkSettings.SingleOrDefaultAsync(ct) ?? db.NetworkSettings.Add(new NetworkSettings(db.TenantId)).Entity;
        settings.Change(input.WalledGardenList, input.WalledGardenKbps, input.InterimSeconds);
        settings.AllowRouterLogins(input.RouterLogins);
        settings.AllowMacLogins(input.MacLogins);
        if (!string.IsNullOrEmpty(input.MacPassword))
        {
            settings.SetMacPassword((await vault.OpenAsync(db.TenantId, ct)).Protect(settings.MacPasswordPlace(), input.MacPassword));
        }

        if (input.MacLogins is MacLoginRule.SharedPassword && settings.MacPasswordCipher is null)
        {
            throw new InvalidInputException([new FieldError(nameof(input.MacPassword), "Set the password that the routers send.")]);
        }

        await db.SaveChangesAsync(ct);
    }
}
