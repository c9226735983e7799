using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Identity;

/// <summary>
/// Counts wrong passwords by account and address. Somebody who guesses is stopped before the account is locked, so that a stranger
/// cannot lock its owner out from one place.
/// </summary>
internal sealed class WrongPasswords(IOptions<SignInRules> rules, TimeProvider clock)
{
    private const int Plenty = 20_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Account, string Address), Tally> _tallies = new();

    private DateTimeOffset Now => clock.GetUtcNow();

    public bool MayTry(string account, string address) =>
        !_tallies.TryGetValue((account, address), out var tally) || Now >= tally.Until || tally.Count < rules.Value.WrongPasswordsPerAddress;

    public void Count(string account, string address)
    {
        if (_tallies.Count >= Plenty)
        {
            foreach (var old in _tallies.Where(t => Now >= t.Value.Until))
            {
                _tallies.TryRemove(old);
            }
        }

        _tallies.AddOrUpdate((account, address), _ => new Tally(1, Now + Window), (_, tally) => Now >= tally.Until ? new Tally(1, Now + Window) : tally with { Count = tally.Count + 1 });
    }

    public void Forget(string account, string address) => _tallies.TryRemove((account, address), out _);

    private sealed record Tally(int Count, DateTimeOffset Until);
}
