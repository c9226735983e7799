using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace DataDefender.Web.Tests;

internal static class BunitDiffer
{
    // bUnit 2 asks for AngleSharp.Diffing 1.x and the package source has 0.17; what bUnit calls is in both.
    [ModuleInitializer]
    internal static void Provide() => AssemblyLoadContext.Default.Resolving += static (context, name) =>
        name.Name == "AngleSharp.Diffing"
            ? context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "AngleSharp.Diffing.dll"))
            : null;
}
