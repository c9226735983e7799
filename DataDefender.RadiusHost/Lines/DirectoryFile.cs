using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.RadiusHost.Accounting;
using Microsoft.AspNetCore.DataProtection;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// The directory's copy on disk, from which RadiusHost answers when it is started while the database is away. It holds passwords and
/// secrets, so it is encrypted with a key of its own that only the installation's DataProtection key opens.
/// </summary>
internal sealed class DirectoryFile(string path, IDataProtectionProvider protection, LineDirectory directory)
{
    private const string Magic = "DataDefender lines 4";

    private readonly IDataProtector _wrapper = protection.CreateProtector("DataDefender.RadiusHost.DirectoryFile.v1");

    public bool Exists => File.Exists(path);

    /// <summary>Written beside and put in place at the end: a crash leaves the old copy.</summary>
    public void Save(DirectoryContent content)
    {
        var key = RandomNumberGenerator.GetBytes(SealedStream.KeyLength);
        var unfinished = path + ".new";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            using (var head = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true))
            {
                var wrapped = _wrapper.Protect(key);
                head.Write(Magic);
                head.Write((ushort)wrapped.Length);
                head.Write(wrapped);
            }

            using (var body = SealedStream.Write(file, key))
            using (var writer = new BinaryWriter(body, Encoding.UTF8))
            {
                WriteAll(writer, content);
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
        DurableFiles.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <exception cref="InvalidDataException">The copy is of another form.</exception>
    /// <exception cref="CryptographicException">It was changed, or the installation's keys are others.</exception>
    public DirectoryContent Load()
    {
        using var file = File.OpenRead(path);
        using var head = new BinaryReader(file, Encoding.UTF8, leaveOpen: true);
        if (head.ReadString() != Magic)
        {
            throw new InvalidDataException("The copy of the lines is of another version.");
        }

        using var body = SealedStream.Read(file, _wrapper.Unprotect(head.ReadBytes(head.ReadUInt16())));
        using var reader = new BinaryReader(body, Encoding.UTF8);
        return ReadAll(reader);
    }

    private static void WriteAll(BinaryWriter writer, DirectoryContent content)
    {
        writer.Write(content.Companies.Count);
        foreach (var company in content.Companies.Values)
        {
            WriteCompany(writer, company);
        }

        writer.Write(content.Nas.All.Count);
        foreach (var nas in content.Nas.All)
        {
            Write(writer, nas.Company.TenantId);
            var facts = nas.Facts with { MessageAuthenticatorSeen = nas.State.MessageAuthenticatorSeen };
            Write(writer, facts.Id);
            writer.Write(facts.Name);
            writer.Write(facts.Address);
            writer.Write(facts.Identifier);
            writer.Write(facts.Secret);
            writer.Write((byte)facts.Rule);
            writer.Write(facts.MessageAuthenticatorSeen);
            writer.Write(facts.Certificate);
            writer.Write((byte)facts.Vendor);
            Write(writer, facts.RouterId ?? Guid.Empty);
        }
    }

    private static void WriteCompany(BinaryWriter writer, CompanyLines company)
    {
        Write(writer, company.TenantId);
        writer.Write((byte)company.Status);
        writer.Write(company.Zone.Id);
        writer.Write(JsonSerializer.Serialize(SettingsOnDisk.Of(company.Settings)));
        WriteOptional(writer, company.MacPassword is { } shared ? Encoding.UTF8.GetString(shared) : null);
        writer.Write(JsonSerializer.Serialize(company.Staff.All));
        var packages = company.Packages.Where(p => p.Decisions.Facts is not null).ToList();
        writer.Write(packages.Count);
        foreach (var package in packages)
        {
            var facts = package.Decisions.Facts!;
            Write(writer, package.Id);
            writer.Write(JsonSerializer.Serialize(new PackageOnDisk(facts.Package.ToInput(), facts.Rules)));
        }

        foreach (var subscriber in company.Subscribers)
        {
            var facts = subscriber.ToFacts();
            writer.Write(true);
            Write(writer, facts.SubscriptionId);
            Write(writer, facts.PackageId);
            writer.Write(facts.Username);
            WriteOptional(writer, facts.Password);
            WriteOptional(writer, facts.StaticAddress);
            WriteOptional(writer, facts.CallerLock);
            writer.Write((byte)facts.State);
            writer.Write((sbyte)(facts.SuspendReason is { } reason ? (int)reason : -1));
            writer.Write(facts.ExpiresAt?.Ticks ?? 0);
            WriteOptional(writer, facts.DelegatedPrefix);
            WriteOptional(writer, facts.Limit is null ? null : JsonSerializer.Serialize(facts.Limit));
            writer.Write(facts.OnlineLeft?.Seconds ?? -1);
            writer.Write(facts.OnlineLeft?.Until.Ticks ?? 0);
            WriteOptional(writer, facts.Binding == LineBinding.None ? null : JsonSerializer.Serialize(facts.Binding));
        }

        writer.Write(false); // the number may change while they are written
    }

    private DirectoryContent ReadAll(BinaryReader reader)
    {
        var companies = new Dictionary<Guid, CompanyLines>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var company = ReadCompany(reader);
            companies.Add(company.TenantId, company);
        }

        var entries = new List<NasEntry>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var tenantId = ReadGuid(reader);
            var facts = new NasFacts(
                ReadGuid(reader), reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadString(),
                (MessageAuthenticatorRule)reader.ReadByte(), reader.ReadBoolean(), reader.ReadString(), (NasVendor)reader.ReadByte(),
                ReadGuid(reader) is var router && router != Guid.Empty ? router : null);
            var state = directory.NasState(facts.Id);
            state.MessageAuthenticatorIsKnown(facts.MessageAuthenticatorSeen);
            entries.Add(new NasEntry(state, companies[tenantId], facts));
        }

        return new DirectoryContent(new NasTable(entries), companies);
    }

    private CompanyLines ReadCompany(BinaryReader reader)
    {
        var company = directory.NewCompany(ReadGuid(reader));
        (company.Status, company.Zone) = ((CompanyStatus)reader.ReadByte(), TimeZoneInfo.FindSystemTimeZoneById(reader.ReadString()));
        company.Settings = ReadJson<SettingsOnDisk>(reader).Settings(company.TenantId);
        company.UseMacLogins(company.Settings.MacLogins, ReadOptional(reader));
        company.Staff = new StaffLogins(ReadJson<List<StaffFacts>>(reader));
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var (id, package) = (ReadGuid(reader), ReadJson<PackageOnDisk>(reader));
            company.Package(id).Decide(new PackageFacts(
                new ServicePackage(company.TenantId, package.Input, DateTime.UnixEpoch), package.Rules, company.Settings, company.Status, company.Zone));
        }

        while (reader.ReadBoolean())
        {
            var facts = new SubscriberFacts(
                ReadGuid(reader), ReadGuid(reader), reader.ReadString(), ReadOptional(reader), ReadOptional(reader), ReadOptional(reader),
                (SubscriptionState)reader.ReadByte(), reader.ReadSByte() is >= 0 and var reason ? (SuspendReason)reason : null)
            {
                ExpiresAt = reader.ReadInt64() is not 0 and var expiry ? new DateTime(expiry, DateTimeKind.Utc) : null,
                DelegatedPrefix = ReadOptional(reader),
                Limit = ReadOptional(reader) is { } limit ? JsonSerializer.Deserialize<LineLimit>(limit) : null,
                OnlineLeft = (reader.ReadInt32(), reader.ReadInt64()) is (>= 0 and var seconds, var until) ? new OnlineLeft(seconds, new DateTime(until, DateTimeKind.Utc)) : null,
                Binding = ReadOptional(reader) is { } binding ? JsonSerializer.Deserialize<LineBinding>(binding)! : LineBinding.None,
            };
            company.Put(new Subscriber(directory.LineState(company.TenantId, facts.SubscriptionId), company.Package(facts.PackageId), facts));
        }

        return company;
    }

    private static void Write(BinaryWriter writer, Guid id)
    {
        Span<byte> octets = stackalloc byte[16];
        id.TryWriteBytes(octets);
        writer.Write(octets);
    }

    private static Guid ReadGuid(BinaryReader reader)
    {
        Span<byte> octets = stackalloc byte[16];
        reader.BaseStream.ReadExactly(octets);
        return new Guid(octets);
    }

    private static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
        {
            writer.Write(text);
        }
    }

    private static string? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;

    private static T ReadJson<T>(BinaryReader reader) => JsonSerializer.Deserialize<T>(reader.ReadString()) ?? throw new InvalidDataException($"No {typeof(T).Name}.");

    /// <summary>From which a package is decided as it is from the database.</summary>
    private sealed record PackageOnDisk(ServicePackageInput Input, PolicyRules Rules);

    private sealed record SettingsOnDisk(string WalledGardenList, int WalledGardenKbps, int InterimSeconds, StateTreatments States, bool RouterLogins, MacLoginRule MacLogins)
    {
        public static SettingsOnDisk Of(NetworkSettings settings) =>
            new(settings.WalledGardenList, settings.WalledGardenKbps, settings.InterimSeconds, settings.States, settings.RouterLogins, settings.MacLogins);

        public NetworkSettings Settings(Guid tenantId)
        {
            var settings = new NetworkSettings(tenantId);
            settings.Change(WalledGardenList, WalledGardenKbps, InterimSeconds);
            settings.Treat(States);
            settings.AllowRouterLogins(RouterLogins);
            settings.AllowMacLogins(MacLogins);
            return settings;
        }
    }
}
