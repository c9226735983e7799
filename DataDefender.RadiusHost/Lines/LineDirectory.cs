using System.Collections.Concurrent;

namespace DataDefender.RadiusHost.Lines;

/// <summary>Where the current directory came from.</summary>
internal enum DirectorySource
{
    None,

    /// <summary>The copy on disk, because the database was away at start.</summary>
    File,

    Database,
}

/// <summary>Everything that a login is decided from, in memory. Ports read it from their threads; the feed replaces or changes it.</summary>
internal sealed class LineDirectory
{
    private readonly ConcurrentDictionary<Guid, NasState> _nasStates = new();
    private readonly ConcurrentDictionary<Guid, Status.CompanyCounters> _counters = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _replacing = new();
    private volatile DirectoryContent _content = DirectoryContent.Empty;
    private long _upToDateAt;
    private long _version;

    public DirectoryContent Content => _content;

    public DirectorySource Source { get; private set; }

    /// <summary>Completes once there is something to answer from.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Raised by each change, so that the copy on disk knows when it is old.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>UTC ticks of the last time that the database said there is nothing newer.</summary>
    public long UpToDateAt
    {
        get => Volatile.Read(ref _upToDateAt);
        set => Volatile.Write(ref _upToDateAt, value);
    }

    /// <summary>False while the feed cannot reach the database; logins go on from memory.</summary>
    public bool DatabaseReachable { get; set; }

    public NasState NasState(Guid id) => _nasStates.GetOrAdd(id, static key => new NasState(key));

    /// <summary>A company to be filled, which keeps counting where the one before it stopped.</summary>
    public CompanyLines NewCompany(Guid tenantId) => new(tenantId, _counters.GetOrAdd(tenantId, static _ => new Status.CompanyCounters()));

    /// <summary>The line's state as it is known already, or a new one.</summary>
    public LineState LineState(Guid tenantId, Guid subscriptionId) =>
        _content.Companies.GetValueOrDefault(tenantId)?.Find(subscriptionId)?.Line ?? new LineState(subscriptionId);

    public void Replace(DirectoryContent content, DirectorySource source)
    {
        lock (_replacing)
        {
            (_content, Source) = (content, source);
        }

        Changed();
        _loaded.TrySetResult();
    }

    /// <summary>Takes the copy on disk unless something is here already.</summary>
    public bool ReplaceIfEmpty(DirectoryContent copy)
    {
        lock (_replacing)
        {
            if (Source is not DirectorySource.None)
            {
                return false;
            }

            (_content, Source) = (copy, DirectorySource.File);
        }

        _loaded.TrySetResult();
        return true;
    }

    public void Changed() => Interlocked.Increment(ref _version);

    public void ReplaceNas(NasTable nas) => _content = _content with { Nas = nas };

    public void AddCompany(CompanyLines company) =>
        _content = _content with { Companies = new Dictionary<Guid, CompanyLines>(_content.Companies) { [company.TenantId] = company } };
}

/// <summary>One state of the directory. The companies' lines change inside it; the set of companies and NAS changes by a new content.</summary>
internal sealed record DirectoryContent(NasTable Nas, IReadOnlyDictionary<Guid, CompanyLines> Companies)
{
    public static readonly DirectoryContent Empty = new(NasTable.Empty, new Dictionary<Guid, CompanyLines>());

    public int SubscriberCount => Companies.Values.Sum(c => c.Count);
}
