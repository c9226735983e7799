using System.Collections.Immutable;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;

namespace DataDefender.RadiusHost.Lines;

/// <summary>A package as logins see it: one template for each state that a line can be in. Its lines point here, so a changed package reaches them at once.</summary>
internal sealed class PackageLines(Guid id)
{
    private static readonly SubscriptionState[] States = Enum.GetValues<SubscriptionState>();
    private static readonly SuspendReason[] Reasons = Enum.GetValues<SuspendReason>();

    // A line can be seen a moment before its package; until then it is refused.
    private volatile ReplyTemplate[] _templates = Refusing("The line's package is not known yet.");

    public Guid Id { get; } = id;

    /// <summary>How many templates a package has.</summary>
    public static int TemplateCount => (States.Length + Reasons.Length) * 2;

    /// <summary>In the order of their places, for the copy on disk.</summary>
    public ImmutableArray<LineDecision> Decisions => [.. _templates.Select(t => t.Decision)];

    public ReplyTemplate this[int place] => _templates[place];

    /// <summary>Where the template of such a line is found.</summary>
    public static int Place(SubscriptionState state, SuspendReason? reason, bool fixedAddress)
    {
        var row = reason is { } known && state is SubscriptionState.Suspended ? States.Length + (int)known : (int)state;
        return (row * 2) + (fixedAddress ? 1 : 0);
    }

    public void Decide(ServicePackage package, NetworkSettings settings, CompanyStatus company)
    {
        var templates = new ReplyTemplate[TemplateCount];
        foreach (var fixedAddress in (bool[])[false, true])
        {
            foreach (var state in States)
            {
                Fill(state, null, fixedAddress);
            }

            foreach (var reason in Reasons)
            {
                Fill(SubscriptionState.Suspended, reason, fixedAddress);
            }
        }

        _templates = templates;

        void Fill(SubscriptionState state, SuspendReason? reason, bool fixedAddress) => templates[Place(state, reason, fixedAddress)] =
            new ReplyTemplate(LinePolicy.Decide(state, reason, fixedAddress ? "fixed" : null, package, settings, company));
    }

    public void Refuse(string explanation) => _templates = Refusing(explanation);

    public void Restore(IReadOnlyList<LineDecision> decisions)
    {
        if (decisions.Count != TemplateCount)
        {
            throw new InvalidDataException($"{decisions.Count} decisions for {TemplateCount} places.");
        }

        _templates = [.. decisions.Select(d => new ReplyTemplate(d))];
    }

    private static ReplyTemplate[] Refusing(string explanation)
    {
        var templates = new ReplyTemplate[TemplateCount];
        Array.Fill(templates, new ReplyTemplate(new LineDecision.Refused(LoginOutcome.NotActivated, explanation)));
        return templates;
    }
}
