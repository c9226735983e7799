using DataDefender.Domain.Provisioning;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<Rollout> Rollouts => Set<Rollout>();
    public DbSet<RolloutRouter> RolloutRouters => Set<RolloutRouter>();
    public DbSet<Drift> Drifts => Set<Drift>();
    public DbSet<DriftLook> DriftLooks => Set<DriftLook>();
    public DbSet<Enrolment> Enrolments => Set<Enrolment>();
}
