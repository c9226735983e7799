using System.Net;
using System.Text.RegularExpressions;

namespace DataDefender.Web.Tests.Security;

/// <summary>Gets pages and posts their forms as a browser without scripts does.</summary>
public sealed partial class PlainBrowser(HttpClient http) : IDisposable
{
    public HttpClient Http => http;

    public Task<HttpResponseMessage> GetAsync(string path) => http.GetAsync(path);

    public async Task<string> ReadAsync(string path)
    {
        using var answer = await http.GetAsync(path);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Opens the page, fills its form of that name and posts it.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string path, string form, params (string Name, string Value)[] fields)
    {
        using var page = await http.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return await PostAsync(path, [("_handler", form), ("__RequestVerificationToken", TokenOf(await page.Content.ReadAsStringAsync())), .. fields]);
    }

    public async Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        return await http.PostAsync(path, content);
    }

    public async Task<string> SignInAsync(string email, string password = TestWeb.Password)
    {
        using var answer = await SubmitAsync("/sign-in", "sign-in", ("Input.Email", email), ("Input.Password", password));
        return answer.StatusCode is HttpStatusCode.Redirect ? answer.Headers.Location!.ToString() : WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The antiforgery token of a page.</summary>
    public async Task<string> TokenAsync(string path) => TokenOf(await (await http.GetAsync(path)).Content.ReadAsStringAsync());

    public void Dispose() => http.Dispose();

    private static string TokenOf(string page) => Token().Match(page) is { Success: true } match ? match.Groups["token"].Value : throw new InvalidOperationException($"No form on this page: {page}");

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();
}
