namespace DataDefender.Web.Components.Ui;

/// <summary>
/// A time that is shown by its age. Blazor passes over a child whose parameters are equal values of types that it knows never to change,
/// a DateTime among them, and "5 s ago" would stand still; it does not know this type, and the text grows older with its parent.
/// </summary>
/// <param name="Utc">Null is never.</param>
public readonly record struct Moment(DateTime? Utc)
{
    public static implicit operator Moment(DateTime? utc) => new(utc);

    public static Moment FromDateTime(DateTime? utc) => new(utc);
}
