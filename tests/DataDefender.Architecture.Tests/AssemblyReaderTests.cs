using System.Net;
using System.Net.Mail;
using System.Text;

namespace DataDefender.Architecture.Tests;

/// <summary>The rules of this project are worth what the reader sees.</summary>
public sealed class AssemblyReaderTests
{
    [Fact]
    public void It_sees_what_lambdas_async_methods_signatures_attributes_and_catches_name()
    {
        var uses = AssemblyReader.Uses(typeof(Sample).Assembly)[typeof(Sample).FullName!];

        foreach (var name in (Type[])[typeof(MailAddress), typeof(StringBuilder), typeof(Cookie), typeof(Uri), typeof(ProtocolViolationException), typeof(ObsoleteAttribute)])
        {
            Assert.Contains(name.FullName!, uses);
        }

        Assert.DoesNotContain(typeof(HttpListener).FullName!, uses);
    }
}

#pragma warning disable CS0618, CA1812, CA1852
internal sealed class Sample
{
    [Obsolete("An attribute.")]
    public Func<string, object> Lambda { get; } = text => new MailAddress(text);

    public List<Cookie>? Signature(Uri _) => null;

    public async Task<string> AsyncMethod(int number)
    {
        await Task.Yield();
        try
        {
            return number switch { 0 => "a", 1 => "b", 2 => "c", 3 => "d", _ => new StringBuilder().Append(number).ToString() };
        }
        catch (ProtocolViolationException)
        {
            return "";
        }
    }
}
