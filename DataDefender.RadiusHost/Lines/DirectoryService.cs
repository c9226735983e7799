using System.Security.Cryptography;
using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// Keeps the directory: read from the database at start, or from the copy on disk when that is away, then a few looks a second at what
/// has changed. A change in the web application takes effect within a second.
/// </summary>
internal sealed partial class DirectoryService(
    LineDirectory directory, DirectoryLoader loader, ChangeFeed feed, SessionFeed sessions, DirectoryFile copy, LearnedAuthenticators learned, LearnedCallers callers, RadiusOptions options, TimeProvider clock,
    ILogger<DirectoryService> log)
    : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Changes stay in the feed for a day.</summary>
    private static readonly TimeSpan ChangesKept = TimeSpan.FromHours(20);

    /// <summary>A database that hangs would otherwise keep everyone waiting for its time-out.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private long _savedVersion;
    private long _savedAt;
    private Task _saving = Task.CompletedTask;
    private bool _databaseSeen;
    private int _copyTried;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var current = false;
        try
        {
            using var impatience = clock.CreateTimer(_ => LoadCopy(), null, Patience, Timeout.InfiniteTimeSpan);
            while (!stoppingToken.IsCancellationRequested)
            {
                var pause = PollInterval;
                try
                {
                    current = current ? await PollAsync(stoppingToken) : await LoadAsync(stoppingToken);
                    Reached();
                }
                catch (Exception away) when (!stoppingToken.IsCancellationRequested)
                {
                    Lost(away);
                    pause = RetryInterval;
                }

                SaveCopyIfOld();
                await Task.Delay(pause, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the end
        }

        await _saving;
        SaveCopy(directory.Version);
    }

    private async Task<bool> LoadAsync(CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        await feed.StartAsync(ct);
        var content = await loader.LoadAllAsync(ct);
        if (directory.Source is not DirectorySource.Database)
        {
            await sessions.StartAsync(content, ct);
        }

        directory.Replace(content, DirectorySource.Database);
        directory.UpToDateAt = clock.GetUtcNow().UtcTicks;
        Loaded(log, content.SubscriberCount, content.Nas.All.Count, clock.GetElapsedTime(started).TotalMilliseconds);
        return true;
    }

    private async Task<bool> PollAsync(CancellationToken ct)
    {
        if (clock.GetUtcNow().UtcTicks - directory.UpToDateAt > ChangesKept.Ticks)
        {
            return false; // what changed meanwhile may have been removed from the feed
        }

        var complete = await feed.ApplyAsync(ct);
        await sessions.ApplyAsync(ct);
        directory.UpToDateAt = clock.GetUtcNow().UtcTicks;
        await learned.SaveAsync(ct);
        await callers.SaveAsync(ct);
        return complete;
    }

    private void Reached()
    {
        if (!directory.DatabaseReachable && _databaseSeen)
        {
            DatabaseBack(log);
        }

        (directory.DatabaseReachable, _databaseSeen) = (true, true);
    }

    private void Lost(Exception why)
    {
        if (directory.DatabaseReachable || directory.Source is DirectorySource.None)
        {
            DatabaseAway(log, why.GetBaseException().Message);
        }

        (directory.DatabaseReachable, _databaseSeen) = (false, true);
        LoadCopy();
    }

    private void LoadCopy()
    {
        if (directory.Source is not DirectorySource.None || !copy.Exists || Interlocked.Exchange(ref _copyTried, 1) != 0)
        {
            return;
        }

        try
        {
            var content = copy.Load();
            if (!directory.ReplaceIfEmpty(content))
            {
                return; // the database was quicker after all
            }

            LoadedCopy(log, content.SubscriberCount);
        }
        catch (Exception unusable) // of another version, damaged, of another machine: whatever it is, the database may still come
        {
            CopyUnusable(log, unusable);
        }
    }

    /// <summary>Beside the feed, since writing a million lines takes longer than a change may.</summary>
    private void SaveCopyIfOld()
    {
        var version = directory.Version;
        var isTime = _savedAt == 0 || clock.GetElapsedTime(_savedAt) >= TimeSpan.FromSeconds(options.CopySeconds);
        if (_saving.IsCompleted && isTime && version != _savedVersion)
        {
            _savedAt = clock.GetTimestamp();
            _saving = Task.Run(() => SaveCopy(version));
        }
    }

    private void SaveCopy(long version)
    {
        if (version == _savedVersion)
        {
            return;
        }

        try
        {
            copy.Save(directory.Content);
            _savedVersion = version;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            CopyFailed(log, failed.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Lines} lines and {Nas} NAS read from the database in {Milliseconds:0} ms")]
    private static partial void Loaded(ILogger log, int lines, int nas, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lines} lines read from the copy on disk, since the database is away")]
    private static partial void LoadedCopy(ILogger log, int lines);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is away ({Reason}); answering from memory")]
    private static partial void DatabaseAway(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is back")]
    private static partial void DatabaseBack(ILogger log);

    [LoggerMessage(Level = LogLevel.Error, Message = "The copy of the lines on disk cannot be used")]
    private static partial void CopyUnusable(ILogger log, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The copy of the lines could not be written: {Reason}")]
    private static partial void CopyFailed(ILogger log, string reason);
}
