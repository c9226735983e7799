using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Security;

/// <summary>One person of the company, with the state of their sign-in.</summary>
public sealed record StaffRow(Guid Id, int Version, string Name, string Email, Role Role, bool IsActive, DateTime JoinedAt, AccountState? Account);

/// <summary>What an owner says about a person. The address stays as it was at the invitation: people sign in with it.</summary>
public sealed record StaffInput
{
    public string Name { get; set; } = "";
    public string Email { get; set; } = "";
    public Role Role { get; set; } = Role.Support;
}

/// <summary>A secret that sets a password once, within a day; shown to the one who asked for it and kept nowhere.</summary>
public sealed record PasswordLink(Guid AccountId, string Token);

/// <summary>What the fields of a person may hold.</summary>
public sealed class StaffInputValidator : AbstractValidator<StaffInput>
{
    public StaffInputValidator()
    {
        RuleFor(s => s.Name).Must(text => text.Trim().Length is >= 2 and <= 120).WithMessage("A name has 2 to 120 characters.");
        RuleFor(s => s.Email).NotEmpty().WithMessage("People sign in with their e-mail address.")
            .MaximumLength(200).WithMessage("An e-mail address has at most 200 characters.")
            .EmailAddress().WithMessage("This is not an e-mail address.");
        RuleFor(s => s.Role).Must(role => StaffService.Roles.Contains(role)).WithMessage("Choose a role.");
    }
}

/// <summary>The people who work for a company: invited, given roles, kept out.</summary>
public sealed class StaffService(IDataDefenderDbFactory dbFactory, IAccounts accounts, TenantContext tenant, CurrentUser user)
{
    private static readonly StaffInputValidator Validator = new();

    /// <summary>The roles that a company gives to its people.</summary>
    public static IReadOnlyList<Role> Roles { get; } = [Role.Owner, Role.NocOperator, Role.Technician, Role.Support, Role.Sales, Role.Finance];

    public async Task<PageOf<StaffRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageStaff);
        await using var db = await dbFactory.OpenAsync(ct);
        var staff = db.Staff.AsNoTracking();
        if (query.Term is { } term)
        {
            staff = staff.Where(s => s.Name.ToLower().Contains(term) || s.Email.Contains(term));
        }

        var page = await Sort(staff, query).ThenBy(s => s.Id).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        var states = await accounts.StatesAsync(page.ConvertAll(s => s.Id), ct);
        return new PageOf<StaffRow>(
            [.. page.Select(s => new StaffRow(s.Id, s.Version, s.Name, s.Email, s.Role, s.IsActive, s.JoinedAt, states.GetValueOrDefault(s.Id)))], await staff.CountAsync(ct));
    }

    /// <summary>Creates the person without a password and returns what lets them choose one.</summary>
    public async Task<PasswordLink> InviteAsync(StaffInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageStaff);
        Validator.Demand(input);
        var id = await accounts.CreateAsync(new NewAccount(tenant.TenantId, input.Name, input.Email, input.Role, null), Me(), ct);
        return new PasswordLink(id, await accounts.PasswordTokenAsync(id, ct));
    }

    /// <summary>A new link for somebody who lost the first or forgot the password. Earlier links end.</summary>
    public async Task<PasswordLink> NewLinkAsync(Guid id, CancellationToken ct = default)
    {
        await ActAsync(id, (db, person) =>
        {
            if (!person.IsActive)
            {
                throw new DomainException("staff.inactive", $"{person.Name} is disabled. Enable the account first.");
            }

            db.Record("got a new password link", person);
        }, ct);
        return new PasswordLink(id, await accounts.PasswordTokenAsync(id, ct));
    }

    /// <param name="version">The version that the person at the screen saw.</param>
    public async Task ChangeAsync(Guid id, int version, StaffInput input, CancellationToken ct = default)
    {
        Validator.Demand(input);
        await ActAsync(id, async (db, person) =>
        {
            if (person.Version != version)
            {
                throw Saving.ChangedMeanwhile();
            }

            if (person.Role is Role.Owner && input.Role is not Role.Owner)
            {
                await DemandAnotherOwnerAsync(db, person, ct);
            }

            person.Rename(input.Name.Trim());
            person.Assign(input.Role);
        }, ct);
        await accounts.ChangeAsync(id, input.Name, input.Role, ct);
    }

    /// <summary>Ends the person's sessions and open screens at once and keeps them out.</summary>
    public async Task DisableAsync(Guid id, CancellationToken ct = default)
    {
        if (id == user.Id)
        {
            throw new DomainException("staff.self", "You cannot disable your own account.");
        }

        await ActAsync(id, async (db, person) =>
        {
            if (person.Role is Role.Owner)
            {
                await DemandAnotherOwnerAsync(db, person, ct);
            }

            person.Deactivate();
        }, ct);
        await accounts.SetDisabledAsync(id, disabled: true, ct);
    }

    public async Task EnableAsync(Guid id, CancellationToken ct = default)
    {
        await ActAsync(id, (_, person) => person.Reactivate(), ct);
        await accounts.SetDisabledAsync(id, disabled: false, ct);
    }

    /// <summary>For somebody who lost the phone: the second factor and the passkeys go, and the sessions with them.</summary>
    public async Task ResetSecondFactorAsync(Guid id, CancellationToken ct = default)
    {
        await ActAsync(id, (db, person) => db.Record("lost the second factor", person), ct);
        await accounts.ResetSecondFactorAsync(id, ct);
    }

    private static IOrderedQueryable<StaffMember> Sort(IQueryable<StaffMember> staff, GridQuery query) => (query.SortBy, query.Descending) switch
    {
        (nameof(StaffRow.Email), false) => staff.OrderBy(s => s.Email),
        (nameof(StaffRow.Email), true) => staff.OrderByDescending(s => s.Email),
        (nameof(StaffRow.Role), false) => staff.OrderBy(s => s.Role).ThenBy(s => s.Name),
        (nameof(StaffRow.Role), true) => staff.OrderByDescending(s => s.Role).ThenBy(s => s.Name),
        (nameof(StaffRow.JoinedAt), false) => staff.OrderBy(s => s.JoinedAt),
        (nameof(StaffRow.JoinedAt), true) => staff.OrderByDescending(s => s.JoinedAt),
        (_, true) => staff.OrderByDescending(s => s.Name),
        _ => staff.OrderBy(s => s.Name),
    };

    private static async Task DemandAnotherOwnerAsync(IDataDefenderDb db, StaffMember owner, CancellationToken ct)
    {
        if (!await db.Staff.AnyAsync(s => s.Role == Role.Owner && s.IsActive && s.Id != owner.Id, ct))
        {
            throw new DomainException("staff.last_owner", $"{owner.Name} is the last owner. Make somebody else an owner first.");
        }
    }

    private Actor Me() => new(user.Id, user.Name, new HashSet<string>());

    private Task ActAsync(Guid id, Action<IDataDefenderDb, StaffMember> act, CancellationToken ct) => ActAsync(id, (db, person) =>
    {
        act(db, person);
        return Task.CompletedTask;
    }, ct);

    private async Task ActAsync(Guid id, Func<IDataDefenderDb, StaffMember, Task> act, CancellationToken ct)
    {
        user.Demand(Permissions.ManageStaff);
        await using var db = await dbFactory.OpenAsync(ct);
        var person = await db.Staff.SingleOrDefaultAsync(s => s.Id == id, ct) ?? throw new NotFoundException("Person", id);
        await act(db, person);
        await db.SaveAsync(ct);
    }
}
