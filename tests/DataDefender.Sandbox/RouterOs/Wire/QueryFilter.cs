using System.Globalization;

namespace DataDefender.Sandbox.RouterOs.Wire;

/// <summary>
/// Query words of a print: a stack of booleans that is conceptually filled with <c>true</c>; each word pushes one, each
/// <c>?#</c> word works on it, and an item is kept when no <c>false</c> remains.
/// </summary>
internal sealed class QueryFilter
{
    private readonly IReadOnlyList<string> _words;

    public QueryFilter(IReadOnlyList<string> words) => _words = words;

    public bool IsEmpty => _words.Count == 0;

    public bool Keeps(Func<string, string?> property)
    {
        var stack = new Stack<bool>();
        foreach (var word in _words)
        {
            if (word.StartsWith('#'))
            {
                Operate(stack, word.AsSpan(1));
            }
            else
            {
                stack.Push(Matches(word, property));
            }
        }

        return !stack.Contains(false);
    }

    private static bool Matches(string word, Func<string, string?> property)
    {
        switch (word.Length == 0 ? '\0' : word[0])
        {
            case '-':
                return property(word[1..]) is null;
            case '=' or '<' or '>':
                var (name, value) = Split(word[1..]);
                return property(name) is { } actual && Compare(word[0], actual, value);
            default:
                var (plain, expected) = Split(word);
                return property(plain) is { } found && (expected is null || string.Equals(found, expected, StringComparison.Ordinal));
        }
    }

    private static (string Name, string? Value) Split(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
    }

    private static bool Compare(char relation, string actual, string? expected)
    {
        var order = decimal.TryParse(actual, NumberStyles.Number, CultureInfo.InvariantCulture, out var left)
            && decimal.TryParse(expected, NumberStyles.Number, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : string.CompareOrdinal(actual, expected ?? "");
        return relation switch { '<' => order < 0, '>' => order > 0, _ => string.Equals(actual, expected, StringComparison.Ordinal) };
    }

    /// <summary>An index pushes a copy of that value; at the end of the word it replaces the whole stack by it.</summary>
    private static void Operate(Stack<bool> stack, ReadOnlySpan<char> operations)
    {
        for (var i = 0; i < operations.Length; i++)
        {
            if (char.IsAsciiDigit(operations[i]))
            {
                var from = i;
                while (i + 1 < operations.Length && char.IsAsciiDigit(operations[i + 1]))
                {
                    i++;
                }

                var value = At(stack, int.Parse(operations[from..(i + 1)], CultureInfo.InvariantCulture));
                if (i + 1 == operations.Length)
                {
                    stack.Clear();
                }

                stack.Push(value);
                if (i + 1 < operations.Length && operations[i + 1] == '.')
                {
                    i++; // a dot after an index does nothing
                }

                continue;
            }

            switch (operations[i])
            {
                case '!':
                    stack.Push(!Pop(stack));
                    break;
                case '&':
                    stack.Push(Pop(stack) & Pop(stack));
                    break;
                case '|':
                    stack.Push(Pop(stack) | Pop(stack));
                    break;
                case '.':
                    var top = Pop(stack);
                    stack.Push(top);
                    stack.Push(top);
                    break;
                default:
                    throw new RouterTrapException("invalid query operation", 5);
            }
        }
    }

    private static bool Pop(Stack<bool> stack) => !stack.TryPop(out var value) || value;

    private static bool At(Stack<bool> stack, int index) => index >= stack.Count || stack.ElementAt(index);
}
