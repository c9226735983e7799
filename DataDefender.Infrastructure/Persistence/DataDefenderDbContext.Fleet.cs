using DataDefender.Domain.Addresses;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<Site> Sites => Set<Site>();
    public DbSet<NetworkLink> NetworkLinks => Set<NetworkLink>();
    public DbSet<RouterNeighbour> RouterNeighbours => Set<RouterNeighbour>();
    public DbSet<AddressPrefix> AddressPrefixes => Set<AddressPrefix>();
    public DbSet<CgnatMap> CgnatMaps => Set<CgnatMap>();
    public DbSet<CgnatBlock> CgnatBlocks => Set<CgnatBlock>();
    public DbSet<RouterCare> RouterCare => Set<RouterCare>();
    public DbSet<ConfigurationText> ConfigurationTexts => Set<ConfigurationText>();
    public DbSet<ConfigurationExport> ConfigurationExports => Set<ConfigurationExport>();
    public DbSet<RouterBackup> RouterBackups => Set<RouterBackup>();
    public DbSet<FirmwareUpgrade> FirmwareUpgrades => Set<FirmwareUpgrade>();
    public DbSet<FirmwareUpgradeRouter> FirmwareUpgradeRouters => Set<FirmwareUpgradeRouter>();
}
