using DataDefender.Domain.Common;

namespace DataDefender.Domain.Security;

/// <summary>Who acts: a person who signed in, or a part of the system (no id).</summary>
public sealed record Actor(Guid? Id, string Name, IReadOnlySet<string> Permissions)
{
    /// <summary>A background part of the product, which may do everything within its company.</summary>
    public static Actor System(string name) => new(null, name, Security.Permissions.All.ToHashSet());
}

/// <summary>The actor of this scope, set once by whoever opens it. A scope without one may do nothing.</summary>
public sealed class CurrentUser
{
    private Actor? _actor;
    private volatile bool _ended;

    public bool IsSet => _actor is not null;

    public Guid? Id => _actor?.Id;

    public string Name => _actor?.Name ?? "nobody";

    public void Use(Actor actor)
    {
        if (_actor is not null && _actor.Id != actor.Id)
        {
            throw new InvalidOperationException("The user of a scope cannot be changed.");
        }

        _actor = actor;
    }

    /// <summary>Takes every permission away for good: the session ended while its screen was still open.</summary>
    public void End() => _ended = true;

    public bool Has(string permission) => !_ended && _actor?.Permissions.Contains(permission) is true;

    /// <exception cref="ForbiddenException">The actor lacks the permission.</exception>
    public void Demand(string permission)
    {
        if (!Has(permission))
        {
            throw new ForbiddenException(permission);
        }
    }
}
