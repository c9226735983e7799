using FluentValidation;

namespace DataDefender.Domain.Common;

/// <summary>Runs a validator and speaks the house's exception.</summary>
public static class Validation
{
    /// <exception cref="InvalidInputException">Some field was refused.</exception>
    public static void Demand<T>(this IValidator<T> validator, T input)
    {
        var result = validator.Validate(input);
        if (!result.IsValid)
        {
            throw new InvalidInputException([.. result.Errors.Select(e => new FieldError(e.PropertyName, e.ErrorMessage))]);
        }
    }
}
