using System.Globalization;
using System.Text;
using DataDefender.Domain.Network;

namespace DataDefender.Domain.Provisioning;

/// <summary>What is written into the script of one router.</summary>
/// <param name="Address">Where the router reaches this installation, without a slash at the end.</param>
/// <param name="Tunnel">Null for a router that we reach without one.</param>
public sealed record EnrolmentScriptFacts(string Address, string Token, string MarkPrefix, string NamePrefix, string Username, string Password, int ApiPort, IReadOnlyList<string> ManagementNetworks, EnrolmentTunnel? Tunnel);

/// <param name="Prefix">The network's length: 24.</param>
public sealed record EnrolmentTunnel(string Address, int Prefix, string HubKey, string HubHost, int HubPort, string Network);

/// <summary>
/// The script that makes a new router reachable and lets it call home. Each line by itself, caught where it may have been run before, so
/// that pasting it twice does no harm. It changes nothing but what bears our mark, and the API service.
/// </summary>
public static class EnrolmentScript
{
    /// <summary>What a person pastes into the router's terminal.</summary>
    public static string Line(string address, string token) =>
        $"/tool fetch url=\"{address}/enrol/{token}.rsc\" dst-path=datadefender.rsc check-certificate=no; /import datadefender.rsc; /file remove datadefender.rsc";

    public static string Of(EnrolmentScriptFacts facts)
    {
        var (group, certificate) = ($"{facts.NamePrefix}api", $"{facts.NamePrefix}api");
        var allowed = facts.Tunnel is { } t ? [t.Network, .. facts.ManagementNetworks] : facts.ManagementNetworks;
        var from = allowed.Count > 0 ? $" address={string.Join(',', allowed)}" : throw new ArgumentException("Without a network that manages the router its API would answer anybody.", nameof(facts));
        var text = new StringBuilder();
        void Do(string command) => text.Append(command).Append('\n');
        void Try(string command) => Do($":do {{ {command} }} on-error={{ }}");

        Do("# DataDefender makes this router reachable for its operator and registers it");
        Try($"/tool fetch url={NasSetup.Quote($"{facts.Address}/enrol/{facts.Token}/ran")} check-certificate=no keep-result=no");
        Try($"/user group add name={group} policy=api,read,write,policy,test,sensitive,password,ftp,reboot");
        Try($"/user remove [find name={facts.Username}]");
        Do($"/user add name={facts.Username} group={group} password={NasSetup.Quote(facts.Password)}{from} comment={NasSetup.Quote($"{facts.MarkPrefix}user/api")}");
        Try($"/certificate add name={certificate} common-name={certificate} key-usage=tls-server days-valid=3650");
        Try($"/certificate sign {certificate}");
        Do(string.Create(CultureInfo.InvariantCulture, $"/ip service set api-ssl certificate={certificate} tls-version=only-1.2 port={facts.ApiPort}{from} disabled=no"));
        if (facts.Tunnel is { } tunnel)
        {
            var name = $"{facts.NamePrefix}wg";
            Try($"/interface wireguard add name={name} comment={NasSetup.Quote($"{facts.MarkPrefix}tunnel")}");
            Try($"/interface wireguard peers remove [find interface={name}]");
            Do(string.Create(CultureInfo.InvariantCulture, $"/interface wireguard peers add interface={name} public-key={NasSetup.Quote(tunnel.HubKey)} endpoint-address={tunnel.HubHost} endpoint-port={tunnel.HubPort} allowed-address={tunnel.Network} persistent-keepalive=25s comment={NasSetup.Quote($"{facts.MarkPrefix}tunnel/hub")}"));
            Try($"/ip address add address={tunnel.Address}/{tunnel.Prefix} interface={name} comment={NasSetup.Quote($"{facts.MarkPrefix}tunnel/address")}");
            Do($"/tool fetch url={NasSetup.Quote($"{facts.Address}/enrol/{facts.Token}/home")} http-method=post http-data=(\"key=\" . [/interface wireguard get [find name={name}] public-key]) check-certificate=no keep-result=no");
        }
        else
        {
            Do($"/tool fetch url={NasSetup.Quote($"{facts.Address}/enrol/{facts.Token}/home")} http-method=post http-data=\"key=\" check-certificate=no keep-result=no");
        }

        return text.ToString();
    }
}
