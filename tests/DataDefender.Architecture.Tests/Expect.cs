namespace DataDefender.Architecture.Tests;

internal static class Expect
{
    /// <summary>Fails with all of what was found, one a line.</summary>
    public static void None(IEnumerable<string?> found)
    {
        var all = found.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all.Prepend($"{all.Count} found:")));
    }
}
