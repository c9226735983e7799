namespace DataDefender.Sandbox.RouterOs.Wire;

/// <summary>One sentence of a client, taken apart. The tag may stand anywhere in it.</summary>
internal sealed class ApiRequest
{
    private readonly Dictionary<string, string> _arguments = new(StringComparer.Ordinal);
    private readonly List<string> _queries = [];

    private ApiRequest(string command) => Command = command;

    public string Command { get; }

    public string? Tag { get; private set; }

    public IReadOnlyDictionary<string, string> Arguments => _arguments;

    public IReadOnlyList<string> Queries => _queries;

    /// <summary>The part before the last slash: <c>/ppp/secret</c> of <c>/ppp/secret/add</c>.</summary>
    public string Menu => Command[..Math.Max(0, Command.LastIndexOf('/'))];

    public string Verb => Command[(Command.LastIndexOf('/') + 1)..];

    public static ApiRequest Parse(IReadOnlyList<string> words)
    {
        var request = new ApiRequest(words[0]);
        foreach (var word in words.Skip(1))
        {
            if (word.StartsWith('='))
            {
                var at = word.IndexOf('=', 1);
                request._arguments[at < 0 ? word[1..] : word[1..at]] = at < 0 ? "" : word[(at + 1)..];
            }
            else if (word.StartsWith('?'))
            {
                request._queries.Add(word[1..]);
            }
            else if (word.StartsWith(".tag=", StringComparison.Ordinal))
            {
                request.Tag = word[5..];
            }
        }

        return request;
    }

    public string? Argument(string name) => _arguments.GetValueOrDefault(name);

    /// <summary>Flag arguments (<c>=once=</c>, <c>=count-only=</c>) are set by being there, unless they say no.</summary>
    public bool Flag(string name) => _arguments.TryGetValue(name, out var value) && value is not ("no" or "false");
}
