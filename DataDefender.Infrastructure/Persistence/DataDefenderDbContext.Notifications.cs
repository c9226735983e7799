using DataDefender.Domain.Notifications;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<Message> Messages => Set<Message>();
    public DbSet<MessageTemplate> MessageTemplates => Set<MessageTemplate>();
    public DbSet<MessagingSettings> MessagingSettings => Set<MessagingSettings>();
    public DbSet<OptOut> OptOuts => Set<OptOut>();
}
