using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Security;

/// <summary>Somebody with the rights of the database's owner switches the triggers off and rewrites history: the verifier names the first wrong line.</summary>
public sealed class AuditTamperingTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private const long Line = 3;

    /// <summary>The surrogate key says nothing: lines are found and ordered by their number in the company.</summary>
    private static readonly string[] NotCovered = [nameof(AuditEntry.Id)];

    [Theory, EachDatabase]
    public async Task A_change_of_any_column_is_found_at_its_line(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        await using var model = services.OpenPlatform();
        var columns = model.Model.FindEntityType(typeof(AuditEntry))!.GetProperties().Where(p => !NotCovered.Contains(p.Name)).ToList();
        Assert.Equal(13, columns.Count);

        foreach (var column in columns)
        {
            var company = await TestCompany.CreateFullAsync(services);
            var other = await TestCompany.CreateAsync(services, "Other");
            Assert.IsType<AuditVerdict.Intact>(await VerifyAsync(services, company));

            await TamperAsync(services, $"UPDATE audit_entries SET {column.GetColumnName()} = {Forged(column, provider, other)} WHERE tenant_id = {Literal(company.Id, provider)} AND sequence = {Line}");

            var broken = Assert.IsType<AuditVerdict.Broken>(await VerifyAsync(services, company));
            Assert.True(broken.Sequence == Line, $"{column.Name}: found at {broken.Sequence}: {broken.Reason}");
        }
    }

    [Theory, EachDatabase]
    public async Task A_removed_line_is_found_missing(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateFullAsync(services);

        await TamperAsync(services, $"DELETE FROM audit_entries WHERE tenant_id = {Literal(company.Id, provider)} AND sequence = {Line}");

        Assert.Equal(new AuditVerdict.Broken(Line, "The line is missing."), await VerifyAsync(services, company));
    }

    [Theory, EachDatabase]
    public async Task A_cut_off_end_is_found_missing(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateFullAsync(services);

        await TamperAsync(services, $"DELETE FROM audit_entries WHERE tenant_id = {Literal(company.Id, provider)} AND sequence >= {Line}");

        Assert.Equal(Line, Assert.IsType<AuditVerdict.Broken>(await VerifyAsync(services, company)).Sequence);
    }

    [Theory, EachDatabase]
    public async Task Lines_that_changed_places_are_found(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateFullAsync(services);
        var mine = $"tenant_id = {Literal(company.Id, provider)}";

        await TamperAsync(services, $"""
            UPDATE audit_entries SET sequence = -1 WHERE {mine} AND sequence = {Line};
            UPDATE audit_entries SET sequence = {Line} WHERE {mine} AND sequence = {Line + 1};
            UPDATE audit_entries SET sequence = {Line + 1} WHERE {mine} AND sequence = -1;
            """);

        Assert.Equal(Line, Assert.IsType<AuditVerdict.Broken>(await VerifyAsync(services, company)).Sequence);
    }

    private static Task<AuditVerdict> VerifyAsync(TestServices services, TestCompany company) =>
        services.Provider.GetRequiredService<IAuditVerifier>().VerifyAsync(company.Id);

    private static string Forged(IProperty column, DatabaseProvider provider, TestCompany other) => column.ClrType switch
    {
        { } type when type == typeof(long) => "1000",
        { } type when type == typeof(Guid) || type == typeof(Guid?) => Literal(other.Id, provider),
        { } type when type == typeof(DateTime) => provider is DatabaseProvider.Sqlite ? "'2026-01-01 00:00:00'" : "'2026-01-01T00:00:00Z'",
        { } type when type == typeof(byte[]) => provider switch
        {
            DatabaseProvider.PostgreSql => $@"'\x{new string('a', 64)}'",
            DatabaseProvider.SqlServer => $"0x{new string('a', 64)}",
            _ => $"x'{new string('a', 64)}'",
        },
        _ => "'forged'",
    };

    private static string Literal(Guid id, DatabaseProvider provider) => provider is DatabaseProvider.Sqlite ? $"'{id.ToString().ToUpperInvariant()}'" : $"'{id}'";

    private static Task TamperAsync(TestServices services, string sql) => services.Database.ExecuteAsOwnerAsync(services.Database.Provider switch
    {
        DatabaseProvider.PostgreSql => $"""
            SELECT set_config('app.platform', 'on', false);
            ALTER TABLE audit_entries DISABLE TRIGGER {RowPolicies.AppendOnlyTrigger("audit_entries")};
            {sql};
            ALTER TABLE audit_entries ENABLE TRIGGER {RowPolicies.AppendOnlyTrigger("audit_entries")};
            """,
        DatabaseProvider.SqlServer => $"""
            EXEC sp_set_session_context @key = N'Platform', @value = 1;
            DISABLE TRIGGER {RowPolicies.AppendOnlyTrigger("audit_entries")} ON audit_entries;
            {sql};
            ENABLE TRIGGER {RowPolicies.AppendOnlyTrigger("audit_entries")} ON audit_entries;
            """,
        DatabaseProvider.Sqlite => $"""
            DROP TRIGGER IF EXISTS {RowPolicies.AppendOnlyTrigger("audit_entries")}_update;
            DROP TRIGGER IF EXISTS {RowPolicies.AppendOnlyTrigger("audit_entries")}_delete;
            {sql};
            """,
        _ => throw new ArgumentOutOfRangeException(nameof(services)),
    });
}
