using Bunit;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components.Rendering;

namespace DataDefender.Web.Tests.Ui;

public sealed class LiveComponentTests : PageTest
{
    [Fact]
    public void News_after_a_quiet_time_is_shown_at_once_and_a_flood_of_it_four_times_a_second()
    {
        var component = Render<Counting>();
        var renders = component.Instance.Renders;

        component.Instance.News!();
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        component.WaitForAssertion(() => Assert.Equal(renders + 1, component.Instance.Renders));

        Clock.Advance(TimeSpan.FromSeconds(5));
        renders = component.Instance.Renders;
        for (var i = 0; i < 1000; i++)
        {
            component.Instance.News!();
            Clock.Advance(TimeSpan.FromMilliseconds(2)); // two seconds in all
        }

        component.WaitForAssertion(() => Assert.InRange(component.Instance.Renders - renders, 6, 9));
    }

    [Fact]
    public async Task After_it_is_gone_news_draws_nothing()
    {
        var component = Render<Counting>();
        var (instance, renders) = (component.Instance, component.Instance.Renders);
        await instance.DisposeAsync();

        instance.News!();
        Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(renders, instance.Renders);
    }

    [Fact]
    public void An_age_on_a_live_screen_grows_although_its_time_stays_the_same()
    {
        var screen = Render<Ageing>(p => p.Add(c => c.Since, Clock.Now.AddSeconds(-5)));
        Assert.Equal("5 s ago", screen.Find("time").TextContent);

        Clock.Advance(TimeSpan.FromSeconds(1));

        screen.WaitForAssertion(() => Assert.Equal("6 s ago", screen.Find("time").TextContent));
    }

    [Fact]
    public void While_news_comes_the_clock_draws_nothing_of_its_own_and_goes_on_after_it()
    {
        var component = Render<Counting>(p => p.Add(c => c.Clocked, true));
        var renders = component.Instance.Renders;
        for (var i = 0; i < 10; i++)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(900));
            component.Instance.News!();
            Clock.Advance(TimeSpan.FromMilliseconds(1));
            component.WaitForAssertion(() => Assert.Equal(renders + 1, component.Instance.Renders));
            renders++;
        }

        Clock.Advance(TimeSpan.FromSeconds(1));
        component.WaitForAssertion(() => Assert.Equal(renders + 1, component.Instance.Renders));
        Clock.Advance(TimeSpan.FromSeconds(1));
        component.WaitForAssertion(() => Assert.Equal(renders + 2, component.Instance.Renders));
    }

    internal sealed class Ageing : LiveComponent
    {
        [Microsoft.AspNetCore.Components.Parameter]
        public DateTime Since { get; set; }

        protected override void OnInitialized() => Every(TimeSpan.FromSeconds(1));

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenComponent<Age>(0);
            builder.AddComponentParameter(1, nameof(Age.At), (Moment)Since);
            builder.CloseComponent();
        }
    }

    internal sealed class Counting : LiveComponent
    {
        public int Renders { get; private set; }

        public Action? News { get; private set; }

        [Microsoft.AspNetCore.Components.Parameter]
        public bool Clocked { get; set; }

        protected override void OnInitialized()
        {
            Follow(news =>
            {
                News = news;
                return new MemoryStream(); // something to dispose of
            });
            if (Clocked)
            {
                Every(TimeSpan.FromSeconds(1));
            }
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            Renders++;
            builder.AddContent(0, Renders);
        }
    }
}
