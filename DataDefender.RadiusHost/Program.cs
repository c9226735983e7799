using System.Runtime;
using DataDefender.RadiusHost.Setup;

// No collection of everything while a login waits, short of running out of memory.
GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;

await using var app = RadiusApplication.Create(args);
await app.RunAsync();
