namespace DataDefender.Domain.Billing;

/// <summary>Prepares the next part while one is written. Parts are written one at a time and in their order.</summary>
internal static class ReadAhead
{
    /// <param name="prepare">Makes the part after the one that is given (null: the first), which may be in the midst of being written; null when there is none.</param>
    /// <param name="write">False ends it.</param>
    public static async Task RunAsync<T>(Func<T?, Task<T?>> prepare, Func<T, Task<bool>> write) where T : class
    {
        var next = prepare(null);
        try
        {
            for (var goesOn = true; goesOn && await next is { } part;)
            {
                try
                {
                    next = Task.Run(() => prepare(part));
                    goesOn = await write(part);
                }
                finally
                {
                    await DisposeAsync(part);
                }
            }
        }
        finally
        {
            // What was prepared in vain; how it went says nothing any more.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (next.IsCompletedSuccessfully)
            {
                await DisposeAsync(await next);
            }
        }
    }

    private static ValueTask DisposeAsync(object? part) => part is IAsyncDisposable held ? held.DisposeAsync() : ValueTask.CompletedTask;
}
