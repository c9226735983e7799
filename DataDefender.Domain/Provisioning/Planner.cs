using System.Collections.Immutable;
using DataDefender.Domain.Network;

namespace DataDefender.Domain.Provisioning;

/// <summary>
/// Holds what a router has against what it is to have. Pure. Only items that bear our mark are changed or removed; what is in their
/// way is reported, and changed only when a person says to take it over.
/// </summary>
public static class Planner
{
    public static RouterPlan Plan(ProvisioningFacts facts, ActualState actual, bool takeOver = false)
    {
        var desired = DesiredStates.Of(facts, actual.Version, actual);
        var work = new Work(facts, actual, takeOver, [.. desired.Findings]);
        foreach (var menu in RouterMenu.All)
        {
            work.Menu(menu, [.. desired.Items.Where(i => i.Menu == menu)]);
        }

        foreach (var menu in RouterMenu.All.Reverse())
        {
            work.Remove(menu, desired.Items.Select(i => i.Mark).ToHashSet(StringComparer.Ordinal));
        }

        return new RouterPlan(facts.RouterId, facts.RouterName, actual.RouterOsVersion, [.. work.Changes], [.. work.Findings]);
    }

    private sealed class Work(ProvisioningFacts facts, ActualState actual, bool takeOver, List<PlanFinding> findings)
    {
        public List<PlanChange> Changes { get; } = [];

        public List<PlanFinding> Findings { get; } = findings;

        public void Menu(RouterMenu menu, IReadOnlyList<DesiredItem> items)
        {
            if (items.Count == 0)
            {
                return;
            }

            if (actual.Rows(menu) is not { } rows)
            {
                Findings.Add(new(FindingKind.Blocks, menu.Path, $"This router has no {menu.Path}: a package is missing, or its version is too old."));
                return;
            }

            var own = Own(menu, rows);
            foreach (var chain in items.GroupBy(i => i.Chain))
            {
                var isOutOfOrder = menu.IsOrdered && IsOutOfOrder([.. chain], rows, own);
                foreach (var item in chain)
                {
                    Item(item, rows, own, isOutOfOrder);
                }
            }

            if (menu == RouterMenu.Radius)
            {
                LookAtOtherServers(items[0], rows, own);
            }
        }

        private void Item(DesiredItem item, IReadOnlyList<RouterRow> rows, Dictionary<string, RouterRow> own, bool isOutOfOrder)
        {
            if (item.Menu.FixedBy is { } key)
            {
                if (rows.FirstOrDefault(r => r[key] == item[key]) is { } one)
                {
                    Compare(item, one);
                    LookAtOurWayIn(item);
                }
                else
                {
                    Findings.Add(new(FindingKind.Blocks, item.Menu.Path, $"This router has no {item[key]} in {item.Menu.Path}."));
                }
            }
            else if (item.Menu.IsSingle)
            {
                Compare(item, rows.Count > 0 ? rows[0] : RouterRow.Of());
            }
            else if (own.TryGetValue(item.Mark, out var row))
            {
                Compare(item, row);
                if (item.Menu == RouterMenu.Certificate && string.IsNullOrEmpty(row["fingerprint"]))
                {
                    Changes.Add(Signed(item));
                }

                if (isOutOfOrder)
                {
                    Changes.Add(new(ChangeKind.Move, item.Menu, item.Mark, item.What, row.Id, [new PlanValue("place", "out of order", "in order, above what lets it past")], item));
                }
            }
            else if (Twin(item.Menu, item, rows) is { } twin)
            {
                Meet(item, twin);
            }
            else
            {
                Changes.Add(new(ChangeKind.Add, item.Menu, item.Mark, item.What, null, [.. item.Values.Select(v => new PlanValue(v.Name, null, v.Value, v.IsSecret))], item));
                if (item.Menu == RouterMenu.Certificate)
                {
                    Changes.Add(Signed(item));
                }
            }
        }

        // The connection that is open stays open, so that nothing would be noticed until the next one is refused.
        private void LookAtOurWayIn(DesiredItem item)
        {
            if (item["address"] is { Length: > 0 } networks && actual.SeenFrom.Count > 0 && !actual.SeenFrom.Any(a => DesignText.List(networks).Any(n => DesignText.Holds(n, a))))
            {
                Findings.Add(new(
                    FindingKind.Blocks, item.Menu.Path,
                    $"{Capital(item.What)}: the router sees us at {string.Join(", ", actual.SeenFrom)}, which is in none of the management networks ({networks}). We would be locked out; add it to them."));
            }
        }

        private static PlanChange Signed(DesiredItem item) => new(ChangeKind.Sign, item.Menu, item.Mark, item.What, null, [new PlanValue("signed", "no", "yes")], item);

        /// <summary>What bears our mark and is not designed any more.</summary>
        public void Remove(RouterMenu menu, HashSet<string> wanted)
        {
            if (menu.IsSingle || menu.FixedBy is not null || menu.Stays || actual.Rows(menu) is not { } rows)
            {
                return;
            }

            // The last one first: taken back in the opposite order, rules come back in their own.
            var first = rows.Where(r => IsOurs(menu, r)).GroupBy(r => r[menu.MarkField]!).Where(g => wanted.Contains(g.Key)).Select(g => g.First()).ToHashSet();
            foreach (var row in rows.Where(r => IsOurs(menu, r) && !first.Contains(r) && !IsTunnel(menu, r)).Reverse())
            {
                var mark = row[menu.MarkField]!;
                Changes.Add(new(ChangeKind.Remove, menu, mark, $"{menu.Title.ToLowerInvariant()} {Called(menu, row, mark)}", row.Id, Gone(menu, row), null));
            }
        }

        // The mark of a line is a number: its user name says more.
        private string Called(RouterMenu menu, RouterRow row, string mark) =>
            mark[facts.PrefixOf(menu).Length..] is var key && key.StartsWith("line/", StringComparison.Ordinal) ? row["name"] ?? row["address"] ?? key : key;

        private bool IsOurs(RouterMenu menu, RouterRow row) => row[menu.MarkField]?.StartsWith(facts.PrefixOf(menu), StringComparison.Ordinal) is true && !IsDynamic(row);

        private bool IsTunnel(RouterMenu menu, RouterRow row) => row[menu.MarkField]!.AsSpan(facts.PrefixOf(menu).Length).StartsWith(Marks.Tunnel, StringComparison.Ordinal);

        private Dictionary<string, RouterRow> Own(RouterMenu menu, IReadOnlyList<RouterRow> rows)
        {
            var own = new Dictionary<string, RouterRow>(StringComparer.Ordinal);
            foreach (var row in rows.Where(r => IsOurs(menu, r)))
            {
                own.TryAdd(row[menu.MarkField]!, row);
            }

            return own;
        }

        private void Compare(DesiredItem item, RouterRow row)
        {
            var differing = Differing(item, row);
            if (differing.Length > 0)
            {
                Changes.Add(new(ChangeKind.Set, item.Menu, item.Mark, item.What, row.Id, differing, item));
            }
        }

        private static ImmutableArray<PlanValue> Differing(DesiredItem item, RouterRow row) =>
            [.. item.Values.Where(v => !v.Is(row[v.Name])).Select(v => new PlanValue(v.Name, row[v.Name], v.Value, v.IsSecret))];

        // An unmarked item with the same identity: the router would not take ours beside it.
        private RouterRow? Twin(RouterMenu menu, DesiredItem item, IReadOnlyList<RouterRow> rows) =>
            menu.Twins.Length == 0 ? null : rows.FirstOrDefault(r => !IsDynamic(r) && !IsOurs(menu, r) && menu.Twins.All(t => item.Values.First(v => v.Name == t).Is(r[t])));

        private void Meet(DesiredItem item, RouterRow twin)
        {
            var differing = Differing(item, twin);
            var comment = twin["comment"];
            var owner = string.IsNullOrEmpty(comment) ? "without a comment" : $"“{comment}”";
            if (takeOver)
            {
                Changes.Add(new(ChangeKind.Set, item.Menu, item.Mark, item.What, twin.Id, [new PlanValue("comment", comment, item.Mark), .. differing], item, TakesOver: true));
            }
            else if (differing.Length == 0)
            {
                Findings.Add(new(FindingKind.Note, item.Menu.Path, $"{Capital(item.What)} is there already ({owner}) and as designed. It is not ours and stays as it is."));
            }
            else
            {
                var names = string.Join(", ", differing.Select(v => v.IsSecret ? v.Name : $"{v.Name} is {v.Before ?? "not set"}"));
                Findings.Add(new(FindingKind.Conflict, item.Menu.Path, $"{Capital(item.What)}: the router has one of its own ({owner}) where {names}.") { Mark = item.Mark });
            }
        }

        // Ours stand in the designed order, above every foreign rule of the chain that would let a walled line past them.
        private bool IsOutOfOrder(List<DesiredItem> chain, IReadOnlyList<RouterRow> rows, Dictionary<string, RouterRow> own)
        {
            var stays = rows.Where(r => r["chain"] == chain[0].Chain && !IsDynamic(r)).ToList();
            var places = chain.Where(i => own.ContainsKey(i.Mark)).Select(i => stays.IndexOf(own[i.Mark])).ToList();
            var barrier = stays.FindIndex(r => !IsOurs(chain[0].Menu, r) && Placement.LetsPast(r));
            return places.Contains(-1) || places.Zip(places.Skip(1)).Any(p => p.First > p.Second) || (barrier >= 0 && places.Any(p => p > barrier));
        }

        private void LookAtOtherServers(DesiredItem ours, IReadOnlyList<RouterRow> rows, Dictionary<string, RouterRow> own)
        {
            var place = own.TryGetValue(ours.Mark, out var mine) ? rows.ToList().IndexOf(mine) : int.MaxValue;
            foreach (var other in rows.Take(place).Where(r => !IsOurs(RouterMenu.Radius, r) && RouterOsValues.Boolean(r["disabled"]) is not true && RouterOsValues.List(r["service"]).Contains("ppp") && r["address"] != ours["address"]))
            {
                Findings.Add(new(FindingKind.Note, RouterMenu.Radius.Path, $"The router asks {other["address"]} before us; lines that it knows never reach our RADIUS."));
            }
        }

        private static ImmutableArray<PlanValue> Gone(RouterMenu menu, RouterRow row) =>
            [.. MenuProperties.OfDesign(menu).Where(p => row[p] is not null).Select(p => new PlanValue(p, row[p], null, p is "secret" or "password"))];

        private static bool IsDynamic(RouterRow row) => RouterOsValues.Boolean(row["dynamic"]) is true;

        private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
    }
}
