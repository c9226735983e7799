using DataDefender.Domain.Provisioning;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<Rollout> Rollouts => Set<Rollout>();
    public DbSet<RolloutRouter> RolloutRouters => Set<RolloutRouter>();
}
