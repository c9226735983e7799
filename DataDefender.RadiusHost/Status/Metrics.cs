using System.Globalization;
using System.Text;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.RadSec;

namespace DataDefender.RadiusHost.Status;

/// <summary>Everything that is counted, as Prometheus reads it (text format 0.0.4).</summary>
internal sealed class Metrics(
    LineDirectory directory, HostCounters counters, Journal journal, ApplierStatus applier, Pulse pulse, PulseSampler sampler, DeadLetters deadLetters, LoginLog logins, LoginLogWriter loginWriter, RadiusPorts ports, RadSecPorts radSec)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public string Write()
    {
        var text = new PrometheusText();
        WritePorts(text);
        WriteRadSec(text);
        WriteCompanies(text);
        WriteNas(text);
        WriteJournal(text);
        WriteDirectory(text);
        return text.ToString();
    }

    private void WritePorts(PrometheusText text)
    {
        foreach (var (port, counted) in ((string, PortCounters)[])[("authentication", counters.Authentication), ("accounting", counters.Accounting), ("tls-authentication", counters.TlsAuthentication), ("tls-accounting", counters.TlsAccounting)])
        {
            text.Counter("radius_datagrams_received_total", "Datagrams received", counted.Received, ("port", port));
            text.Counter("radius_replies_total", "Replies sent at once", counted.Answered, ("port", port));
            text.Counter("radius_duplicates_total", "Retransmissions", counted.Duplicates, ("port", port));
            if (port is "authentication" or "accounting" && SocketDrops.Of(port is "authentication" ? ports.AuthenticationEndPoint : ports.AccountingEndPoint) is { } lost)
            {
                text.Counter("radius_socket_drops_total", "Datagrams that the system lost because the socket's buffer was full", lost, ("port", port));
            }

            text.Counter("radius_status_requests_total", "Status-Server requests", counted.StatusRequests, ("port", port));
            foreach (var reason in Enum.GetValues<DropReason>())
            {
                text.Counter("radius_dropped_total", "Datagrams not answered, by reason", counted.Dropped(reason), ("port", port), ("reason", reason.ToString()));
            }

            foreach (var reason in Enum.GetValues<MalformedReason>().Where(r => r is not MalformedReason.None))
            {
                text.Counter("radius_malformed_total", "Malformed datagrams, by what is wrong", counted.Malformed(reason), ("port", port), ("reason", reason.ToString()));
            }
        }
    }

    private void WriteRadSec(PrometheusText text)
    {
        text.Gauge("radius_tls_connections", "Open RadSec connections", counters.RadSec.Open);
        if (radSec.CertificateExpiresAt is { } expires)
        {
            text.Gauge("radius_tls_certificate_expiry_seconds", "Unix time at which RadSec's own certificate runs out", (expires - DateTime.UnixEpoch).TotalSeconds);
        }

        text.Counter("radius_tls_connections_total", "RadSec connections with a NAS's certificate", counters.RadSec.Accepted.Value);
        foreach (var reason in Enum.GetValues<RadSecEnd>())
        {
            text.Counter("radius_tls_refused_total", "RadSec connections refused or ended by us, by reason", counters.RadSec.Ended(reason), ("reason", reason.ToString()));
        }
    }

    private void WriteCompanies(PrometheusText text)
    {
        var login = new long[LatencyHistogram.BucketCount];
        foreach (var company in directory.Content.Companies.Values)
        {
            var tenant = ("tenant", company.TenantId.ToString());
            foreach (var outcome in Enum.GetValues<LoginOutcome>())
            {
                text.Counter("radius_logins_total", "Logins decided, by outcome", company.Counters.Logins(outcome), tenant, ("outcome", outcome.ToString()));
            }

            text.Counter("radius_accounting_total", "Accounting records acknowledged", company.Counters.Starts.Value, tenant, ("type", "start"));
            text.Counter("radius_accounting_total", "Accounting records acknowledged", company.Counters.Interims.Value, tenant, ("type", "interim"));
            text.Counter("radius_accounting_total", "Accounting records acknowledged", company.Counters.Stops.Value, tenant, ("type", "stop"));
            text.Counter("radius_accounting_total", "Accounting records acknowledged", company.Counters.OtherAccounting.Value, tenant, ("type", "other"));
            text.Gauge("radius_sessions_open", "Open sessions", sampler.OpenSessions.GetValueOrDefault(company.TenantId), tenant);
            var counts = new long[LatencyHistogram.BucketCount];
            company.Counters.Latency.CopyTo(counts);
            for (var i = 0; i < counts.Length; i++)
            {
                login[i] += counts[i];
            }
        }

        var accounting = new long[LatencyHistogram.BucketCount];
        counters.AccountingLatency.CopyTo(accounting);
        WriteLatency(text, "radius_login_seconds", "From receipt to answer of a login", login);
        WriteLatency(text, "radius_accounting_seconds", "From receipt to answer of an accounting record, the disk included", accounting);
    }

    private void WriteNas(PrometheusText text)
    {
        foreach (var nas in directory.Content.Nas.All)
        {
            var counted = nas.State.Counters;
            (string, string)[] who = [("tenant", nas.Company.TenantId.ToString()), ("nas", nas.Id.ToString()), ("name", nas.Facts.Name)];
            text.Counter("radius_nas_logins_total", "Logins decided, by NAS", counted.Accepts, [.. who, ("result", "accepted")]);
            text.Counter("radius_nas_logins_total", "Logins decided, by NAS", counted.Rejects, [.. who, ("result", "rejected")]);
            foreach (var (reason, count) in counted.Logins.Refused())
            {
                text.Counter("radius_nas_rejects_total", "Rejects by NAS and reason, of the reasons that it has had", count, [.. who, ("reason", reason.ToString())]);
            }

            foreach (var (share, microseconds) in Shares(counted.Latency.Percentiles()))
            {
                text.Gauge("radius_nas_login_seconds", "From receipt to answer of a login of the last minute, by NAS", microseconds / 1_000_000, [.. who, ("quantile", share)]);
            }

            text.Counter("radius_nas_accounting_total", "Accounting records acknowledged, by NAS", counted.Accounting.Value, who);
            text.Counter("radius_nas_duplicates_total", "Retransmissions, by NAS", counted.LoginDuplicates.Value, [.. who, ("kind", "login")]);
            text.Counter("radius_nas_duplicates_total", "Retransmissions, by NAS", counted.AccountingDuplicates.Value, [.. who, ("kind", "accounting")]);
            text.Counter("radius_nas_bad_authenticators_total", "Packets whose signature did not fit, by NAS", counted.BadAuthenticators, who);
            text.Gauge("radius_nas_last_seen_seconds", "Unix time of the last packet with a right signature, 0 for none", nas.State.LastSeen == 0 ? 0 : (nas.State.LastSeen - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond, who);
            text.Gauge("radius_nas_message_authenticator_seen", "Whether it has sent a valid Message-Authenticator", nas.State.MessageAuthenticatorSeen ? 1 : 0, who);
        }
    }

    private static IEnumerable<(string Share, double Microseconds)> Shares((double? Median, double? P99) latency)
    {
        if (latency is ({ } median, { } worst))
        {
            yield return ("0.5", median);
            yield return ("0.99", worst);
        }
    }

    private static void WriteLatency(PrometheusText text, string name, string help, long[] counts)
    {
        WriteHistogram(text, name.Replace("_seconds", "_duration_seconds", StringComparison.Ordinal), help, counts);
        foreach (var share in (double[])[0.5, 0.9, 0.99, 0.999])
        {
            if (LatencyHistogram.Percentile(counts, share) is { } microseconds)
            {
                text.Gauge(name, help, microseconds / 1_000_000, ("quantile", share.ToString(CultureInfo.InvariantCulture)));
            }
        }
    }

    // The buckets of the histogram double; ours are eighths of that. The sum is made from them, so it is right to about 6 %.
    private static void WriteHistogram(PrometheusText text, string name, string help, long[] counts)
    {
        var (below, sum) = (0L, 0.0);
        for (var i = 0; i < counts.Length; i++)
        {
            below += counts[i];
            var (start, end) = (i == 0 ? 0 : LatencyHistogram.UpperBound(i - 1), LatencyHistogram.UpperBound(i));
            sum += counts[i] * (start + end) / 2;
            if (i % LatencyHistogram.Steps == LatencyHistogram.Steps - 1 && end is > 10 and < 20_000_000)
            {
                text.Histogram(name, help, "_bucket", below, ("le", (end / 1_000_000).ToString("R", CultureInfo.InvariantCulture)));
            }
        }

        text.Histogram(name, help, "_bucket", below, ("le", "+Inf"));
        text.Histogram(name, help, "_sum", sum / 1_000_000);
        text.Histogram(name, help, "_count", below);
    }

    private void WriteJournal(PrometheusText text)
    {
        text.Gauge("radius_journal_depth", "Acknowledged records that are not in the database yet", pulse.Depth);
        text.Gauge("radius_journal_oldest_seconds", "Age of the oldest of them", pulse.OldestSeconds ?? 0);
        text.Gauge("radius_journal_healthy", "0 while the journal cannot be written and accounting is not acknowledged", journal.Failure is null ? 1 : 0);
        text.Gauge("radius_journal_readable", "0 while what is in the journal cannot be read and carried into the database", applier.Unreadable is null ? 1 : 0);
        text.Gauge("radius_journal_older_copy", "1 when the directory was found to end before what the database has of it", applier.Alarm is null ? 0 : 1);
        text.Counter("radius_journal_commits_total", "Writes with a sync", journal.Commits);
        text.Counter("radius_journal_failures_total", "Writes or syncs that the disk refused", journal.Failures);
        text.Counter("radius_journal_bytes_total", "Octets written", journal.BytesWritten);
        text.Counter("radius_journal_damaged_octets_total", "Octets that were not readable when the journal was followed", applier.DamagedOctets);
        text.Counter("radius_journal_missing_records_total", "Gaps in the sequence", applier.MissingRecords);
        text.Counter("radius_accounting_applied_total", "Records carried into the database", applier.Records);
        text.Counter("radius_accounting_batches_total", "Transactions that carried them", applier.Batches);
        text.Counter("radius_accounting_dead_letters_total", "Records put aside because they cannot be applied", deadLetters.Count);
        text.Counter("radius_sessions_closed_silent_total", "Sessions closed because their reports stopped", applier.SilentClosed);
        text.Counter("radius_login_log_written_total", "Login attempts stored", loginWriter.Written);
        text.Counter("radius_login_log_dropped_total", "Login attempts not stored because there were too many or the database refused one for what it is", logins.Dropped);
        text.Gauge("radius_login_log_waiting", "Login attempts that wait to be stored", logins.Waiting);
    }

    private void WriteDirectory(PrometheusText text)
    {
        text.Gauge("radius_directory_subscribers", "Lines in memory", directory.Content.SubscriberCount);
        text.Gauge("radius_directory_nas", "NAS in memory", directory.Content.Nas.All.Count);
        text.Gauge("radius_directory_from_database", "0 while answering from the copy on disk", directory.Source is DirectorySource.Database ? 1 : 0);
        foreach (var nas in directory.Content.Nas.All.Where(n => n.State.Counters.Limited.Value > 0))
        {
            text.Counter("radius_nas_limited_total", "Datagrams above what one source may send, of the NAS that do", nas.State.Counters.Limited.Value, ("nas", nas.Id.ToString()));
        }

        text.Gauge("radius_database_reachable", "Whether the database answers", directory.DatabaseReachable ? 1 : 0);
        text.Gauge("radius_directory_up_to_date_seconds", "Unix time at which the database last said that nothing is newer", directory.UpToDateAt == 0 ? 0 : (directory.UpToDateAt - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond);
        text.Gauge("process_working_set_bytes", "Memory of the process", Environment.WorkingSet);
        text.Counter("process_cpu_seconds_total", "Processor time of the process", Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Counter("dotnet_allocated_bytes_total", "Memory allocated by all threads since the start", GC.GetTotalAllocatedBytes());
        text.Gauge("dotnet_heap_bytes", "Memory of objects as of the last collection", GC.GetGCMemoryInfo().HeapSizeBytes);
        text.Counter("dotnet_gc_pause_seconds_total", "Time for which collections held all threads", GC.GetTotalPauseDuration().TotalSeconds);
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            text.Counter("dotnet_gc_collections_total", "Collections of a generation and those below it", GC.CollectionCount(generation), ("generation", generation.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Gathers samples by name, since the format wants all of a name in one group.</summary>
    private sealed class PrometheusText
    {
        private readonly Dictionary<string, StringBuilder> _groups = [];

        public void Counter(string name, string help, double value, params ReadOnlySpan<(string Name, string Value)> labels) => Add("counter", name, help, value, labels);

        public void Gauge(string name, string help, double value, params ReadOnlySpan<(string Name, string Value)> labels) => Add("gauge", name, help, value, labels);

        public void Histogram(string name, string help, string part, double value, params ReadOnlySpan<(string Name, string Value)> labels) => Add("histogram", name, help, value, labels, part);

        public override string ToString() => string.Concat(_groups.Values);

        private void Add(string type, string name, string help, double value, ReadOnlySpan<(string Name, string Value)> labels, string part = "")
        {
            if (!_groups.TryGetValue(name, out var group))
            {
                _groups[name] = group = new StringBuilder($"# HELP {name} {help}\n# TYPE {name} {type}\n");
            }

            group.Append(name).Append(part);
            for (var i = 0; i < labels.Length; i++)
            {
                group.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"").Append(Escape(labels[i].Value)).Append('"');
            }

            group.Append(labels.Length > 0 ? "} " : " ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }

        private static string Escape(string label) => label.AsSpan().IndexOfAny('\\', '"', '\n') < 0
            ? label
            : label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }
}
