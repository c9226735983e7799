namespace DataDefender.Domain.Common;

/// <summary>A rule of the business was broken. The message is for the person at the screen; the code is for programs.</summary>
public class DomainException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}

/// <summary>The row does not exist, or belongs to another company, which must look the same.</summary>
public sealed class NotFoundException(string what, object key)
    : DomainException("not_found", $"{what} {key} was not found.");

/// <summary>The signed-in person lacks a permission.</summary>
public sealed class ForbiddenException(string permission)
    : DomainException("forbidden", $"You do not have the permission “{permission}”.")
{
    public string Permission { get; } = permission;
}

/// <summary>Input was refused; each error names the field that it belongs to.</summary>
public sealed class InvalidInputException(IReadOnlyList<FieldError> errors)
    : DomainException("invalid_input", string.Join(" ", errors.Select(e => e.Message)))
{
    public IReadOnlyList<FieldError> Errors { get; } = errors;
}

/// <summary>One refused field of an input.</summary>
public sealed record FieldError(string Field, string Message);
