namespace DataDefender.Sandbox.Money;

/// <summary>The bank and the mobile money of the world. In a file these keys stand under <c>Sandbox:Money:</c>.</summary>
public sealed class MoneyOptions
{
    /// <summary>Collecting accounts with the credentials of whoever collects.</summary>
    public List<MoneyAccountOptions> Accounts { get; set; } = [];

    /// <summary>Simulated seconds that a prompt stays on a phone.</summary>
    public double PromptSeconds { get; set; } = 60;

    /// <summary>Null: prompts wait for a person at the phone page. Else the customers answer by themselves after so many simulated seconds.</summary>
    public double? AnswerSeconds { get; set; }

    /// <summary>Whether messages leave by themselves when they are due; a test that keeps the time tells them itself.</summary>
    public bool TellsByItself { get; set; } = true;

    /// <summary>How many of a hundred pushes get each fault, over all that are no magic numbers; the rest goes well.</summary>
    public Dictionary<MoneyFault, int> FaultPercent { get; set; } = [];
}

public enum MoneyProvider
{
    FamilyBank,
    Mpesa,
}

public sealed class MoneyAccountOptions
{
    public MoneyProvider Provider { get; set; } = MoneyProvider.Mpesa;

    /// <summary>Paybill, or the store number of a Till.</summary>
    public string ShortCode { get; set; } = "600000";

    /// <summary>The Till number, when it is one.</summary>
    public string? TillNumber { get; set; }

    public string Name { get; set; } = "DATADEFENDER";

    public string ClientId { get; set; } = "sandbox-client";

    public string ClientSecret { get; set; } = "sandbox-secret";

    public string Passkey { get; set; } = "sandbox-passkey";

    /// <summary>Who may order reversals and ask about receipts, and the credential that proves it.</summary>
    public string Initiator { get; set; } = "sandbox-initiator";

    public string SecurityCredential { get; set; } = "sandbox-credential";

    /// <summary>Where confirmations of Paybill and Till payments go, beside what is registered by the API.</summary>
    public string? ConfirmationUrl { get; set; }
}

/// <summary>What goes wrong with a push, or with what is told of it.</summary>
public enum MoneyFault
{
    None,

    /// <summary>It is carried out; the answer never comes.</summary>
    TimeoutAfterExecution,

    /// <summary>It is carried out; the connection breaks in place of an answer.</summary>
    BreakAfterExecution,

    /// <summary>500 in place of an answer, and it is carried out.</summary>
    ErrorAfterExecution,

    /// <summary>500, and nothing is done.</summary>
    ErrorBeforeExecution,

    /// <summary>The answer is no JSON; it is carried out.</summary>
    BadJson,

    /// <summary>503 with the provider's busy code: nothing is done.</summary>
    Busy,

    /// <summary>The callback comes ten minutes late.</summary>
    Late,

    /// <summary>The callback comes three days late.</summary>
    VeryLate,

    /// <summary>No callback ever.</summary>
    Lost,

    /// <summary>The callback comes three times.</summary>
    Duplicated,

    /// <summary>A failure of an earlier moment is told after the success.</summary>
    Reordered,

    /// <summary>Another amount moved than was asked for.</summary>
    WrongAmount,

    /// <summary>The callback leaves the ids of the push out; only receipt, amount and phone are told.</summary>
    UnknownReference,

    /// <summary>The customer cancels (1032).</summary>
    Cancelled,

    /// <summary>The phone is not reached (1037).</summary>
    Unreachable,

    /// <summary>Not enough money (1).</summary>
    Insufficient,

    /// <summary>A question about the push is answered wrongly with a failure, once.</summary>
    WrongQuery,
}
