using DataDefender.Domain.Common;

namespace DataDefender.Domain.Provisioning;

/// <summary>Tells whoever carries out changes of routers, in this process, that there is a new one.</summary>
public sealed class ProvisioningSignal : WorkSignal;
