using System.Reflection;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;

namespace DataDefender.Architecture.Tests;

/// <summary>Who may know whom. Each test looks at something, or it fails.</summary>
public sealed class LayerTests
{
    private const string Codec = "DataDefender.Infrastructure.Radius.Protocol.";

    private static readonly Assembly Domain = typeof(Entity).Assembly;
    private static readonly Assembly Infrastructure = typeof(DataDefenderDbContext).Assembly;
    private static readonly Assembly Web = Assembly.Load("DataDefender.Web");
    private static readonly Assembly RadiusHost = Assembly.Load("DataDefender.RadiusHost");
    private static readonly Assembly Sandbox = Assembly.Load("DataDefender.Sandbox");

    [Fact]
    public void The_Domain_knows_no_provider_no_web_and_no_sibling()
    {
        string[] allowed = ["FluentValidation", "Microsoft.EntityFrameworkCore", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "netstandard"];
        var referenced = AssemblyReader.ReferencedAssemblies(Domain);

        Expect.None(referenced.Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).Except(allowed));
        Assert.Contains("Microsoft.EntityFrameworkCore", referenced); // the reader reads
    }

    [Fact]
    public void Infrastructure_draws_no_screens_and_knows_no_host()
    {
        var referenced = AssemblyReader.ReferencedAssemblies(Infrastructure);

        Assert.DoesNotContain(referenced, name => name.StartsWith("Microsoft.AspNetCore.Components", StringComparison.Ordinal));
        Assert.DoesNotContain(referenced, name => name is "DataDefender.Web" or "DataDefender.RadiusHost" or "DataDefender.Sandbox");
        Assert.Contains("DataDefender.Domain", referenced);
    }

    [Fact]
    public void Nothing_of_the_product_knows_the_hosts_or_the_Sandbox()
    {
        foreach (var assembly in (Assembly[])[Domain, Infrastructure, Web, RadiusHost])
        {
            Assert.DoesNotContain(AssemblyReader.ReferencedAssemblies(assembly), name => name is "DataDefender.Web" or "DataDefender.RadiusHost" or "DataDefender.Sandbox" or "DataDefender.Testing");
        }
    }

    [Fact]
    public void Web_reaches_Infrastructure_only_where_it_is_put_together()
    {
        var uses = AssemblyReader.Uses(Web);

        Assert.Contains(uses["DataDefender.Web.Setup.WebApplicationSetup"], IsInfrastructure); // the reader reads
        Expect.None(Offenders(uses, name => name == "Program" || name.StartsWith("DataDefender.Web.Setup.", StringComparison.Ordinal), IsInfrastructure));
    }

    [Fact]
    public void RadiusHost_reaches_of_Infrastructure_only_the_wire_format_but_where_it_is_put_together()
    {
        var uses = AssemblyReader.Uses(RadiusHost);

        Assert.Contains(uses.Values, names => names.Any(name => name.StartsWith(Codec, StringComparison.Ordinal)));
        Expect.None(Offenders(
            uses,
            name => name == "Program" || name.StartsWith("DataDefender.RadiusHost.Setup.", StringComparison.Ordinal),
            name => IsInfrastructure(name) && !name.StartsWith(Codec, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_Sandbox_shares_nothing_with_the_product_but_the_wire_format()
    {
        var uses = AssemblyReader.Uses(Sandbox);

        Assert.Contains(uses.Values, names => names.Any(name => name.StartsWith(Codec, StringComparison.Ordinal)));
        Assert.DoesNotContain("DataDefender.Domain", AssemblyReader.ReferencedAssemblies(Sandbox));
        Expect.None(Offenders(uses, _ => false, name => IsInfrastructure(name) && !name.StartsWith(Codec, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_wire_format_knows_nothing_of_the_product()
    {
        var codec = AssemblyReader.Uses(Infrastructure).Where(u => u.Key.StartsWith(Codec, StringComparison.Ordinal)).ToDictionary();

        Assert.NotEmpty(codec);
        Expect.None(Offenders(codec, _ => false, name => name.StartsWith("DataDefender.", StringComparison.Ordinal) && !name.StartsWith(Codec, StringComparison.Ordinal)));
    }

    private static bool IsInfrastructure(string name) => name.StartsWith("DataDefender.Infrastructure.", StringComparison.Ordinal);

    private static IEnumerable<string> Offenders(IReadOnlyDictionary<string, IReadOnlySet<string>> uses, Func<string, bool> mayUse, Func<string, bool> forbidden) =>
        from type in uses
        where !mayUse(type.Key)
        from name in type.Value
        where forbidden(name)
        select $"{type.Key} names {name}";
}
