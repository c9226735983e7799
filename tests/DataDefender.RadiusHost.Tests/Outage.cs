using DataDefender.Testing;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Puts a folder where the database file was, so that nothing can be opened there.</summary>
internal sealed class Outage : IDisposable
{
    private readonly string _file;
    private bool _ended;

    public Outage(TestDatabase database)
    {
        _file = Path.Combine(database.Folder.FullName, "datadefender.db");
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(_file + suffix))
            {
                File.Move(_file + suffix, _file + ".away" + suffix);
            }
        }

        Directory.CreateDirectory(_file);
    }

    public void End()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        Directory.Delete(_file);
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(_file + ".away" + suffix))
            {
                File.Move(_file + ".away" + suffix, _file + suffix);
            }
        }
    }

    public void Dispose() => End();
}
