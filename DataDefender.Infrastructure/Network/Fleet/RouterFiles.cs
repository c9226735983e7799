using System.Text;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.Fleet;

/// <summary>What became of reading a file.</summary>
internal abstract record FileReading
{
    private FileReading() { }

    public sealed record Read(byte[] Content) : FileReading;

    /// <summary>This version has no way to read a file of that size over the API.</summary>
    public sealed record TooLarge(long Size) : FileReading;

    /// <param name="MayTryAgain">The router was lost rather than refusing.</param>
    public sealed record Failed(string Reason, bool MayTryAgain) : FileReading;
}

/// <summary>The files of one router over its API.</summary>
internal sealed class RouterFiles(IRouterGateway gateway, RouterEndpoint router, Version version)
{
    /// <summary>What one <c>/file/read</c> gives at most.</summary>
    private const int Chunk = 32768;

    private static readonly Version ReadsFiles = new(7, 13);

    /// <summary>Where files outlive a reboot on boards whose root is a RAM disk.</summary>
    public async Task<string> LastingAsync(string name, CancellationToken ct) =>
        await gateway.PrintAsync(router, "/file", [RouterQuery.Is("name", "flash")], ["name"], ct) is RouterOutcome.Done { Rows.Count: > 0 } ? $"flash/{name}" : name;

    /// <param name="isText">A text may be read from <c>contents</c> where there is no other way.</param>
    public async Task<FileReading> ReadAsync(string name, bool isText, long largest, CancellationToken ct)
    {
        var printed = await gateway.PrintAsync(router, "/file", [RouterQuery.Is("name", name)], isText && version < ReadsFiles ? ["name", "size", "contents"] : ["name", "size"], ct);
        if (printed is not RouterOutcome.Done done)
        {
            return Failure(printed);
        }

        if (done.Rows is not [var file, ..] || Size(file["size"]) is not { } size)
        {
            return new FileReading.Failed($"The router said that it wrote {name}, and has no such file.", MayTryAgain: true);
        }

        if (size > largest)
        {
            return new FileReading.TooLarge(size);
        }

        if (version >= ReadsFiles)
        {
            return await ReadAsync(name, size, ct);
        }

        // Older ones print the contents of small files only; a part of them would be taken for the whole.
        return isText && file["contents"] is { } contents && Encoding.UTF8.GetByteCount(contents) is var bytes && (bytes == size || contents.Length == size)
            ? new FileReading.Read(Encoding.UTF8.GetBytes(contents))
            : new FileReading.TooLarge(size);
    }

    /// <summary>Names of files; none when the router does not say.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(Func<string, bool> which, CancellationToken ct) =>
        await gateway.PrintAsync(router, "/file", properties: ["name"], ct: ct) is RouterOutcome.Done done ? [.. done.Rows.Select(r => r["name"]).OfType<string>().Where(which)] : [];

    public async Task RemoveAsync(string name, CancellationToken ct)
    {
        if (await gateway.PrintAsync(router, "/file", [RouterQuery.Is("name", name)], [".id"], ct) is RouterOutcome.Done { Rows: [{ Id: { } id }, ..] })
        {
            await gateway.RemoveAsync(router, "/file", [id], ct);
        }
    }

    private async Task<FileReading> ReadAsync(string name, long size, CancellationToken ct)
    {
        using var content = new MemoryStream((int)size);
        while (content.Length < size)
        {
            var wanted = (int)Math.Min(Chunk, size - content.Length);
            var read = await gateway.CallAsync(
                router, "/file/read", [("file", name), ("offset", content.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("chunk-size", wanted.ToString(System.Globalization.CultureInfo.InvariantCulture))], ct);
            if (read is not RouterOutcome.Done done)
            {
                return Failure(read);
            }

            var bytes = Bytes(done.Rows.Count > 0 ? done.Rows[0]["data"] ?? "" : "", wanted);
            if (bytes.Length == 0 || bytes.Length > wanted)
            {
                return new FileReading.Failed($"{name} ended after {content.Length} of {size} bytes.", MayTryAgain: true);
            }

            content.Write(bytes);
        }

        return new FileReading.Read(content.ToArray());
    }

    /// <summary>
    /// The client reads a value as UTF-8 and, where it is none, each byte as a character. Which of the two it was tells the length: the
    /// router gives as many bytes as were asked for.
    /// </summary>
    private static byte[] Bytes(string data, int wanted) =>
        (data.Length < wanted && Encoding.UTF8.GetByteCount(data) == wanted) || data.Any(c => c > 0xFF) ? Encoding.UTF8.GetBytes(data) : Encoding.Latin1.GetBytes(data);

    /// <summary>Bytes; RouterOS writes <c>12.6KiB</c> for people in some versions.</summary>
    private static long? Size(string? text)
    {
        if (RouterOsValues.Number(text) is { } number)
        {
            return number;
        }

        return text switch
        {
            null => null,
            _ when text.EndsWith("KiB", StringComparison.Ordinal) => Scaled(text, 1 << 10),
            _ when text.EndsWith("MiB", StringComparison.Ordinal) => Scaled(text, 1 << 20),
            _ => null,
        };
    }

    private static long? Scaled(string text, int unit) =>
        double.TryParse(text[..^3], System.Globalization.CultureInfo.InvariantCulture, out var number) ? (long)(number * unit) : null;

    private static FileReading.Failed Failure(RouterOutcome outcome) => outcome switch
    {
        RouterOutcome.Unknown { Connect: { } connect } => new(connect.Message, MayTryAgain: true),
        RouterOutcome.Unknown unknown => new(unknown.Reason, MayTryAgain: true),
        RouterOutcome.Refused refused => new($"The router does not let us read its files: {refused.Message}", MayTryAgain: false),
        _ => new("The router answered nothing.", MayTryAgain: true),
    };
}
