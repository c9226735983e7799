using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<Site> Sites => Set<Site>();
    public DbSet<NetworkLink> NetworkLinks => Set<NetworkLink>();
}
