using DataDefender.Domain.Security;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace DataDefender.Web.Security;

/// <summary>Gives each HTTP request's scope its user and company.</summary>
internal sealed class RequestIdentity(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        StaffPrincipal.Apply(context.User, context.RequestServices);
        return next(context);
    }
}

/// <summary>Gives each circuit's scope its user and company, before its first component is made. They never change after.</summary>
internal sealed class CircuitIdentity(AuthenticationStateProvider authentication, IServiceProvider scope) : CircuitHandler
{
    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        StaffPrincipal.Apply((await authentication.GetAuthenticationStateAsync()).User, scope);
        if (authentication is StaffAuthenticationState state)
        {
            state.Follow();
        }
    }
}
