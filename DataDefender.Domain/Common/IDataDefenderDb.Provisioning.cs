using DataDefender.Domain.Provisioning;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

public partial interface IDataDefenderDb
{
    DbSet<Rollout> Rollouts { get; }
    DbSet<RolloutRouter> RolloutRouters { get; }
}
