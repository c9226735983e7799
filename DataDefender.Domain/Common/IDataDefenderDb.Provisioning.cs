using DataDefender.Domain.Provisioning;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

public partial interface IDataDefenderDb
{
    DbSet<Rollout> Rollouts { get; }
    DbSet<RolloutRouter> RolloutRouters { get; }
    DbSet<Drift> Drifts { get; }
    DbSet<DriftLook> DriftLooks { get; }
    DbSet<Enrolment> Enrolments { get; }
}
