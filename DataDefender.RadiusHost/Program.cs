using DataDefender.RadiusHost.Setup;

await using var app = RadiusApplication.Create(args);
await app.RunAsync();
