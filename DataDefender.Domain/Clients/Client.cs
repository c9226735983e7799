using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;

namespace DataDefender.Domain.Clients;

/// <summary>A customer of a company: a person or an organisation that holds subscriptions.</summary>
public sealed class Client : Entity, ITenantOwned, IAudited
{
    private Client() { }

    public Client(Guid tenantId, string accountNumber, ClientInput input, DateTime now)
    {
        (TenantId, AccountNumber, CreatedAt) = (tenantId, accountNumber, now);
        Change(input);
    }

    public Guid TenantId { get; private set; }

    /// <summary>Digits with a Luhn check digit at the end; what customers type when they pay.</summary>
    public string AccountNumber { get; private set; } = "";

    public string Name { get; private set; } = "";

    /// <summary>2547XXXXXXXX or 2541XXXXXXXX, or as typed for a foreign number.</summary>
    public string Phone { get; private set; } = "";

    public string? Email { get; private set; }
    public string? Address { get; private set; }
    public string? County { get; private set; }
    public string? Notes { get; private set; }

    /// <summary>Null: as the company writes to everybody.</summary>
    public MessageLanguage? Language { get; private set; }

    public DateTime CreatedAt { get; private set; }

    /// <summary>Lower-cased name, phone, e-mail and account number: what the search looks through.</summary>
    [Observed]
    public string SearchText { get; private set; } = "";

    public string AuditLabel => $"{Name} ({AccountNumber})";

    public void Change(ClientInput input)
    {
        (Name, Phone, Email) = (input.Name.Trim(), PhoneNumber.Normalise(input.Phone), Blank(input.Email));
        (Address, County, Notes) = (Blank(input.Address), Blank(input.County), Blank(input.Notes));
        Language = input.Language;
        SearchText = string.Join(' ', Name, Phone, Email, AccountNumber).ToLowerInvariant();
    }

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>What a person types about a client.</summary>
public sealed record ClientInput
{
    public string Name { get; set; } = "";
    public string Phone { get; set; } = "";
    public string? Email { get; set; }
    public string? Address { get; set; }
    public string? County { get; set; }
    public string? Notes { get; set; }

    /// <summary>In which the client is written to; null: the company's usual one.</summary>
    public MessageLanguage? Language { get; set; }
}
