namespace DataDefender.Web.Components.Ui;

/// <summary>What a person entered: how much, in major units, and why.</summary>
public sealed record AmountAnswer(decimal Amount, string Reason);
