using Microsoft.AspNetCore.Authorization;

namespace DataDefender.Web.Security;

/// <summary>The page or endpoint opens only for people with this permission of <see cref="Domain.Security.Permissions"/>. The service demands it again.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequirePermissionAttribute(string permission) : AuthorizeAttribute(permission)
{
    public string Permission => Policy!;
}
