using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<JobLease> JobLeases => Set<JobLease>();
}
