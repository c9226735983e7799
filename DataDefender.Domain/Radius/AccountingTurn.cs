using Microsoft.EntityFrameworkCore.Storage;

namespace DataDefender.Domain.Radius;

/// <summary>
/// The turn to move sessions and usage. Several RadiusHosts and Web do so on one database, each by reading rows and writing what it made of
/// them, so one at a time has the turn: what it reads nobody changes before its transaction ends. Dispose without a commit takes all back.
/// </summary>
public sealed class AccountingTurn(IDbContextTransaction transaction, IDisposable? place) : IAsyncDisposable
{
    public Task CommitAsync(CancellationToken ct = default) => transaction.CommitAsync(ct);

    public async ValueTask DisposeAsync()
    {
        using (place) // also when the transaction cannot be ended, or every later writer would wait
        {
            await transaction.DisposeAsync();
        }
    }
}

/// <summary>The turn could not be had: another process holds it for too long, or the database does not answer. Nothing was done; try again.</summary>
public sealed class NoAccountingTurnException(Exception reason) : Exception(reason.GetBaseException().Message, reason);
