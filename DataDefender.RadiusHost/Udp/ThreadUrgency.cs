using System.Runtime.InteropServices;

namespace DataDefender.RadiusHost.Udp;

/// <summary>Who goes first when the processors are short. The values are Linux's nice.</summary>
internal enum Urgency
{
    /// <summary>Somebody waits to get online.</summary>
    Logins = -10,

    /// <summary>A NAS waits, and asks again when it has waited too long; carrying what it told into the database comes after that.</summary>
    Accounting = -5,
}

/// <summary>
/// Puts the calling thread before all others of the machine that are of less urgency, so that a login does not wait while accounting is
/// carried into the database. It needs CAP_SYS_NICE (or LimitNICE=-10 in the unit); without it the thread stays as it is.
/// </summary>
internal static partial class ThreadUrgency
{
    private const int Process = 0; // PRIO_PROCESS: with 0 as who, on Linux, the calling thread alone

    /// <returns>Whether the system allowed it.</returns>
    public static bool Raise(Urgency urgency)
    {
        if (OperatingSystem.IsLinux())
        {
            return setpriority(Process, 0, (int)urgency) == 0;
        }

        Thread.CurrentThread.Priority = ThreadPriority.AboveNormal; // which .NET on Linux does not carry over
        return true;
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setpriority(int which, int who, int priority);
}
