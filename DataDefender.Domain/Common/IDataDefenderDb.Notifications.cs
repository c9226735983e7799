using DataDefender.Domain.Notifications;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

public partial interface IDataDefenderDb
{
    DbSet<Message> Messages { get; }
    DbSet<MessageTemplate> MessageTemplates { get; }
    DbSet<MessagingSettings> MessagingSettings { get; }
    DbSet<OptOut> OptOuts { get; }
}
