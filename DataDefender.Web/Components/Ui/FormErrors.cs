using DataDefender.Domain.Common;

namespace DataDefender.Web.Components.Ui;

/// <summary>What was refused of a form, by field. Give one to <see cref="UiActions.RunAsync"/> and to each <see cref="FormField"/>.</summary>
public sealed class FormErrors
{
    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> All => _errors;

    public bool Any => _errors.Count > 0;

    public string? For(string? field) =>
        field is null ? null : _errors.FirstOrDefault(e => string.Equals(e.Field, field, StringComparison.OrdinalIgnoreCase))?.Message;

    public void Take(InvalidInputException invalid)
    {
        _errors.Clear();
        _errors.AddRange(invalid.Errors);
    }

    public void Clear() => _errors.Clear();
}
