using Bunit;
using DataDefender.Domain.Subscriptions;
using DataDefender.Testing;
using DataDefender.Web.Components.Pages.Clients;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Radzen;
using Page = DataDefender.Web.Components.Pages.Clients.Clients;

namespace DataDefender.Web.Tests.Clients;

public sealed class ClientsTests : PageTest
{
    [Fact]
    public async Task The_list_shows_each_client_with_its_lines_and_who_is_online()
    {
        var line = await Company.AddSubscriptionAsync(await Company.AddClientAsync("Jane Wanjiku", "0712345678"), await Company.AddPackageAsync("Home 10"), username: "jane");
        await Company.AddSessionAsync(await Company.AddNasAsync(), s => s.SubscriptionId = line.Id);

        var page = Render<Page>();

        page.WaitForAssertion(() => Assert.Contains("Jane Wanjiku", page.Markup));
        var row = page.Find(".rz-data-row");
        Assert.Contains("0712 345 678", row.TextContent);
        Assert.Contains("jane", row.TextContent);
        Assert.Contains("Home 10", row.TextContent);
        Assert.Contains("online", row.QuerySelector(".visually-hidden")!.TextContent);
        Assert.Contains("Online1", string.Concat(page.Find(".client-filters").TextContent.Where(c => !char.IsWhiteSpace(c))));
    }

    [Fact]
    public void Without_clients_the_first_action_is_offered()
    {
        var page = Render<Page>();

        page.WaitForAssertion(() => Assert.Contains("Add the first client", page.Markup));
    }

    [Fact]
    public async Task Searching_puts_the_text_in_the_address_and_asks_the_server_again()
    {
        await Company.AddClientAsync("Jane Wanjiku");
        await Company.AddClientAsync("Otieno Odhiambo");
        var page = Render<Page>();
        page.WaitForAssertion(() => Assert.Contains("Otieno", page.Markup));

        page.Find("input[type=search]").Change("wanjiku");

        page.WaitForAssertion(() => Assert.DoesNotContain("Otieno", page.Markup));
        Assert.EndsWith("?q=wanjiku", Navigation.Uri);
        page.Find("input[type=search]").Change("nobody");
        page.WaitForAssertion(() => Assert.Contains("No client matches “nobody”", page.Markup));
    }

    [Fact]
    public async Task A_filter_is_a_link_and_shows_its_clients_only()
    {
        await Company.AddSubscriptionAsync(await Company.AddClientAsync("Jane Wanjiku"), state: SubscriptionState.Suspended);
        await Company.AddSubscriptionAsync(await Company.AddClientAsync("Otieno Odhiambo"));
        Navigation.NavigateTo("/clients?state=suspended");

        var page = Render<Page>();

        page.WaitForAssertion(() => Assert.Contains("Jane Wanjiku", page.Markup));
        Assert.DoesNotContain("Otieno", page.Markup);
        Assert.Contains("Suspended", page.Find(".client-filters .is-on").TextContent);
    }

    [Fact]
    public async Task Another_companys_clients_never_appear()
    {
        var other = await OtherCompanyAsync();
        await other.AddClientAsync("Smuggled Client");
        await Company.AddClientAsync("Jane Wanjiku");

        var page = Render<Page>();

        page.WaitForAssertion(() => Assert.Contains("Jane Wanjiku", page.Markup));
        Assert.DoesNotContain("Smuggled", page.Markup);
    }

    [Fact]
    public async Task A_row_opens_the_client()
    {
        var client = await Company.AddClientAsync("Jane Wanjiku");
        var page = Render<Page>();
        page.WaitForAssertion(() => Assert.Contains("Jane Wanjiku", page.Markup));

        page.Find(".rz-data-row").Click();

        Assert.EndsWith($"/clients/{client.Id}", Navigation.Uri);
    }

    [Fact]
    public async Task A_new_client_goes_through_the_form_to_its_own_page()
    {
        object? closedWith = null;
        var panel = Render<ClientPanel>();
        Services.GetRequiredService<DialogService>().OnSideClose += result => closedWith = result;
        await panel.Find("form").SubmitAsync();
        Assert.Contains("A name has 2 to 120 characters.", panel.Find("#client-name-error").TextContent);
        Assert.Contains("Kenyan mobile number", panel.Find("#client-phone-error").TextContent);

        panel.Find("#client-name").Change("Jane Wanjiku");
        panel.Find("#client-phone").Change("0712 345 678");
        await panel.Find("form").SubmitAsync();

        await using var db = Company.Open();
        var client = await db.Clients.SingleAsync();
        Assert.Equal(("Jane Wanjiku", "254712345678"), (client.Name, client.Phone));
        Assert.Equal(client.Id, closedWith);
    }
}
