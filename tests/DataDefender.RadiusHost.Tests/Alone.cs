namespace DataDefender.RadiusHost.Tests;

/// <summary>Tests that hold something against the clock, or start processes of their own: they run when no others do.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
