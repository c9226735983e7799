using Bunit;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Layout;

namespace DataDefender.Web.Tests.Ui;

public sealed class NavMenuTests : PageTest
{
    protected override Role Role => Role.Owner;

    [Theory]
    [InlineData("/routers", "Routers")]
    [InlineData("/routers/01a21cf0-a5a8-7414-9a9e-3a9d3466065b", "Routers")]
    [InlineData("/routers/new", "New router")]
    [InlineData("/", "Home")]
    public void One_item_says_where_one_is_also_where_an_address_begins_with_that_of_another(string address, string item)
    {
        Navigation.NavigateTo(address);

        Assert.Equal([item], Render<NavMenu>().FindAll("[aria-current=page]").Select(a => a.TextContent.Trim()));
    }
}
