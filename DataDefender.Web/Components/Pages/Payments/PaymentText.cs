using DataDefender.Domain.Payments;

namespace DataDefender.Web.Components.Pages.Payments;

/// <summary>Words of payments as people say them.</summary>
internal static class PaymentText
{
    public static string Of(PaymentMethod method) => method switch
    {
        PaymentMethod.Mpesa => "M-Pesa",
        PaymentMethod.FamilyBank => "Family Bank",
        PaymentMethod.BankTransfer => "Bank transfer",
        PaymentMethod.Card => "Scratch card",
        _ => method.ToString(),
    };

    public static string Of(ChannelKind kind) => kind switch
    {
        ChannelKind.FamilyBank => "Family Bank",
        ChannelKind.Paybill => "M-Pesa Paybill",
        ChannelKind.Till => "M-Pesa Till",
        _ => kind.ToString(),
    };

    public static string Of(EvidenceSource source) => source switch
    {
        EvidenceSource.Callback => "told by the provider",
        EvidenceSource.Query => "asked for",
        EvidenceSource.Pull => "fetched from the provider",
        EvidenceSource.Statement => "from a statement",
        EvidenceSource.Staff => "entered by a person",
        _ => source.ToString(),
    };

    public static string Of(CustodyState state) => state switch
    {
        CustodyState.Asked => "Asked for",
        CustodyState.Unknown => "Not known",
        CustodyState.Claimed => "Being confirmed",
        CustodyState.ChequeClearing => "Cheques in clearing",
        CustodyState.Orphan => "Without an owner",
        CustodyState.GivingBack => "Being given back",
        CustodyState.Wallet => "In clients' wallets",
        CustodyState.AtProvider => "At the providers",
        CustodyState.InDrawers => "In the drawers",
        CustodyState.AtBank => "In the bank",
        _ => state.ToString(),
    };

    public static string Of(ProposedAct act) => act switch
    {
        ProposedAct.Match => "to give it to a client",
        ProposedAct.Refund => "to note it as given back",
        ProposedAct.SendBack => "that the provider gives it back",
        ProposedAct.Reverse => "to reverse it",
        _ => "something",
    };

    /// <summary>One line on what the state means.</summary>
    public static string Explain(CustodyState state) => state switch
    {
        CustodyState.Asked => "The prompt is on the phone. No money has moved.",
        CustodyState.Unknown => "Sent, and nobody said what became of it. It is asked for until somebody knows.",
        CustodyState.Claimed => "Said to be paid, and being confirmed with the provider.",
        CustodyState.ChequeClearing => "Taken, and not yet paid by the bank.",
        CustodyState.Orphan => "It came, and whose it is must be found out.",
        CustodyState.GivingBack => "The provider was ordered to give it back, and its result is not known yet.",
        CustodyState.Wallet => "Paid ahead; it is the clients'.",
        CustodyState.AtProvider => "Collected, and not yet paid out to the bank.",
        CustodyState.InDrawers => "Cash, and not yet taken to the bank.",
        CustodyState.AtBank => "Arrived.",
        _ => "",
    };

    public static string Of(IntentRow request) => request switch
    {
        { Last: { Status: AttemptStatus.AwaitingCustomer } } => "The prompt is on the phone",
        { Last: { Status: AttemptStatus.Sending or AttemptStatus.Created } } => "On its way to the phone",
        { Last: { HasClaim: true } } => "Said to be paid; being confirmed",
        { Last: { Status: AttemptStatus.Unknown } } => "Not known yet; we keep asking",
        { Last: { Status: AttemptStatus.NeedsReview } } => "Nobody could say for a week; look at it",
        { Last: { Status: AttemptStatus.Failed or AttemptStatus.Rejected } last, Status: IntentStatus.RequiresPayment or IntentStatus.Processing } => ResultCodes.Explain(last.ResultCode, last.ResultText),
        _ => "",
    };
}
