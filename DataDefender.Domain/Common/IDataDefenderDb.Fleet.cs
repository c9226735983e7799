using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

public partial interface IDataDefenderDb
{
    DbSet<Site> Sites { get; }
    DbSet<NetworkLink> NetworkLinks { get; }
}
