using DataDefender.Domain.Payments;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<PaymentChannel> PaymentChannels => Set<PaymentChannel>();
    public DbSet<PaymentIntent> PaymentIntents => Set<PaymentIntent>();
    public DbSet<PaymentAttempt> PaymentAttempts => Set<PaymentAttempt>();
    public DbSet<ProviderTransaction> ProviderTransactions => Set<ProviderTransaction>();
    public DbSet<PaymentAllocation> PaymentAllocations => Set<PaymentAllocation>();
    public DbSet<PaymentSettings> PaymentSettings => Set<PaymentSettings>();
    public DbSet<Refund> Refunds => Set<Refund>();
    public DbSet<CardBatch> CardBatches => Set<CardBatch>();
    public DbSet<ScratchCard> ScratchCards => Set<ScratchCard>();
    public DbSet<InboundMessage> InboundMessages => Set<InboundMessage>();
    public DbSet<PaymentEvent> PaymentEvents => Set<PaymentEvent>();
    public DbSet<ProviderRequest> ProviderRequests => Set<ProviderRequest>();
    public DbSet<CashSession> CashSessions => Set<CashSession>();
    public DbSet<CashMovement> CashMovements => Set<CashMovement>();
    public DbSet<StatementImport> StatementImports => Set<StatementImport>();
    public DbSet<StatementRow> StatementRows => Set<StatementRow>();
}
