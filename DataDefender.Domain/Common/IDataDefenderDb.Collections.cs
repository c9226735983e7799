using DataDefender.Domain.Collections;
using DataDefender.Domain.Reports;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

public partial interface IDataDefenderDb
{
    DbSet<CollectionsSettings> CollectionsSettings { get; }
    DbSet<ClientStanding> ClientStandings { get; }
    DbSet<DunningEntry> DunningEntries { get; }
    DbSet<SiteCost> SiteCosts { get; }
}
