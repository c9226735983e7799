using DataDefender.Web.Setup;

var builder = WebApplication.CreateBuilder(args);
builder.AddDataDefender();
Verbs.Prepare(builder.Services, args);
var app = builder.Build();

if (await Verbs.TryRunAsync(app.Services, args) is { } exitCode)
{
    await app.DisposeAsync();
    return exitCode;
}

app.UseDataDefender();
await app.RunAsync();
return 0;
