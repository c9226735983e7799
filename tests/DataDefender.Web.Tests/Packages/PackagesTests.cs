using Bunit;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Testing;
using DataDefender.Web.Components.Pages.Packages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Radzen;
using Radzen.Blazor;
using Page = DataDefender.Web.Components.Pages.Packages.Packages;

namespace DataDefender.Web.Tests.Packages;

public sealed class PackagesTests : PageTest
{
    [Fact]
    public async Task The_list_shows_speed_price_state_and_how_many_lines_have_each()
    {
        var package = await Company.AddPackageAsync("Home 10", 10_000, 5_000, 2_500m);
        await Company.AddSubscriptionAsync(package: package);

        var page = Render<Page>();

        page.WaitForAssertion(() => Assert.Contains("Home 10", page.Markup));
        var row = page.Find(".rz-data-row").TextContent;
        Assert.Contains("10 Mbps", row);
        Assert.Contains("5 Mbps", row);
        Assert.Contains("KES 2,500", row);
        Assert.Contains("a month", row);
        Assert.Contains("On sale", row);
        Assert.Contains("1 package", page.Find("h1 + p").TextContent);
    }

    [Fact]
    public void Without_packages_the_first_action_is_offered()
    {
        var page = Render<Page>();

        page.WaitForAssertion(() => Assert.Contains("No packages yet", page.Markup));
        Assert.Contains(page.FindAll("button"), b => b.TextContent == "Create the first package");
    }

    [Fact]
    public async Task Search_and_state_live_in_the_address()
    {
        await Company.AddPackageAsync("Home 10");
        await Company.AddPackageAsync("Office 50");
        Navigation.NavigateTo("/packages?q=office");

        var page = Render<Page>();

        page.WaitForAssertion(() => Assert.Contains("Office 50", page.Markup));
        Assert.DoesNotContain("Home 10", page.Markup);
        Navigation.NavigateTo("/packages?q=office&state=retired");
        page.WaitForAssertion(() => Assert.Contains("No packages match.", page.Markup));
    }

    [Fact]
    public async Task A_failure_is_said_and_can_be_tried_again()
    {
        await Company.AddPackageAsync("Home 10");
        await BreakAsync("service_packages");
        var page = Render<Page>();
        page.WaitForAssertion(() => Assert.Contains("Try again", page.Markup));

        await MendAsync("service_packages");
        page.FindAll("button").Single(b => b.TextContent == "Try again").Click();

        page.WaitForAssertion(() => Assert.Contains("Home 10", page.Markup));
    }

    [Fact]
    public void New_package_opens_the_form_beside_the_list()
    {
        var opened = "";
        Services.GetRequiredService<DialogService>().OnSideOpen += (type, _, _) => opened = type.Name;
        var page = Render<Page>();

        page.WaitForAssertion(() => Assert.Contains("New package", page.Markup));
        page.FindAll("button").First(b => b.TextContent.Contains("New package", StringComparison.Ordinal)).Click();

        Assert.Equal(nameof(PackagePanel), opened);
    }

    private async Task BreakAsync(string table) => await RenameAsync(table, table + "_away");

    private async Task MendAsync(string table) => await RenameAsync(table + "_away", table);

    private async Task RenameAsync(string from, string to)
    {
        await using var db = Company.Open();
        await db.Database.ExecuteSqlAsync(System.Runtime.CompilerServices.FormattableStringFactory.Create($"ALTER TABLE {from} RENAME TO {to}"));
    }
}

public sealed class PackagePanelTests : PageTest
{
    [Fact]
    public async Task A_package_is_created_from_what_is_typed_in_Mbps()
    {
        var panel = Render<PackagePanel>();
        panel.Find("#package-name").Change("Home 20");
        panel.Find("#package-price").Change("3500");
        panel.Find("#package-down").Input("20.5");
        panel.Find("#package-up").Input("8");

        await panel.Find("form").SubmitAsync();

        await using var db = Company.Open();
        var package = await db.Packages.SingleAsync();
        Assert.Equal(("Home 20", 20_500, 8_000, 3_500m), (package.Name, package.DownloadKbps, package.UploadKbps, package.Price.Amount));
        Assert.Contains("Package Home 20 created.", Notified());
    }

    [Fact]
    public async Task What_is_wrong_stands_beside_its_field_and_nothing_is_saved()
    {
        var panel = Render<PackagePanel>();
        panel.Find("input[type=checkbox]").Change(true);
        panel.Find("#package-burst-seconds").Change("");

        await panel.Find("form").SubmitAsync();

        Assert.Contains("Give the package a name.", panel.Find("#package-name-error").TextContent);
        Assert.Contains("Download is between", panel.Find("#package-down-error").TextContent);
        Assert.Contains("A burst needs its time.", panel.Find("#package-burst-seconds-error").TextContent);
        Assert.Contains("fields need another look", panel.Find(".form-summary").TextContent);
        await using var db = Company.Open();
        Assert.Empty(await db.Packages.ToListAsync());
    }

    [Fact]
    public async Task A_new_speed_says_whom_it_reaches_before_it_is_saved()
    {
        var package = await Company.AddPackageAsync("Home 10", 10_000, 5_000);
        var (online, _) = (await Company.AddSubscriptionAsync(package: package), await Company.AddSubscriptionAsync(package: package));
        await Company.AddSessionAsync(await Company.AddNasAsync(), s => s.SubscriptionId = online.Id);
        var panel = Render<PackagePanel>(p => p.Add(x => x.Id, package.Id));
        panel.WaitForAssertion(() => Assert.Contains("2 lines have it", panel.Markup));
        Assert.Empty(panel.FindAll(".note"));

        panel.Find("#package-down").Input("15");
        Assert.Contains("The new speed is for 2 lines. 1 of them is online", panel.Find(".note").TextContent);

        var dialogs = Services.GetRequiredService<DialogService>();
        string? asked = null;
        dialogs.OnOpen += (title, _, parameters, _) => asked = $"{title} {parameters["Consequence"]}";
        var saving = panel.Find("form").SubmitAsync();
        Assert.Equal("Change the speed? 1 open sessions get 15 / 5 Mbps at once; they are not dropped.", asked);
        dialogs.Close("");
        await saving;

        await using var db = Company.Open();
        Assert.Equal(15_000, (await db.Packages.SingleAsync()).DownloadKbps);
        Assert.Equal(online.Id, (await db.LineCommands.SingleAsync()).SubscriptionId);
    }

    [Fact]
    public async Task Retiring_says_how_many_lines_keep_it()
    {
        var package = await Company.AddPackageAsync("Home 10");
        await Company.AddSubscriptionAsync(package: package);
        var panel = Render<PackagePanel>(p => p.Add(x => x.Id, package.Id));
        var dialogs = Services.GetRequiredService<DialogService>();
        string? asked = null;
        dialogs.OnOpen += (_, _, parameters, _) => asked = (string?)parameters["Consequence"];
        panel.WaitForAssertion(() => Assert.Contains("Retire…", panel.Markup));

        var retiring = panel.FindAll("button").Single(b => b.TextContent == "Retire…").ClickAsync(new());
        Assert.StartsWith("1 lines keep it", asked);
        dialogs.Close("");
        await retiring;

        await using var db = Company.Open();
        Assert.Equal(PackageStatus.Retired, (await db.Packages.SingleAsync()).Status);
    }
}

public sealed class PackagePanelForSupportTests : PageTest
{
    protected override Role Role => Role.Support;

    [Fact]
    public async Task Who_may_only_look_gets_no_buttons()
    {
        var package = await Company.AddPackageAsync("Home 10");

        var panel = Render<PackagePanel>(p => p.Add(x => x.Id, package.Id));

        panel.WaitForAssertion(() => Assert.Equal("Home 10", panel.Find("#package-name").GetAttribute("value")));
        Assert.Empty(panel.FindAll("button"));
        Assert.True(panel.Find("fieldset").HasAttribute("disabled"));
    }
}
