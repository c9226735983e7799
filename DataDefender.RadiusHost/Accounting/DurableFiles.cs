using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>Getting bytes and names onto the disk, and not only into the system's memory.</summary>
internal static partial class DurableFiles
{
    private const int DirectoryFlags = 0x10000; // O_RDONLY | O_DIRECTORY
    private const int Failed = -1;

    /// <summary>The file's data, without times and other metadata that nobody needs to read it back.</summary>
    /// <exception cref="IOException">The disk did not take it: what was written since the last success may be lost.</exception>
    public static void SyncData(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        if (fdatasync(file) == Failed)
        {
            throw new IOException($"fdatasync failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>The names in a folder: without this a new or renamed file may be gone after a power cut. Windows needs none.</summary>
    public static void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var folder = open(path, DirectoryFlags);
        if (folder == Failed)
        {
            throw new IOException($"{path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        try
        {
            if (fsync(folder) == Failed)
            {
                throw new IOException($"fsync of {path} failed: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
        finally
        {
            _ = close(folder);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fsync(int file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int file);
}
