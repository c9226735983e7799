using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// Sessions that have ended, on PostgreSQL in a partition for each month (UTC) in which they began: a month that is kept no longer goes in
/// one act, where deleting its rows would leave as many dead ones behind. Whose month is not made yet waits in <c>session_records_rest</c>.
/// Our role owns no tables, so two functions with their owner's rights do it, for the platform alone. SQLite and SQL Server have one table.
/// </summary>
internal static class SessionMonths
{
    public const string Table = "session_records";
    public const string Column = "started_at";
    public const string Rest = $"{Table}_rest";

    /// <summary>Months made before anything is in them.</summary>
    private const int Ahead = 2;

    /// <summary>What a clock that went wrong has brought from before that stays where it is, until it goes by its age.</summary>
    private const int Back = 60;

    /// <summary>The statements that follow the table's own, one batch each. A partition has the policy of its parent: who reaches it by its own name sees no more.</summary>
    public static IEnumerable<string> Postgres() =>
    [
        $"CREATE TABLE {Rest} PARTITION OF {Table} DEFAULT;",
        $$"""
        CREATE FUNCTION {{Table}}_wall(part text) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
        DECLARE
            wall record;
        BEGIN
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
            FOR wall IN SELECT policyname, qual, with_check FROM pg_policies WHERE schemaname = 'public' AND tablename = '{{Table}}' LOOP
                EXECUTE format('CREATE POLICY %I ON %I USING (%s) WITH CHECK (%s)', wall.policyname, part, wall.qual, wall.with_check);
            END LOOP;
        END $$;
        SELECT {{Table}}_wall('{{Rest}}');
        """,
        $$"""
        CREATE FUNCTION {{Table}}_make_months(at timestamptz, ahead integer, back integer) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
        DECLARE
            this_month timestamp := date_trunc('month', at AT TIME ZONE 'UTC');
            last_month timestamp := this_month + make_interval(months => ahead);
            month_start timestamp;
            part text;
            made integer := 0;
        BEGIN
            IF current_setting('app.platform', true) IS DISTINCT FROM 'on' THEN
                RAISE EXCEPTION 'months of sessions are the platform''s' USING ERRCODE = 'insufficient_privilege';
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('{{Table}}_months'));
            FOR month_start IN
                SELECT generate_series(this_month, last_month, '1 month')
                UNION
                SELECT DISTINCT date_trunc('month', {{Column}} AT TIME ZONE 'UTC') FROM {{Rest}}
                WHERE {{Column}} >= (this_month - make_interval(months => back)) AT TIME ZONE 'UTC' AND {{Column}} < (last_month + interval '1 month') AT TIME ZONE 'UTC'
                ORDER BY 1
            LOOP
                part := '{{Table}}_' || to_char(month_start, '"y"YYYY"m"MM');
                CONTINUE WHEN to_regclass(part) IS NOT NULL;
                LOCK TABLE {{Table}} IN SHARE UPDATE EXCLUSIVE MODE;
                LOCK TABLE {{Rest}} IN ACCESS EXCLUSIVE MODE;
                EXECUTE format('CREATE TABLE %I (LIKE {{Table}} INCLUDING ALL)', part);
                PERFORM {{Table}}_wall(part);
                EXECUTE format(
                    'WITH moved AS (DELETE FROM {{Rest}} WHERE {{Column}} >= %L AND {{Column}} < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                    month_start AT TIME ZONE 'UTC', (month_start + interval '1 month') AT TIME ZONE 'UTC', part);
                EXECUTE format(
                    'ALTER TABLE {{Table}} ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                    part, month_start AT TIME ZONE 'UTC', (month_start + interval '1 month') AT TIME ZONE 'UTC');
                made := made + 1;
            END LOOP;
            RETURN made;
        END $$;
        """,
        $$"""
        CREATE FUNCTION {{Table}}_drop_months(before timestamptz) RETURNS bigint
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
        DECLARE
            part text;
            sessions bigint;
            young bigint;
            gone bigint := 0;
        BEGIN
            IF current_setting('app.platform', true) IS DISTINCT FROM 'on' THEN
                RAISE EXCEPTION 'months of sessions are the platform''s' USING ERRCODE = 'insufficient_privilege';
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('{{Table}}_months'));
            FOR part IN
                SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = '{{Table}}'::regclass AND c.relname ~ '^{{Table}}_y\d{4,}m\d{2}$'
                    AND (to_date(substring(c.relname FROM '\d{4,}m\d{2}$'), 'YYYY"m"MM')::timestamp + interval '1 month') AT TIME ZONE 'UTC' <= before
                ORDER BY 1
            LOOP
                EXECUTE format('SELECT count(*), count(*) FILTER (WHERE stopped_at >= $1) FROM %I', part) INTO sessions, young USING before;
                CONTINUE WHEN young > 0;
                EXECUTE format('DROP TABLE %I', part);
                gone := gone + sessions;
            END LOOP;
            RETURN gone;
        END $$;
        """,
    ];

    /// <summary>Makes the months that begin next and those of what waits in the rest. Returns how many.</summary>
    public static async Task<int> MakeAsync(IDataDefenderDb db, DateTime now, CancellationToken ct) => db is PostgresDbContext postgres
        ? await postgres.Database.SqlQuery<int>($"SELECT session_records_make_months({now}, {Ahead}, {Back}) AS \"Value\"").SingleAsync(ct)
        : 0;

    /// <summary>Drops the months of which every session began and ended before that. Returns how many sessions went.</summary>
    public static async Task<int> DropAsync(IDataDefenderDb db, DateTime before, CancellationToken ct) => db is PostgresDbContext postgres
        ? (int)await postgres.Database.SqlQuery<long>($"SELECT session_records_drop_months({before}) AS \"Value\"").SingleAsync(ct)
        : 0;
}
