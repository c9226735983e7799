namespace DataDefender.Domain.Network;

/// <summary>Whose attributes a NAS understands: decides how speed, list and pool are told to it.</summary>
public enum NasVendor
{
    MikroTik,
    Cisco,
    Ubiquiti,
    Huawei,

    /// <summary>What the RFCs and WISPr define, and nothing of any vendor.</summary>
    Standard,
}
