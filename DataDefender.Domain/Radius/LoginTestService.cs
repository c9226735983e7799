using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Radius;

/// <summary>A line that a test may be about.</summary>
public sealed record TestableLine(string Username, string Client);

/// <summary>Test logins from the browser: who may, in whose name, with which password. Each is in the audit trail before it is sent.</summary>
public sealed class LoginTestService(IDataDefenderDbFactory dbFactory, ISecretVault vault, ILoginTester tester, CurrentUser user)
{
    private const int MostLines = 8;

    private static readonly LoginTestInputValidator Validator = new();

    /// <summary>The NAS in whose name can be asked: those that RadiusHost answers.</summary>
    public async Task<IReadOnlyList<(Guid Id, string Name)>> NasAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.TestLogins);
        await using var db = await dbFactory.OpenAsync(ct);
        var devices = await db.NasDevices.Where(n => n.IsEnabled).OrderBy(n => n.Name).Select(n => new { n.Id, n.Name }).ToListAsync(ct);
        return [.. devices.Select(n => (n.Id, n.Name))];
    }

    /// <summary>A few lines whose user name or client fits the text.</summary>
    public async Task<IReadOnlyList<TestableLine>> FindAsync(string text, CancellationToken ct = default)
    {
        user.Demand(Permissions.TestLogins);
        var term = text.Trim().ToLowerInvariant();
        if (term.Length < 2)
        {
            return [];
        }

        await using var db = await dbFactory.OpenAsync(ct);
        return await (
            from line in db.Subscriptions
            join client in db.Clients on line.ClientId equals client.Id
            where line.Username.ToLower().Contains(term) || client.Name.ToLower().Contains(term)
            orderby line.Username
            select new TestableLine(line.Username, client.Name)).Take(MostLines).ToListAsync(ct);
    }

    /// <exception cref="InvalidInputException">Something is missing, or a stored password is wanted of a user name that no line has.</exception>
    public async Task<LoginTestResult> RunAsync(LoginTestInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.TestLogins);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var nas = await db.NasDevices.SingleOrDefaultAsync(n => n.Id == input.NasId, ct) ?? throw new NotFoundException("NAS", input.NasId!.Value);
        var (username, caller) = (input.Username.Trim(), Text(input.Caller));
        if (input.Kind is LoginTestKind.Mac)
        {
            username = caller = MacAddress.Normalise(caller)!;
        }

        var line = input.Kind is LoginTestKind.Router or LoginTestKind.Mac ? null : await db.Subscriptions.SingleOrDefaultAsync(s => s.Username == username, ct);
        var password = input.UsesStoredPassword ? await StoredAsync(db, input.Kind, line, ct) : input.Password!;
        var method = input.HasMethod ? input.Method : LoginTestMethod.Pap;

        // Recorded before it is sent: a test that could not be recorded does not happen.
        db.Record("tested login", (IAudited?)line ?? nas, new { User = username, Nas = nas.Name, As = input.Kind.ToString(), Method = method.ToString(), Password = input.UsesStoredPassword ? "stored" : "typed" });
        await db.SaveChangesAsync(ct);
        return await tester.TestAsync(
            new LoginTestRequest(nas.Id, nas.Address, nas.Identifier, username, password, method, caller) { Kind = input.Kind, Port = Text(input.Port), Circuit = Text(input.Circuit) }, ct);
    }

    /// <summary>The line's own password; for a MAC address what the company's NAS send with one, which is nothing where no password is shared.</summary>
    private async Task<string> StoredAsync(IDataDefenderDb db, LoginTestKind kind, Subscription? line, CancellationToken ct)
    {
        if (kind is LoginTestKind.Mac)
        {
            var settings = await db.NetworkSettings.SingleOrDefaultAsync(ct);
            return settings is { MacLogins: MacLoginRule.SharedPassword, MacPasswordCipher: { } shared }
                ? (await vault.OpenAsync(db.TenantId, ct)).Reveal(settings.MacPasswordPlace(), shared)
                : "";
        }

        return line is not null
            ? (await vault.OpenAsync(db.TenantId, ct)).Reveal(line.PasswordPlace(), line.PasswordCipher)
            : throw new InvalidInputException([new FieldError(nameof(LoginTestInput.Username), "No line has this user name. To try it all the same, type a password.")]);
    }

    private static string? Text(string? typed) => string.IsNullOrWhiteSpace(typed) ? null : typed.Trim();
}
