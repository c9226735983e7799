using DataDefender.Domain.Addresses;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

public partial interface IDataDefenderDb
{
    DbSet<Site> Sites { get; }
    DbSet<NetworkLink> NetworkLinks { get; }
    DbSet<RouterNeighbour> RouterNeighbours { get; }
    DbSet<AddressPrefix> AddressPrefixes { get; }
    DbSet<CgnatMap> CgnatMaps { get; }
    DbSet<CgnatBlock> CgnatBlocks { get; }
    DbSet<RouterCare> RouterCare { get; }
    DbSet<ConfigurationText> ConfigurationTexts { get; }
    DbSet<ConfigurationExport> ConfigurationExports { get; }
    DbSet<RouterBackup> RouterBackups { get; }
    DbSet<FirmwareUpgrade> FirmwareUpgrades { get; }
    DbSet<FirmwareUpgradeRouter> FirmwareUpgradeRouters { get; }
}
