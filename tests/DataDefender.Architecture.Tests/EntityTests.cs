using System.Reflection;
using System.Runtime.CompilerServices;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;

namespace DataDefender.Architecture.Tests;

public sealed class EntityTests
{
    /// <summary>Rows that are counters and not things with a will of their own: who reads the wire sets them.</summary>
    private static readonly Dictionary<string, string> MayHavePublicSetters = new()
    {
        ["LiveSession"] = "What accounting last said, updated in place by RadiusHost.",
        ["SessionRecord"] = "Closed by what came last: a Stop, or our own conclusion.",
        ["UsageHour"] = "Two counters.",
        ["JournalPosition"] = "A counter.",
        ["PolicyCheck"] = "One time.",
        ["SignInAccount"] = "ASP.NET Core Identity's base class has public setters; only Identity's own services hold it.",
        ["SignInSession"] = "Touched and revoked by the session directory alone.",
    };

    private static readonly Type[] Entities =
    [
        .. typeof(Entity).Assembly.GetTypes().Concat(typeof(DataDefenderDbContext).Assembly.GetTypes())
            .Where(t => t is { IsClass: true, IsAbstract: false } && (typeof(ITenantOwned).IsAssignableFrom(t) || typeof(IPlatformOwned).IsAssignableFrom(t))),
    ];

    [Fact]
    public void Entities_are_sealed()
    {
        Assert.True(Entities.Length > 20);
        Assert.All(Entities, t => Assert.True(t.IsSealed, t.Name));
    }

    [Fact]
    public void Entities_change_by_verbs_and_not_by_setters()
    {
        var settable = Entities.Where(t => t.GetProperties().Any(IsSettable)).Select(t => t.Name).ToList();

        Expect.None(settable.Except(MayHavePublicSetters.Keys));
        Expect.None(MayHavePublicSetters.Keys.Except(settable)); // the list holds nothing that is gone
    }

    [Fact]
    public void Entities_refer_to_other_modules_by_id_only()
    {
        var navigations = from entity in Entities
                          from property in entity.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                          from type in property.PropertyType.IsGenericType ? property.PropertyType.GetGenericArguments() : [property.PropertyType]
                          where Entities.Contains(type) && type.Namespace != entity.Namespace
                          select $"{entity.Name}.{property.Name}";

        Expect.None(navigations);
        Assert.True(Entities.SelectMany(e => e.GetProperties()).Count(p => p.PropertyType == typeof(Guid) && p.Name.EndsWith("Id", StringComparison.Ordinal)) > 20);
    }

    [Fact]
    public void Entities_use_no_type_of_the_database()
    {
        var uses = AssemblyReader.Uses(typeof(Entity).Assembly);

        var inspected = Entities.Where(e => e.Assembly == typeof(Entity).Assembly).ToList();
        Assert.NotEmpty(inspected);
        Assert.All(inspected, e => Assert.DoesNotContain(uses[e.FullName!], name => name.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal)));
    }

    private static bool IsSettable(PropertyInfo property) =>
        property.SetMethod is { IsPublic: true } setter && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
}
