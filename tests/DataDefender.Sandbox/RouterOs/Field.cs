using System.Net;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>One property of a menu: how a value is read, kept and printed.</summary>
internal sealed class Field
{
    public required string Name { get; init; }

    /// <summary>From what the client wrote to what is kept; traps when the router would.</summary>
    public Func<SimulatedRouter, string, string>? Accept { get; private init; }

    /// <summary>From what is kept to what is printed; only references differ.</summary>
    public Func<SimulatedRouter, string, string>? Show { get; private init; }

    /// <summary>A value that lives elsewhere (counters, uptime) and is asked for at each print.</summary>
    public Func<SimulatedRouter, Row, string?>? Live { get; private set; }

    public string? Default { get; private set; }

    public bool IsRequired { get; private set; }

    public bool IsReadOnly { get; private set; }

    /// <summary>Hidden from users without the policy <c>sensitive</c>.</summary>
    public bool IsSensitive { get; private set; }

    /// <summary>Never printed (a user's password).</summary>
    public bool IsHidden { get; private set; }

    private bool _isOfIpv6;

    private Version? Since { get; set; }

    private Version? Before { get; set; }

    public bool ExistsIn(Personality personality) => (personality.HasIpv6 || !_isOfIpv6) && (Since is null || personality.Version >= Since) && (Before is null || personality.Version < Before);

    public static Field Text(string name, string? value = null) => new() { Name = name, Default = value, Accept = static (_, text) => text };

    public static Field Bool(string name, bool? value = null) =>
        Of(name, value is { } b ? RouterFormat.Bool(b) : null, text => RouterFormat.TryBool(text, out var kept) ? kept : throw RouterTrapException.NoMatch(name));

    public static Field Number(string name, long min, long max, string? value = null) => Of(name, value, text =>
        !long.TryParse(text, out var number) ? throw RouterTrapException.InvalidValue(name)
        : number < min || number > max ? throw RouterTrapException.OutOfRange(name, min, max)
        : RouterFormat.Number(number));

    public static Field OneOf(string name, string? value, params string[] values) =>
        Of(name, value, text => values.Contains(text) ? text : throw RouterTrapException.NoMatch(name));

    public static Field SetOf(string name, string? value, params string[] values) => Of(name, value, text =>
    {
        var parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.All(values.Contains) ? string.Join(',', parts) : throw RouterTrapException.NoMatch(name);
    });

    /// <param name="name">The field.</param>
    /// <param name="value">Its default.</param>
    /// <param name="words">Words that may stand in place of a time: none, never, received …</param>
    public static Field Duration(string name, string? value = null, params string[] words) => Of(name, value, text =>
        words.Contains(text) ? text
        : RouterFormat.TryDuration(text, out var time) ? RouterFormat.Duration(time)
        : throw RouterTrapException.InvalidValue(name));

    public static Field Ip(string name, string? value = null) =>
        Of(name, value, text => RouterFormat.TryIp(text, out _) ? text : throw RouterTrapException.InvalidValue(name));

    /// <summary>An address, a prefix, or a comma list of them; empty means any.</summary>
    public static Field Prefixes(string name, string? value = null) => Of(name, value, text =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).All(IsPrefix) ? text : throw RouterTrapException.InvalidValue(name));

    public static Field InterfaceAddress(string name) => Of(name, null, text =>
        IsPrefix(text) ? text.Contains('/', StringComparison.Ordinal) ? text : $"{text}/32" : throw RouterTrapException.InvalidValue(name));

    public static Field Mac(string name, string? value = null) =>
        Of(name, value, text => text.Length == 0 ? "" : RouterFormat.TryMac(text, out var mac) ? mac : throw RouterTrapException.InvalidValue(name));

    /// <summary>Upload/download of a simple queue: takes <c>5M/20M</c> or one value for both, keeps raw bits.</summary>
    public static Field RatePair(string name, string? value = "0/0") => Of(name, value, text =>
    {
        var parts = text.Split('/');
        return parts.Length <= 2 && RouterFormat.TryRate(parts[0], out var up) && RouterFormat.TryRate(parts[^1], out var down)
            ? $"{up}/{down}"
            : throw RouterTrapException.InvalidValue(name);
    });

    public static Field Rate(string name, string? value = "0") =>
        Of(name, value, text => RouterFormat.TryRate(text, out var bits) ? RouterFormat.Number(bits) : throw RouterTrapException.InvalidValue(name));

    /// <summary>Text as typed, if it follows the grammar of a rate limit.</summary>
    public static Field RateLimit(string name) =>
        Of(name, null, text => text.Length == 0 || Nas.RateLimit.TryParse(text, out _) ? text : throw RouterTrapException.InvalidValue(name));

    public static Field Ranges(string name) => Of(name, null, text =>
        text.Split(',').All(range => range.Split('-') is { Length: <= 2 } ends && ends.All(end => IsPrefix(end.Trim())))
            ? text
            : throw new RouterTrapException("value of range expects range of ip addresses", 1));

    /// <summary>
    /// Names an item of another menu. The id is kept, so a rename follows; when the item is gone the id is printed.
    /// </summary>
    public static Field Reference(string name, string menu, string? value = null, params string[] words) => new()
    {
        Name = name,
        Default = value,
        Accept = (router, text) => words.Contains(text) ? text
            : router.Table(menu).Find(text)?.PrintedId ?? throw RouterTrapException.NoMatch(name),
        Show = (router, kept) => kept.StartsWith('*') && router.Table(menu).ById(kept) is { } row ? router.Table(menu).NameOf(row) ?? kept : kept,
    };

    /// <summary>An address, or the name of a pool.</summary>
    public static Field AddressOrPool(string name) => new()
    {
        Name = name,
        Accept = (router, text) => RouterFormat.TryIp(text, out _) ? text
            : router.Table("/ip/pool").Find(text)?.PrintedId ?? throw RouterTrapException.NoMatch(name),
        Show = (router, kept) => kept.StartsWith('*') && router.Table("/ip/pool").ById(kept) is { } row ? router.Table("/ip/pool").NameOf(row) ?? kept : kept,
    };

    public static Field Shown(string name, string? value = null) => new() { Name = name, Default = value, IsReadOnly = true };

    public static Field Computed(string name, Func<SimulatedRouter, Row, string?> live) => new() { Name = name, IsReadOnly = true, Live = live };

    public static Field Computed(string name, Func<SimulatedRouter, string?> live) => Computed(name, (router, _) => live(router));

    /// <summary>Printed otherwise than it is kept, while there is something to print.</summary>
    public Field ShownAs(Func<SimulatedRouter, Row, string?> live)
    {
        Live = live;
        return this;
    }

    public Field Required()
    {
        IsRequired = true;
        return this;
    }

    public Field ReadOnly()
    {
        IsReadOnly = true;
        return this;
    }

    public Field Sensitive()
    {
        IsSensitive = true;
        return this;
    }

    public Field Hidden()
    {
        IsHidden = true;
        return this;
    }

    public Field From(int major, int minor)
    {
        Since = new Version(major, minor);
        return this;
    }

    public Field OfIpv6()
    {
        _isOfIpv6 = true;
        return this;
    }

    public Field Until(int major, int minor)
    {
        Before = new Version(major, minor);
        return this;
    }

    public static Field Of(string name, string? value, Func<string, string> accept) =>
        new() { Name = name, Default = value, Accept = (_, text) => accept(text) };

    private static bool IsPrefix(string text)
    {
        var at = text.IndexOf('/', StringComparison.Ordinal);
        var bare = text.StartsWith('!') ? text[1..] : text;
        return at < 0 ? IPAddress.TryParse(bare, out _) : IPNetworkText(bare);
    }

    private static bool IPNetworkText(string text)
    {
        var at = text.IndexOf('/', StringComparison.Ordinal);
        return IPAddress.TryParse(text[..at], out var address) && int.TryParse(text[(at + 1)..], out var bits)
            && bits >= 0 && bits <= (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
    }
}
