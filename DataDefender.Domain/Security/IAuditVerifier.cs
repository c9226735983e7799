namespace DataDefender.Domain.Security;

/// <summary>Reads a company's audit chain from its first line and says whether it is whole.</summary>
public interface IAuditVerifier
{
    Task<AuditVerdict> VerifyAsync(Guid tenantId, CancellationToken ct = default);
}

/// <summary>What a reading of the chain found.</summary>
public abstract record AuditVerdict
{
    private AuditVerdict() { }

    /// <summary>Every line is as it was written, none is missing.</summary>
    public sealed record Intact(long Lines) : AuditVerdict;

    /// <summary>The first line that is wrong, by its number in the company, and what is wrong with it.</summary>
    public sealed record Broken(long Sequence, string Reason) : AuditVerdict;
}
