using DataDefender.Domain.Payments;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

public partial interface IDataDefenderDb
{
    DbSet<PaymentChannel> PaymentChannels { get; }
    DbSet<PaymentIntent> PaymentIntents { get; }
    DbSet<PaymentAttempt> PaymentAttempts { get; }
    DbSet<ProviderTransaction> ProviderTransactions { get; }
    DbSet<PaymentAllocation> PaymentAllocations { get; }
    DbSet<PaymentSettings> PaymentSettings { get; }
    DbSet<Refund> Refunds { get; }
    DbSet<CardBatch> CardBatches { get; }
    DbSet<ScratchCard> ScratchCards { get; }
    DbSet<InboundMessage> InboundMessages { get; }
    DbSet<PaymentEvent> PaymentEvents { get; }
    DbSet<ProviderRequest> ProviderRequests { get; }
    DbSet<CashSession> CashSessions { get; }
    DbSet<CashMovement> CashMovements { get; }
    DbSet<StatementImport> StatementImports { get; }
    DbSet<StatementRow> StatementRows { get; }
}
