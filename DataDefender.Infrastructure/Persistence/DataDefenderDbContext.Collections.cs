using DataDefender.Domain.Collections;
using DataDefender.Domain.Reports;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<CollectionsSettings> CollectionsSettings => Set<CollectionsSettings>();
    public DbSet<ClientStanding> ClientStandings => Set<ClientStanding>();
    public DbSet<DunningEntry> DunningEntries => Set<DunningEntry>();
    public DbSet<SiteCost> SiteCosts => Set<SiteCost>();
}
