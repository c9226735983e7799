using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DataDefender.Infrastructure.Persistence.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "companies",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    slug = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    contact_name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    contact_email = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    contact_phone = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    county = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    time_zone = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    currency = table.Column<string>(type: "nvarchar(3)", maxLength: 3, nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    status_since = table.Column<DateTime>(type: "datetime2", nullable: false),
                    status_reason = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    registered_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    licence_plan = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    licence_max_subscribers = table.Column<int>(type: "int", nullable: false),
                    licence_max_routers = table.Column<int>(type: "int", nullable: false),
                    licence_modules = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    licence_expires_on = table.Column<DateOnly>(type: "date", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_companies", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "job_leases",
                columns: table => new
                {
                    job = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    holder = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    machine = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    beat = table.Column<long>(type: "bigint", nullable: false),
                    taken_at = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_job_leases", x => x.job);
                });

            migrationBuilder.CreateTable(
                name: "journal_positions",
                columns: table => new
                {
                    journal_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    applied_at = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_journal_positions", x => x.journal_id);
                });

            migrationBuilder.CreateTable(
                name: "radius_changes",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    entity_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_radius_changes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sign_in_accounts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    role = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    display_name = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    is_disabled = table.Column<bool>(type: "bit", nullable: false),
                    last_totp_step = table.Column<long>(type: "bigint", nullable: false),
                    theme = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    user_name = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: true),
                    normalized_user_name = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: true),
                    email = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: true),
                    normalized_email = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: true),
                    email_confirmed = table.Column<bool>(type: "bit", nullable: false),
                    password_hash = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    security_stamp = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    concurrency_stamp = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    phone_number = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    phone_number_confirmed = table.Column<bool>(type: "bit", nullable: false),
                    two_factor_enabled = table.Column<bool>(type: "bit", nullable: false),
                    lockout_end = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    lockout_enabled = table.Column<bool>(type: "bit", nullable: false),
                    access_failed_count = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_accounts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "tenant_keys",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    key_version = table.Column<int>(type: "int", nullable: false),
                    wrapped_key = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tenant_keys", x => new { x.tenant_id, x.key_version });
                });

            migrationBuilder.CreateTable(
                name: "alert_rules",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    severity = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    is_enabled = table.Column<bool>(type: "bit", nullable: false),
                    threshold = table.Column<decimal>(type: "decimal(18,3)", precision: 18, scale: 3, nullable: false),
                    delay_seconds = table.Column<int>(type: "int", nullable: false),
                    clear_seconds = table.Column<int>(type: "int", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    @interface = table.Column<string>(name: "interface", type: "nvarchar(100)", maxLength: 100, nullable: true),
                    capacity_mbps = table.Column<int>(type: "int", nullable: true),
                    reason = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    notifies = table.Column<bool>(type: "bit", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_alert_rules", x => x.id);
                    table.UniqueConstraint("ak_alert_rules_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_alert_rules_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "alert_settings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    flap_count = table.Column<int>(type: "int", nullable: false),
                    flap_minutes = table.Column<int>(type: "int", nullable: false),
                    calm_minutes = table.Column<int>(type: "int", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_alert_settings", x => x.id);
                    table.UniqueConstraint("ak_alert_settings_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_alert_settings_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "audit_entries",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    actor_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    actor = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    action = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    entity = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    entity_id = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    label = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    before = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: true),
                    after = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: true),
                    previous_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_entries", x => x.id);
                    table.ForeignKey(
                        name: "fk_audit_entries_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "audit_heads",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_heads", x => x.tenant_id);
                    table.ForeignKey(
                        name: "fk_audit_heads_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "billing_runs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    number = table.Column<int>(type: "int", nullable: false),
                    as_of = table.Column<DateOnly>(type: "date", nullable: false),
                    state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    made_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    made_by_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    approved_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    approved_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    ended_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    bills = table.Column<int>(type: "int", nullable: false),
                    outliers = table.Column<int>(type: "int", nullable: false),
                    written = table.Column<int>(type: "int", nullable: false),
                    left_out = table.Column<int>(type: "int", nullable: false),
                    lines_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    reason = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    excise_minor = table.Column<long>(type: "bigint", nullable: false),
                    net_minor = table.Column<long>(type: "bigint", nullable: false),
                    previous_total_minor = table.Column<long>(type: "bigint", nullable: false),
                    vat_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_billing_runs", x => x.id);
                    table.UniqueConstraint("ak_billing_runs_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_billing_runs_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "billing_settings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    owes_vat = table.Column<bool>(type: "bit", nullable: false),
                    owes_excise = table.Column<bool>(type: "bit", nullable: false),
                    prices_include_tax = table.Column<bool>(type: "bit", nullable: false),
                    invoice_series = table.Column<string>(type: "nvarchar(8)", maxLength: 8, nullable: false),
                    credit_series = table.Column<string>(type: "nvarchar(8)", maxLength: 8, nullable: false),
                    due_days = table.Column<int>(type: "int", nullable: false),
                    billing_day = table.Column<int>(type: "int", nullable: false),
                    approval = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    suspended_percent = table.Column<int>(type: "int", nullable: false),
                    suspended_percent_from = table.Column<DateOnly>(type: "date", nullable: true),
                    run_hour = table.Column<int>(type: "int", nullable: false),
                    transmit_tax_invoices = table.Column<bool>(type: "bit", nullable: false),
                    legal_name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    tax_pin = table.Column<string>(type: "nvarchar(11)", maxLength: 11, nullable: true),
                    postal_address = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    billing_phone = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    billing_email = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    paybill = table.Column<string>(type: "nvarchar(7)", maxLength: 7, nullable: true),
                    bank_details = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    brand_colour = table.Column<string>(type: "nvarchar(7)", maxLength: 7, nullable: false),
                    footer = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    rounding_tolerance_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_billing_settings", x => x.id);
                    table.UniqueConstraint("ak_billing_settings_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_billing_settings_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "card_batches",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    count = table.Column<int>(type: "int", nullable: false),
                    expires_on = table.Column<DateOnly>(type: "date", nullable: true),
                    note = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    made_by = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    made_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    released_by = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: true),
                    released_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    value_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_card_batches", x => x.id);
                    table.UniqueConstraint("ak_card_batches_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_card_batches_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "cash_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    cashier_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    cashier = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    desk = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    counted = table.Column<long>(type: "bigint", nullable: true),
                    opened_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    closed_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    closing_note = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    expected_minor = table.Column<long>(type: "bigint", nullable: false),
                    opening_float_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cash_sessions", x => x.id);
                    table.UniqueConstraint("ak_cash_sessions_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_cash_sessions_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "cgnat_blocks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    outside = table.Column<string>(type: "nvarchar(15)", maxLength: 15, nullable: false),
                    first_port = table.Column<int>(type: "int", nullable: false),
                    last_port = table.Column<int>(type: "int", nullable: false),
                    inside = table.Column<string>(type: "nvarchar(15)", maxLength: 15, nullable: false),
                    from = table.Column<DateTime>(type: "datetime2", nullable: false),
                    until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    source = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cgnat_blocks", x => x.id);
                    table.UniqueConstraint("ak_cgnat_blocks_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_cgnat_blocks_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "cgnat_maps",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    inside = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    outside = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    block_size = table.Column<int>(type: "int", nullable: false),
                    valid_from = table.Column<DateTime>(type: "datetime2", nullable: false),
                    valid_until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cgnat_maps", x => x.id);
                    table.UniqueConstraint("ak_cgnat_maps_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_cgnat_maps_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "clients",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    account_number = table.Column<string>(type: "nvarchar(10)", maxLength: 10, nullable: false),
                    name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    phone = table.Column<string>(type: "nvarchar(20)", maxLength: 20, nullable: false),
                    email = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    address = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    county = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    notes = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    language = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    search_text = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_clients", x => x.id);
                    table.UniqueConstraint("ak_clients_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_clients_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "collections_settings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    policy = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    paused_until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    pause_reason = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    last_run_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_collections_settings", x => x.id);
                    table.UniqueConstraint("ak_collections_settings_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_collections_settings_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "configuration_texts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    hash = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    lines = table.Column<int>(type: "int", nullable: false),
                    length = table.Column<int>(type: "int", nullable: false),
                    @sealed = table.Column<string>(name: "sealed", type: "nvarchar(max)", maxLength: -1, nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_configuration_texts", x => x.id);
                    table.UniqueConstraint("ak_configuration_texts_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_configuration_texts_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "coupons",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    code = table.Column<string>(type: "nvarchar(30)", maxLength: 30, nullable: false),
                    discount_rate = table.Column<int>(type: "int", nullable: false),
                    months = table.Column<int>(type: "int", nullable: true),
                    from = table.Column<DateOnly>(type: "date", nullable: false),
                    until = table.Column<DateOnly>(type: "date", nullable: true),
                    max_uses = table.Column<int>(type: "int", nullable: true),
                    uses = table.Column<int>(type: "int", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_coupons", x => x.id);
                    table.UniqueConstraint("ak_coupons_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_coupons_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "disclosures",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    case_number = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    authority = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    address = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: false),
                    port = table.Column<int>(type: "int", nullable: true),
                    from = table.Column<DateTime>(type: "datetime2", nullable: false),
                    until = table.Column<DateTime>(type: "datetime2", nullable: false),
                    asked_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    matches = table.Column<int>(type: "int", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_disclosures", x => x.id);
                    table.UniqueConstraint("ak_disclosures_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_disclosures_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "enrolments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    site = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: true),
                    token_hash = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    password_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    host = table.Column<string>(type: "nvarchar(255)", maxLength: 255, nullable: true),
                    api_port = table.Column<int>(type: "int", nullable: false),
                    has_tunnel = table.Column<bool>(type: "bit", nullable: false),
                    tunnel_address = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: true),
                    awaits_hub = table.Column<bool>(type: "bit", nullable: false),
                    let_in_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    hub_trouble = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    expires_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    step = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    fetched_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    ran_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    called_home_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    called_from = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: true),
                    public_key = table.Column<string>(type: "nvarchar(44)", maxLength: 44, nullable: true),
                    reached_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    identity = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    registered_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    trouble = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    next_try_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    cancelled_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    given_up_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_enrolments", x => x.id);
                    table.UniqueConstraint("ak_enrolments_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_enrolments_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "firmware_upgrades",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    channel = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    wanted_version = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    requested_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    window_from = table.Column<TimeSpan>(type: "time", nullable: false),
                    window_until = table.Column<TimeSpan>(type: "time", nullable: false),
                    not_before = table.Column<DateOnly>(type: "date", nullable: true),
                    canaries = table.Column<int>(type: "int", nullable: false),
                    wave_size = table.Column<int>(type: "int", nullable: false),
                    with_board = table.Column<bool>(type: "bit", nullable: false),
                    session_percent = table.Column<int>(type: "int", nullable: false),
                    settle_minutes = table.Column<int>(type: "int", nullable: false),
                    most_cpu_percent = table.Column<int>(type: "int", nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    detail = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    went_on_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    finished_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_firmware_upgrades", x => x.id);
                    table.UniqueConstraint("ak_firmware_upgrades_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_firmware_upgrades_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "incidents",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    cause_key = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    title = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    next = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    severity = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    nas_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    site = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    opened_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    detected_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    resolved_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    affected = table.Column<int>(type: "int", nullable: false),
                    cost_per_hour_minor = table.Column<long>(type: "bigint", nullable: false),
                    is_flapping = table.Column<bool>(type: "bit", nullable: false),
                    acknowledged_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    acknowledged_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    assignee_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    assignee = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    muted_until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    muted_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    mute_reason = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    merged_into_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_incidents", x => x.id);
                    table.UniqueConstraint("ak_incidents_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_incidents_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "journal_transactions",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    natural_key = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    kind = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    effective_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    effective_on = table.Column<DateOnly>(type: "date", nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    memo = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    source_type = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    source_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    reverses = table.Column<long>(type: "bigint", nullable: true),
                    content_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    previous_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_journal_transactions", x => new { x.tenant_id, x.sequence });
                    table.ForeignKey(
                        name: "fk_journal_transactions_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ledger_accounts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    channel = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    code = table.Column<string>(type: "nvarchar(10)", maxLength: 10, nullable: false),
                    currency = table.Column<string>(type: "nvarchar(3)", maxLength: 3, nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_accounts", x => x.id);
                    table.UniqueConstraint("ak_ledger_accounts_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_ledger_accounts_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ledger_heads",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    closed_through = table.Column<DateOnly>(type: "date", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_heads", x => x.tenant_id);
                    table.ForeignKey(
                        name: "fk_ledger_heads_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ledger_seal_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    public_key = table.Column<byte[]>(type: "varbinary(200)", maxLength: 200, nullable: false),
                    private_key_cipher = table.Column<string>(type: "nvarchar(600)", maxLength: 600, nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_seal_keys", x => x.id);
                    table.UniqueConstraint("ak_ledger_seal_keys_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_ledger_seal_keys_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "login_attempts",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    nas_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    username = table.Column<string>(type: "nvarchar(253)", maxLength: 253, nullable: false),
                    calling_station_id = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    method = table.Column<string>(type: "nvarchar(20)", maxLength: 20, nullable: false),
                    outcome = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    detail = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    is_test = table.Column<bool>(type: "bit", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_login_attempts", x => x.id);
                    table.ForeignKey(
                        name: "fk_login_attempts_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "maintenance_windows",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    from = table.Column<DateTime>(type: "datetime2", nullable: false),
                    until = table.Column<DateTime>(type: "datetime2", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    site = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    reason = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    planned_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_maintenance_windows", x => x.id);
                    table.UniqueConstraint("ak_maintenance_windows_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_maintenance_windows_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "message_templates",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    topic = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    channel = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    language = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    subject = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    body = table.Column<string>(type: "nvarchar(3000)", maxLength: 3000, nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_message_templates", x => x.id);
                    table.UniqueConstraint("ak_message_templates_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_message_templates_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "messaging_settings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    language = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    payment_instructions = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    announces_invoices = table.Column<bool>(type: "bit", nullable: false),
                    announces_payments = table.Column<bool>(type: "bit", nullable: false),
                    sms_on = table.Column<bool>(type: "bit", nullable: false),
                    sms_username = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    sms_key_cipher = table.Column<string>(type: "nvarchar(800)", maxLength: 800, nullable: true),
                    sms_sender = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    sms_promotional_sender = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    repeats_uncertain_sms = table.Column<bool>(type: "bit", nullable: false),
                    second_sms_username = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    second_sms_key_cipher = table.Column<string>(type: "nvarchar(800)", maxLength: 800, nullable: true),
                    second_sms_sender = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    second_email_key_cipher = table.Column<string>(type: "nvarchar(800)", maxLength: 800, nullable: true),
                    email_on = table.Column<bool>(type: "bit", nullable: false),
                    email_key_cipher = table.Column<string>(type: "nvarchar(800)", maxLength: 800, nullable: true),
                    email_from = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    email_reply_to = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    email_signing_cipher = table.Column<string>(type: "nvarchar(800)", maxLength: 800, nullable: true),
                    promotional_from = table.Column<TimeOnly>(type: "time", nullable: false),
                    promotional_until = table.Column<TimeOnly>(type: "time", nullable: false),
                    report_token = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_messaging_settings", x => x.id);
                    table.UniqueConstraint("ak_messaging_settings_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_messaging_settings_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "metric_chunks",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subject_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    step = table.Column<string>(type: "nvarchar(12)", maxLength: 12, nullable: false),
                    from = table.Column<DateTime>(type: "datetime2", nullable: false),
                    until = table.Column<DateTime>(type: "datetime2", nullable: false),
                    payload = table.Column<byte[]>(type: "varbinary(max)", maxLength: -1, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_metric_chunks", x => new { x.tenant_id, x.subject_id, x.step, x.from });
                    table.ForeignKey(
                        name: "fk_metric_chunks_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "network_events",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    severity = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    message = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_network_events", x => x.id);
                    table.ForeignKey(
                        name: "fk_network_events_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "network_settings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    walled_garden_list = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    walled_garden_kbps = table.Column<int>(type: "int", nullable: false),
                    interim_seconds = table.Column<int>(type: "int", nullable: false),
                    states = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    router_logins = table.Column<bool>(type: "bit", nullable: false),
                    design = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    mac_logins = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    mac_password_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    snmp_password_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_network_settings", x => x.id);
                    table.UniqueConstraint("ak_network_settings_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_network_settings_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "number_sequences",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    next = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_number_sequences", x => x.id);
                    table.UniqueConstraint("ak_number_sequences_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_number_sequences_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "opt_outs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    channel = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    recipient = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    scope = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    reason = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    since = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_opt_outs", x => x.id);
                    table.UniqueConstraint("ak_opt_outs_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_opt_outs_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payment_channels",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    name = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    short_code = table.Column<string>(type: "nvarchar(10)", maxLength: 10, nullable: false),
                    till_number = table.Column<string>(type: "nvarchar(10)", maxLength: 10, nullable: true),
                    ledger = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    is_live = table.Column<bool>(type: "bit", nullable: false),
                    is_enabled = table.Column<bool>(type: "bit", nullable: false),
                    base_url = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    token_url = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    client_id = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    client_secret_cipher = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    passkey_cipher = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    initiator_cipher = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    callback_secret_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    options = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    pulled_until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payment_channels", x => x.id);
                    table.UniqueConstraint("ak_payment_channels_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_payment_channels_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payment_events",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    intent_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    attempt_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    transaction_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    text = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payment_events", x => x.id);
                    table.ForeignKey(
                        name: "fk_payment_events_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payment_settings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    card_key_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    two_people_from_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payment_settings", x => x.id);
                    table.UniqueConstraint("ak_payment_settings_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_payment_settings_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "provisioning_runs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    label = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    changes = table.Column<int>(type: "int", nullable: false),
                    takes_over = table.Column<bool>(type: "bit", nullable: false),
                    restores_export_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    requested_by_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    requested_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    detail = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    started_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    finished_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    heard_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    attempts = table.Column<int>(type: "int", nullable: false),
                    next_attempt_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    is_to_be_taken_back = table.Column<bool>(type: "bit", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_provisioning_runs", x => x.id);
                    table.UniqueConstraint("ak_provisioning_runs_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_provisioning_runs_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "rollouts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    label = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    routers = table.Column<int>(type: "int", nullable: false),
                    at_once = table.Column<int>(type: "int", nullable: false),
                    settle_seconds = table.Column<int>(type: "int", nullable: false),
                    requested_by_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    requested_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    detail = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    finished_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rollouts", x => x.id);
                    table.UniqueConstraint("ak_rollouts_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_rollouts_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "router_backups",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    requested_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    taken_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    file_name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    size = table.Column<long>(type: "bigint", nullable: true),
                    trouble = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    password_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    content_cipher = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_router_backups", x => x.id);
                    table.UniqueConstraint("ak_router_backups_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_router_backups_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "session_changes",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    nas_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_session_changes", x => x.id);
                    table.ForeignKey(
                        name: "fk_session_changes_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "session_records",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    started_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    nas_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    acct_session_id = table.Column<string>(type: "nvarchar(128)", maxLength: 128, nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    username = table.Column<string>(type: "nvarchar(253)", maxLength: 253, nullable: false),
                    framed_address = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: true),
                    ipv6_prefix = table.Column<string>(type: "nvarchar(43)", maxLength: 43, nullable: true),
                    delegated_prefix = table.Column<string>(type: "nvarchar(43)", maxLength: 43, nullable: true),
                    calling_station_id = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    called_station_id = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    nas_port_id = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    stopped_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    session_seconds = table.Column<long>(type: "bigint", nullable: false),
                    upload_bytes = table.Column<long>(type: "bigint", nullable: false),
                    download_bytes = table.Column<long>(type: "bigint", nullable: false),
                    terminate_cause = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_session_records", x => new { x.id, x.started_at });
                    table.ForeignKey(
                        name: "fk_session_records_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "sites",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    latitude = table.Column<decimal>(type: "decimal(9,6)", precision: 9, scale: 6, nullable: true),
                    longitude = table.Column<decimal>(type: "decimal(9,6)", precision: 9, scale: 6, nullable: true),
                    address = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    notes = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sites", x => x.id);
                    table.UniqueConstraint("ak_sites_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_sites_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "staff",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    email = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    role = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    is_active = table.Column<bool>(type: "bit", nullable: false),
                    joined_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    router_username = table.Column<string>(type: "nvarchar(32)", maxLength: 32, nullable: true),
                    router_password_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_staff", x => x.id);
                    table.UniqueConstraint("ak_staff_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_staff_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "tax_devices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    base_url = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    branch_id = table.Column<string>(type: "nvarchar(2)", maxLength: 2, nullable: false),
                    serial_number = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    item_code = table.Column<string>(type: "nvarchar(20)", maxLength: 20, nullable: false),
                    item_class = table.Column<string>(type: "nvarchar(10)", maxLength: 10, nullable: false),
                    key_cipher = table.Column<string>(type: "nvarchar(600)", maxLength: 600, nullable: true),
                    control_unit_id = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    connected_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tax_devices", x => x.id);
                    table.UniqueConstraint("ak_tax_devices_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_tax_devices_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "tax_rates",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tax = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    band = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: false),
                    basis_points = table.Column<int>(type: "int", nullable: false),
                    vat_base = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    from = table.Column<DateOnly>(type: "date", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tax_rates", x => x.id);
                    table.UniqueConstraint("ak_tax_rates_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_tax_rates_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "usage_deltas",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    hour = table.Column<DateTime>(type: "datetime2", nullable: false),
                    journal_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    nas_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    acct_session_id = table.Column<string>(type: "nvarchar(128)", maxLength: 128, nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    upload_bytes = table.Column<long>(type: "bigint", nullable: false),
                    download_bytes = table.Column<long>(type: "bigint", nullable: false),
                    seconds = table.Column<int>(type: "int", nullable: false),
                    source = table.Column<string>(type: "nvarchar(10)", maxLength: 10, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_usage_deltas", x => new { x.tenant_id, x.hour, x.journal_id, x.sequence });
                    table.ForeignKey(
                        name: "fk_usage_deltas_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "usage_policies",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    rules = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_usage_policies", x => x.id);
                    table.UniqueConstraint("ak_usage_policies_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_usage_policies_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "sign_in_claims",
                columns: table => new
                {
                    id = table.Column<int>(type: "int", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    user_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    claim_type = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    claim_value = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_claims", x => x.id);
                    table.ForeignKey(
                        name: "fk_sign_in_claims_sign_in_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "sign_in_accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sign_in_logins",
                columns: table => new
                {
                    login_provider = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    provider_key = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    provider_display_name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    user_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_logins", x => new { x.login_provider, x.provider_key });
                    table.ForeignKey(
                        name: "fk_sign_in_logins_sign_in_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "sign_in_accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sign_in_passkeys",
                columns: table => new
                {
                    credential_id = table.Column<byte[]>(type: "varbinary(1024)", maxLength: 1024, nullable: false),
                    user_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    data = table.Column<string>(type: "nvarchar(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_passkeys", x => x.credential_id)
                        .Annotation("SqlServer:Clustered", false);
                    table.ForeignKey(
                        name: "fk_sign_in_passkeys_sign_in_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "sign_in_accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sign_in_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    account_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    last_seen_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    revoked_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    address = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    user_agent = table.Column<string>(type: "nvarchar(400)", maxLength: 400, nullable: true),
                    method = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_sessions", x => x.id);
                    table.ForeignKey(
                        name: "fk_sign_in_sessions_sign_in_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "sign_in_accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sign_in_tokens",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    login_provider = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    value = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_tokens", x => new { x.user_id, x.login_provider, x.name });
                    table.ForeignKey(
                        name: "fk_sign_in_tokens_sign_in_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "sign_in_accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "scratch_cards",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    batch_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    serial = table.Column<string>(type: "nvarchar(20)", maxLength: 20, nullable: false),
                    code_hash = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    changed_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    changed_by = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: true),
                    reason = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    transaction_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_scratch_cards", x => x.id);
                    table.UniqueConstraint("ak_scratch_cards_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_scratch_cards_card_batches_tenant_id_batch_id",
                        columns: x => new { x.tenant_id, x.batch_id },
                        principalTable: "card_batches",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "cash_movements",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    session_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    transaction_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    note = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cash_movements", x => x.id);
                    table.ForeignKey(
                        name: "fk_cash_movements_cash_sessions_tenant_id_session_id",
                        columns: x => new { x.tenant_id, x.session_id },
                        principalTable: "cash_sessions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "billing_profiles",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    parent_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    tax_pin = table.Column<string>(type: "nvarchar(11)", maxLength: 11, nullable: true),
                    billing_day = table.Column<int>(type: "int", nullable: true),
                    due_days = table.Column<int>(type: "int", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_billing_profiles", x => x.id);
                    table.UniqueConstraint("ak_billing_profiles_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_billing_profiles_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_billing_profiles_clients_tenant_id_parent_id",
                        columns: x => new { x.tenant_id, x.parent_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "client_standings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    exclusion_kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    exclusion_reason = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    excluded_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    excluded_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    promise_until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    promised_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    promise_note = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    promises = table.Column<int>(type: "int", nullable: false),
                    broken_promises = table.Column<int>(type: "int", nullable: false),
                    grace_until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    grace_note = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    equipment_since = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_client_standings", x => x.id);
                    table.UniqueConstraint("ak_client_standings_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_client_standings_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "invoices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    currency = table.Column<string>(type: "nvarchar(3)", maxLength: 3, nullable: false),
                    origin = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    reference = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    series = table.Column<string>(type: "nvarchar(8)", maxLength: 8, nullable: true),
                    fiscal_year = table.Column<int>(type: "int", nullable: true),
                    number = table.Column<long>(type: "bigint", nullable: true),
                    issued_on = table.Column<DateOnly>(type: "date", nullable: true),
                    due_on = table.Column<DateOnly>(type: "date", nullable: true),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    issued_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    settled_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    journal_sequence = table.Column<long>(type: "bigint", nullable: true),
                    status_reason = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    content_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    tax_state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    tax_control_number = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    tax_signature = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    tax_verification_url = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    tax_message = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    credited_minor = table.Column<long>(type: "bigint", nullable: false),
                    excise_minor = table.Column<long>(type: "bigint", nullable: false),
                    net_minor = table.Column<long>(type: "bigint", nullable: false),
                    paid_minor = table.Column<long>(type: "bigint", nullable: false),
                    returned_minor = table.Column<long>(type: "bigint", nullable: false),
                    rounded_minor = table.Column<long>(type: "bigint", nullable: false),
                    total_minor = table.Column<long>(type: "bigint", nullable: false),
                    vat_minor = table.Column<long>(type: "bigint", nullable: false),
                    written_off_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoices", x => x.id);
                    table.UniqueConstraint("ak_invoices_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_invoices_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "messages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    channel = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    topic = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    purpose = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    language = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    recipient = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    subject = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    body = table.Column<string>(type: "nvarchar(4000)", maxLength: 4000, nullable: false),
                    business_event = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    status_since = table.Column<DateTime>(type: "datetime2", nullable: false),
                    detail = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    queued_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    next_attempt_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    attempts = table.Column<int>(type: "int", nullable: false),
                    sent_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    delivered_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    segments = table.Column<int>(type: "int", nullable: false),
                    provider_id = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: true),
                    cost_micros = table.Column<long>(type: "bigint", nullable: true),
                    cost_currency = table.Column<string>(type: "nvarchar(3)", maxLength: 3, nullable: true),
                    may_have_gone = table.Column<bool>(type: "bit", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_messages", x => x.id);
                    table.UniqueConstraint("ak_messages_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_messages_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_messages_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payment_intents",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    account_reference = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    description = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    idempotency_key = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    request_hash = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    answered_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    asked_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    expires_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    received_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payment_intents", x => x.id);
                    table.UniqueConstraint("ak_payment_intents_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_payment_intents_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "run_bills",
                columns: table => new
                {
                    run_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    invoice_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    previous = table.Column<long>(type: "bigint", nullable: true),
                    reasons = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    deviation = table.Column<int>(type: "int", nullable: false),
                    stands_out = table.Column<bool>(type: "bit", nullable: false),
                    lines = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    input_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    lines_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    excise_minor = table.Column<long>(type: "bigint", nullable: false),
                    net_minor = table.Column<long>(type: "bigint", nullable: false),
                    vat_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_run_bills", x => new { x.run_id, x.client_id });
                    table.ForeignKey(
                        name: "fk_run_bills_billing_runs_tenant_id_run_id",
                        columns: x => new { x.tenant_id, x.run_id },
                        principalTable: "billing_runs",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_run_bills_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "configuration_exports",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    text_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    reason = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    source = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    router_os_version = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    taken_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    added = table.Column<int>(type: "int", nullable: true),
                    removed = table.Column<int>(type: "int", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_configuration_exports", x => x.id);
                    table.UniqueConstraint("ak_configuration_exports_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_configuration_exports_configuration_texts_tenant_id_text_id",
                        columns: x => new { x.tenant_id, x.text_id },
                        principalTable: "configuration_texts",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "firmware_upgrade_routers",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    upgrade_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    wave = table.Column<int>(type: "int", nullable: false),
                    position = table.Column<int>(type: "int", nullable: false),
                    step = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    step_since = table.Column<DateTime>(type: "datetime2", nullable: true),
                    started_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    finished_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    from_version = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    channel_before = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    sessions_before = table.Column<int>(type: "int", nullable: true),
                    sessions_after = table.Column<int>(type: "int", nullable: true),
                    packages_before = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    detail = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_firmware_upgrade_routers", x => x.id);
                    table.UniqueConstraint("ak_firmware_upgrade_routers_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_firmware_upgrade_routers_firmware_upgrades_tenant_id_upgrade_id",
                        columns: x => new { x.tenant_id, x.upgrade_id },
                        principalTable: "firmware_upgrades",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "incident_alerts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    incident_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    rule_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    subject_key = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    subject_name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    nas_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    site = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    @interface = table.Column<string>(name: "interface", type: "nvarchar(100)", maxLength: 100, nullable: true),
                    severity = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    detail = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    value = table.Column<decimal>(type: "decimal(18,3)", precision: 18, scale: 3, nullable: true),
                    since = table.Column<DateTime>(type: "datetime2", nullable: false),
                    raised_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    cleared_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    notifies = table.Column<bool>(type: "bit", nullable: false),
                    is_flapping = table.Column<bool>(type: "bit", nullable: false),
                    is_stale = table.Column<bool>(type: "bit", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_incident_alerts", x => x.id);
                    table.ForeignKey(
                        name: "fk_incident_alerts_incidents_tenant_id_incident_id",
                        columns: x => new { x.tenant_id, x.incident_id },
                        principalTable: "incidents",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "incident_entries",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    incident_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    act = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    text = table.Column<string>(type: "nvarchar(600)", maxLength: 600, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_incident_entries", x => x.id);
                    table.ForeignKey(
                        name: "fk_incident_entries_incidents_tenant_id_incident_id",
                        columns: x => new { x.tenant_id, x.incident_id },
                        principalTable: "incidents",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "journal_lines",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    number = table.Column<int>(type: "int", nullable: false),
                    account_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    credit_minor = table.Column<long>(type: "bigint", nullable: false),
                    debit_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_journal_lines", x => new { x.tenant_id, x.sequence, x.number });
                    table.CheckConstraint("ck_journal_lines_one_side", "debit_minor >= 0 AND credit_minor >= 0 AND debit_minor + credit_minor > 0 AND (debit_minor = 0 OR credit_minor = 0)");
                    table.ForeignKey(
                        name: "fk_journal_lines_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_journal_lines_journal_transactions_tenant_id_sequence",
                        columns: x => new { x.tenant_id, x.sequence },
                        principalTable: "journal_transactions",
                        principalColumns: new[] { "tenant_id", "sequence" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_journal_lines_ledger_accounts_tenant_id_account_id",
                        columns: x => new { x.tenant_id, x.account_id },
                        principalTable: "ledger_accounts",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ledger_seals",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    head_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    previous_root = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    root = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    signature = table.Column<byte[]>(type: "varbinary(80)", maxLength: 80, nullable: false),
                    key_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sealed_at = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_seals", x => new { x.tenant_id, x.day });
                    table.ForeignKey(
                        name: "fk_ledger_seals_ledger_seal_keys_tenant_id_key_id",
                        columns: x => new { x.tenant_id, x.key_id },
                        principalTable: "ledger_seal_keys",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "inbound_messages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    channel_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    body = table.Column<byte[]>(type: "varbinary(max)", maxLength: -1, nullable: false),
                    push_id = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    hash = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    headers = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: false),
                    remote_address = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: false),
                    is_trusted = table.Column<bool>(type: "bit", nullable: false),
                    received_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    last_received_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    deliveries = table.Column<int>(type: "int", nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    done_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    outcome = table.Column<string>(type: "nvarchar(400)", maxLength: 400, nullable: true),
                    tries = table.Column<int>(type: "int", nullable: false),
                    not_before = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_inbound_messages", x => x.id);
                    table.UniqueConstraint("ak_inbound_messages_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_inbound_messages_payment_channels_tenant_id_channel_id",
                        columns: x => new { x.tenant_id, x.channel_id },
                        principalTable: "payment_channels",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "provider_requests",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    channel_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    attempt_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    operation = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    url = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    status_code = table.Column<int>(type: "int", nullable: true),
                    milliseconds = table.Column<int>(type: "int", nullable: false),
                    request_id = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    request_body = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    response_body = table.Column<string>(type: "nvarchar(4000)", maxLength: 4000, nullable: true),
                    error = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_provider_requests", x => x.id);
                    table.ForeignKey(
                        name: "fk_provider_requests_payment_channels_tenant_id_channel_id",
                        columns: x => new { x.tenant_id, x.channel_id },
                        principalTable: "payment_channels",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "statement_imports",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    channel_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    method = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    file_name = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    file_hash = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    imported_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    imported_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    rows = table.Column<int>(type: "int", nullable: false),
                    known_rows = table.Column<int>(type: "int", nullable: false),
                    first_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    last_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_statement_imports", x => x.id);
                    table.UniqueConstraint("ak_statement_imports_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_statement_imports_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_statement_imports_payment_channels_tenant_id_channel_id",
                        columns: x => new { x.tenant_id, x.channel_id },
                        principalTable: "payment_channels",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "provisioning_steps",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    run_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<int>(type: "int", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    menu = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    item_key = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    what = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    intent = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    values = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    detail = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    undo_cipher = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_provisioning_steps", x => x.id);
                    table.UniqueConstraint("ak_provisioning_steps_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_provisioning_steps_provisioning_runs_tenant_id_run_id",
                        columns: x => new { x.tenant_id, x.run_id },
                        principalTable: "provisioning_runs",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "rollout_routers",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    rollout_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    sequence = table.Column<int>(type: "int", nullable: false),
                    is_canary = table.Column<bool>(type: "bit", nullable: false),
                    run_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    changes = table.Column<int>(type: "int", nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    detail = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    sessions_before = table.Column<int>(type: "int", nullable: true),
                    sessions_after = table.Column<int>(type: "int", nullable: true),
                    begun_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    applied_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    settled_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rollout_routers", x => x.id);
                    table.UniqueConstraint("ak_rollout_routers_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_rollout_routers_provisioning_runs_tenant_id_run_id",
                        columns: x => new { x.tenant_id, x.run_id },
                        principalTable: "provisioning_runs",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_rollout_routers_rollouts_tenant_id_rollout_id",
                        columns: x => new { x.tenant_id, x.rollout_id },
                        principalTable: "rollouts",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "routers",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    site_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    parent_router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    host = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    api_port = table.Column<int>(type: "int", nullable: false),
                    use_tls = table.Column<bool>(type: "bit", nullable: false),
                    username = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    password_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    certificate_fingerprint = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    is_enabled = table.Column<bool>(type: "bit", nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    design = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    identity = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    model = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    router_os_version = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    serial_number = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    state_since = table.Column<DateTime>(type: "datetime2", nullable: false),
                    state_reason = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    last_seen_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_routers", x => x.id);
                    table.UniqueConstraint("ak_routers_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_routers_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_routers_routers_tenant_id_parent_router_id",
                        columns: x => new { x.tenant_id, x.parent_router_id },
                        principalTable: "routers",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_routers_sites_tenant_id_site_id",
                        columns: x => new { x.tenant_id, x.site_id },
                        principalTable: "sites",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "site_costs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    site_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    month = table.Column<DateOnly>(type: "date", nullable: false),
                    what = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_site_costs", x => x.id);
                    table.UniqueConstraint("ak_site_costs_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_site_costs_sites_tenant_id_site_id",
                        columns: x => new { x.tenant_id, x.site_id },
                        principalTable: "sites",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "staff_notifications",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    staff_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    severity = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    title = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    text = table.Column<string>(type: "nvarchar(600)", maxLength: 600, nullable: false),
                    href = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    read_at = table.Column<DateTime>(type: "datetime2", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_staff_notifications", x => x.id);
                    table.ForeignKey(
                        name: "fk_staff_notifications_staff_tenant_id_staff_id",
                        columns: x => new { x.tenant_id, x.staff_id },
                        principalTable: "staff",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "service_packages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    description = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    period_count = table.Column<int>(type: "int", nullable: false),
                    period_unit = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    download_kbps = table.Column<int>(type: "int", nullable: false),
                    upload_kbps = table.Column<int>(type: "int", nullable: false),
                    burst_download_kbps = table.Column<int>(type: "int", nullable: true),
                    burst_upload_kbps = table.Column<int>(type: "int", nullable: true),
                    burst_threshold_percent = table.Column<int>(type: "int", nullable: true),
                    burst_seconds = table.Column<int>(type: "int", nullable: true),
                    priority = table.Column<int>(type: "int", nullable: false),
                    session_limit = table.Column<int>(type: "int", nullable: false),
                    address_pool = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    site_pools = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    ipv6_pool = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    delegated_ipv6_pool = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    session_timeout_seconds = table.Column<int>(type: "int", nullable: true),
                    idle_timeout_seconds = table.Column<int>(type: "int", nullable: true),
                    policy_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    price_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_service_packages", x => x.id);
                    table.UniqueConstraint("ak_service_packages_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_service_packages_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_service_packages_usage_policies_tenant_id_policy_id",
                        columns: x => new { x.tenant_id, x.policy_id },
                        principalTable: "usage_policies",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "credit_notes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    invoice_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    invoice_reference = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    currency = table.Column<string>(type: "nvarchar(3)", maxLength: 3, nullable: false),
                    series = table.Column<string>(type: "nvarchar(8)", maxLength: 8, nullable: false),
                    fiscal_year = table.Column<int>(type: "int", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    reference = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    issued_on = table.Column<DateOnly>(type: "date", nullable: false),
                    issued_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    reason = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    journal_sequence = table.Column<long>(type: "bigint", nullable: true),
                    content_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    tax_state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    tax_control_number = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    tax_signature = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    tax_verification_url = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    tax_message = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    excise_minor = table.Column<long>(type: "bigint", nullable: false),
                    net_minor = table.Column<long>(type: "bigint", nullable: false),
                    to_wallet_minor = table.Column<long>(type: "bigint", nullable: false),
                    total_minor = table.Column<long>(type: "bigint", nullable: false),
                    vat_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_credit_notes", x => x.id);
                    table.UniqueConstraint("ak_credit_notes_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_credit_notes_invoices_tenant_id_invoice_id",
                        columns: x => new { x.tenant_id, x.invoice_id },
                        principalTable: "invoices",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "dunning_entries",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    invoice_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    step_key = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    step = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    act = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    outcome = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    text = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_dunning_entries", x => x.id);
                    table.ForeignKey(
                        name: "fk_dunning_entries_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_dunning_entries_invoices_tenant_id_invoice_id",
                        columns: x => new { x.tenant_id, x.invoice_id },
                        principalTable: "invoices",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "earned_revenue",
                columns: table => new
                {
                    invoice_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    line = table.Column<int>(type: "int", nullable: false),
                    month = table.Column<DateOnly>(type: "date", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_earned_revenue", x => new { x.invoice_id, x.line, x.month });
                    table.ForeignKey(
                        name: "fk_earned_revenue_invoices_tenant_id_invoice_id",
                        columns: x => new { x.tenant_id, x.invoice_id },
                        principalTable: "invoices",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_earned_revenue_journal_transactions_tenant_id_sequence",
                        columns: x => new { x.tenant_id, x.sequence },
                        principalTable: "journal_transactions",
                        principalColumns: new[] { "tenant_id", "sequence" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "tax_transmissions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    document_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    reference = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    invoice_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    original_sequence = table.Column<long>(type: "bigint", nullable: true),
                    state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    queued_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    next_attempt_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    attempts = table.Column<int>(type: "int", nullable: false),
                    last_attempt_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    settled_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    is_held = table.Column<bool>(type: "bit", nullable: false),
                    result_code = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    message = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    control_number = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tax_transmissions", x => x.id);
                    table.UniqueConstraint("ak_tax_transmissions_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_tax_transmissions_invoices_tenant_id_invoice_id",
                        columns: x => new { x.tenant_id, x.invoice_id },
                        principalTable: "invoices",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payment_attempts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    intent_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    channel_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    method = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    push_id = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    msisdn = table.Column<string>(type: "nvarchar(20)", maxLength: 20, nullable: false),
                    account_reference = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    checkout_request_id = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    merchant_request_id = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    result_code = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    result_text = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    has_claim = table.Column<bool>(type: "bit", nullable: false),
                    is_disputed = table.Column<bool>(type: "bit", nullable: false),
                    was_overturned = table.Column<bool>(type: "bit", nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    sent_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    settled_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    next_look_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    looks = table.Column<int>(type: "int", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payment_attempts", x => x.id);
                    table.UniqueConstraint("ak_payment_attempts_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_payment_attempts_payment_channels_tenant_id_channel_id",
                        columns: x => new { x.tenant_id, x.channel_id },
                        principalTable: "payment_channels",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_payment_attempts_payment_intents_tenant_id_intent_id",
                        columns: x => new { x.tenant_id, x.intent_id },
                        principalTable: "payment_intents",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ledger_snapshots",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    account_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    credit_minor = table.Column<long>(type: "bigint", nullable: false),
                    debit_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_snapshots", x => new { x.tenant_id, x.day, x.account_id });
                    table.ForeignKey(
                        name: "fk_ledger_snapshots_ledger_accounts_tenant_id_account_id",
                        columns: x => new { x.tenant_id, x.account_id },
                        principalTable: "ledger_accounts",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_ledger_snapshots_ledger_seals_tenant_id_day",
                        columns: x => new { x.tenant_id, x.day },
                        principalTable: "ledger_seals",
                        principalColumns: new[] { "tenant_id", "day" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "statement_rows",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    import_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    channel_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    method = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    line = table.Column<int>(type: "int", nullable: false),
                    key = table.Column<string>(type: "nvarchar(140)", maxLength: 140, nullable: false),
                    receipt = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    details = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    payer = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: true),
                    msisdn = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    account_reference = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    transaction_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    note = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_statement_rows", x => x.id);
                    table.UniqueConstraint("ak_statement_rows_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_statement_rows_statement_imports_tenant_id_import_id",
                        columns: x => new { x.tenant_id, x.import_id },
                        principalTable: "statement_imports",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "address_prefixes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    network = table.Column<string>(type: "nvarchar(43)", maxLength: 43, nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    use = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    site_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    pool_name = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    delegated_length = table.Column<int>(type: "int", nullable: true),
                    gateway = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: true),
                    notes = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_address_prefixes", x => x.id);
                    table.UniqueConstraint("ak_address_prefixes_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_address_prefixes_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_address_prefixes_routers_tenant_id_router_id",
                        columns: x => new { x.tenant_id, x.router_id },
                        principalTable: "routers",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_address_prefixes_sites_tenant_id_site_id",
                        columns: x => new { x.tenant_id, x.site_id },
                        principalTable: "sites",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "drift_looks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    read_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    trouble = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    trouble_since = table.Column<DateTime>(type: "datetime2", nullable: true),
                    next_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_drift_looks", x => x.id);
                    table.UniqueConstraint("ak_drift_looks_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_drift_looks_routers_tenant_id_router_id",
                        columns: x => new { x.tenant_id, x.router_id },
                        principalTable: "routers",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "drifts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    item_key = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    menu = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    what = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    values = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    username = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    since_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    seen_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    cost_per_day_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_drifts", x => x.id);
                    table.UniqueConstraint("ak_drifts_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_drifts_routers_tenant_id_router_id",
                        columns: x => new { x.tenant_id, x.router_id },
                        principalTable: "routers",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "nas_devices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    address = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: false),
                    identifier = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    secret_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    certificate = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    vendor = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    message_authenticator = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    message_authenticator_seen = table.Column<bool>(type: "bit", nullable: false),
                    coa_port = table.Column<int>(type: "int", nullable: false),
                    is_enabled = table.Column<bool>(type: "bit", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_nas_devices", x => x.id);
                    table.UniqueConstraint("ak_nas_devices_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_nas_devices_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_nas_devices_routers_tenant_id_router_id",
                        columns: x => new { x.tenant_id, x.router_id },
                        principalTable: "routers",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "network_links",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    capacity_kbps = table.Column<int>(type: "int", nullable: true),
                    from_router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    from_site_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    from_interface = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    to_router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    to_site_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    to_interface = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_network_links", x => x.id);
                    table.UniqueConstraint("ak_network_links_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_network_links_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_network_links_routers_tenant_id_from_router_id",
                        columns: x => new { x.tenant_id, x.from_router_id },
                        principalTable: "routers",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_network_links_routers_tenant_id_to_router_id",
                        columns: x => new { x.tenant_id, x.to_router_id },
                        principalTable: "routers",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_network_links_sites_tenant_id_from_site_id",
                        columns: x => new { x.tenant_id, x.from_site_id },
                        principalTable: "sites",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_network_links_sites_tenant_id_to_site_id",
                        columns: x => new { x.tenant_id, x.to_site_id },
                        principalTable: "sites",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "router_care",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    exported_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    export_trouble = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    export_attempts = table.Column<int>(type: "int", nullable: false),
                    next_export_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    export_wanted = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    channel = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    installed = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    latest = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    update_status = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    board_installed = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    board_latest = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    architecture = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    free_disk = table.Column<long>(type: "bigint", nullable: true),
                    firmware_read_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    firmware_trouble = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    neighbours_read_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_router_care", x => x.id);
                    table.UniqueConstraint("ak_router_care_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_router_care_routers_tenant_id_router_id",
                        columns: x => new { x.tenant_id, x.router_id },
                        principalTable: "routers",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "router_neighbours",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    @interface = table.Column<string>(name: "interface", type: "nvarchar(100)", maxLength: 100, nullable: false),
                    mac = table.Column<string>(type: "nvarchar(17)", maxLength: 17, nullable: false),
                    identity = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    address = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: true),
                    their_interface = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    platform = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    board = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    router_os_version = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    seen_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_router_neighbours", x => x.id);
                    table.UniqueConstraint("ak_router_neighbours_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_router_neighbours_routers_tenant_id_router_id",
                        columns: x => new { x.tenant_id, x.router_id },
                        principalTable: "routers",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "package_terms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    package_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tax_band = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: false),
                    excisable = table.Column<bool>(type: "bit", nullable: false),
                    tax_included = table.Column<bool>(type: "bit", nullable: true),
                    upgrade_at_once = table.Column<bool>(type: "bit", nullable: false),
                    downgrade_at_once = table.Column<bool>(type: "bit", nullable: false),
                    minimum_months = table.Column<int>(type: "int", nullable: false),
                    pause_days_per_year = table.Column<int>(type: "int", nullable: false),
                    pause_percent = table.Column<int>(type: "int", nullable: false),
                    deposit_minor = table.Column<long>(type: "bigint", nullable: false),
                    downgrade_fee_minor = table.Column<long>(type: "bigint", nullable: false),
                    early_termination_fee_minor = table.Column<long>(type: "bigint", nullable: false),
                    installation_fee_minor = table.Column<long>(type: "bigint", nullable: false),
                    upgrade_fee_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_package_terms", x => x.id);
                    table.UniqueConstraint("ak_package_terms_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_package_terms_service_packages_tenant_id_package_id",
                        columns: x => new { x.tenant_id, x.package_id },
                        principalTable: "service_packages",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "subscriptions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    package_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    username = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    password_cipher = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    static_address = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: true),
                    caller_lock = table.Column<string>(type: "nvarchar(17)", maxLength: 17, nullable: true),
                    binding = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    delegated_prefix = table.Column<string>(type: "nvarchar(43)", maxLength: 43, nullable: true),
                    site_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    state_since = table.Column<DateTime>(type: "datetime2", nullable: false),
                    suspend_reason = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    state_note = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    activated_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    expires_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    limit = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    limit_action = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    limit_download_kbps = table.Column<int>(type: "int", nullable: true),
                    limit_upload_kbps = table.Column<int>(type: "int", nullable: true),
                    limit_reason = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    limit_since = table.Column<DateTime>(type: "datetime2", nullable: true),
                    limit_until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    online_seconds_left = table.Column<int>(type: "int", nullable: true),
                    online_left_until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_subscriptions", x => x.id);
                    table.UniqueConstraint("ak_subscriptions_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_subscriptions_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_subscriptions_service_packages_tenant_id_package_id",
                        columns: x => new { x.tenant_id, x.package_id },
                        principalTable: "service_packages",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_subscriptions_sites_tenant_id_site_id",
                        columns: x => new { x.tenant_id, x.site_id },
                        principalTable: "sites",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "credit_note_lines",
                columns: table => new
                {
                    credit_note_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    invoice_line = table.Column<int>(type: "int", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    description = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    tax_band = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: false),
                    excise_rate = table.Column<int>(type: "int", nullable: false),
                    vat_rate = table.Column<int>(type: "int", nullable: false),
                    vat_base = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    ahead_minor = table.Column<long>(type: "bigint", nullable: false),
                    excise_minor = table.Column<long>(type: "bigint", nullable: false),
                    net_minor = table.Column<long>(type: "bigint", nullable: false),
                    vat_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_credit_note_lines", x => new { x.credit_note_id, x.invoice_line });
                    table.ForeignKey(
                        name: "fk_credit_note_lines_credit_notes_tenant_id_credit_note_id",
                        columns: x => new { x.tenant_id, x.credit_note_id },
                        principalTable: "credit_notes",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "provider_transactions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    method = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    channel_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    receipt = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: true),
                    attempt_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    intent_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    amount_mismatch = table.Column<bool>(type: "bit", nullable: false),
                    amount_assumed = table.Column<bool>(type: "bit", nullable: false),
                    occurred_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    recorded_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    source = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    confirmed_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    is_held = table.Column<bool>(type: "bit", nullable: false),
                    next_look_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    looks = table.Column<int>(type: "int", nullable: false),
                    payer_msisdn = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    payer_name = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: true),
                    account_reference = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    state_since = table.Column<DateTime>(type: "datetime2", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    handled_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    note = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    cash_session_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    claimed_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    proposed = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    proposed_reason = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    proposed_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    proposed_amount = table.Column<long>(type: "bigint", nullable: true),
                    proposed_client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    given_back_minor = table.Column<long>(type: "bigint", nullable: false),
                    going_back_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_provider_transactions", x => x.id);
                    table.UniqueConstraint("ak_provider_transactions_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_provider_transactions_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_provider_transactions_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_provider_transactions_payment_attempts_tenant_id_attempt_id",
                        columns: x => new { x.tenant_id, x.attempt_id },
                        principalTable: "payment_attempts",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_provider_transactions_payment_channels_tenant_id_channel_id",
                        columns: x => new { x.tenant_id, x.channel_id },
                        principalTable: "payment_channels",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "live_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    nas_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    acct_session_id = table.Column<string>(type: "nvarchar(128)", maxLength: 128, nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    username = table.Column<string>(type: "nvarchar(253)", maxLength: 253, nullable: false),
                    framed_address = table.Column<string>(type: "nvarchar(45)", maxLength: 45, nullable: true),
                    ipv6_prefix = table.Column<string>(type: "nvarchar(43)", maxLength: 43, nullable: true),
                    delegated_prefix = table.Column<string>(type: "nvarchar(43)", maxLength: 43, nullable: true),
                    calling_station_id = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    called_station_id = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    nas_port_id = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    started_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    updated_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    session_seconds = table.Column<long>(type: "bigint", nullable: false),
                    upload_bytes = table.Column<long>(type: "bigint", nullable: false),
                    download_bytes = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_live_sessions", x => x.id);
                    table.ForeignKey(
                        name: "fk_live_sessions_nas_devices_tenant_id_nas_id",
                        columns: x => new { x.tenant_id, x.nas_id },
                        principalTable: "nas_devices",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "charges",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    description = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    tax_band = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: false),
                    excisable = table.Column<bool>(type: "bit", nullable: false),
                    tax_included = table.Column<bool>(type: "bit", nullable: true),
                    monthly = table.Column<bool>(type: "bit", nullable: false),
                    from = table.Column<DateOnly>(type: "date", nullable: false),
                    until = table.Column<DateOnly>(type: "date", nullable: true),
                    billed_until = table.Column<DateOnly>(type: "date", nullable: false),
                    state = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    price_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_charges", x => x.id);
                    table.UniqueConstraint("ak_charges_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_charges_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_charges_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "contracts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    label = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    mode = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    billing_day = table.Column<int>(type: "int", nullable: false),
                    terms = table.Column<string>(type: "nvarchar(max)", maxLength: -1, nullable: false),
                    starts_on = table.Column<DateOnly>(type: "date", nullable: false),
                    billed_until = table.Column<DateOnly>(type: "date", nullable: false),
                    ends_on = table.Column<DateOnly>(type: "date", nullable: true),
                    minimum_until = table.Column<DateOnly>(type: "date", nullable: true),
                    discount_rate = table.Column<int>(type: "int", nullable: false),
                    discount_until = table.Column<DateOnly>(type: "date", nullable: true),
                    discount_name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: true),
                    has_scheduled = table.Column<bool>(type: "bit", nullable: false),
                    early_termination_fee_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_contracts", x => x.id);
                    table.UniqueConstraint("ak_contracts_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_contracts_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_contracts_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "coupon_uses",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    coupon_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    label = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_coupon_uses", x => x.id);
                    table.UniqueConstraint("ak_coupon_uses_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_coupon_uses_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_coupon_uses_coupons_tenant_id_coupon_id",
                        columns: x => new { x.tenant_id, x.coupon_id },
                        principalTable: "coupons",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_coupon_uses_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "incident_lines",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    incident_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    lost_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    back_at = table.Column<DateTime>(type: "datetime2", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_incident_lines", x => new { x.tenant_id, x.incident_id, x.subscription_id });
                    table.ForeignKey(
                        name: "fk_incident_lines_incidents_tenant_id_incident_id",
                        columns: x => new { x.tenant_id, x.incident_id },
                        principalTable: "incidents",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_incident_lines_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "invoice_lines",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    invoice_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    number = table.Column<int>(type: "int", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    description = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    from = table.Column<DateTime>(type: "datetime2", nullable: true),
                    until = table.Column<DateTime>(type: "datetime2", nullable: true),
                    charge_key = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: true),
                    tax_band = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: false),
                    excise_rate = table.Column<int>(type: "int", nullable: false),
                    vat_rate = table.Column<int>(type: "int", nullable: false),
                    vat_base = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    tax_inclusive = table.Column<bool>(type: "bit", nullable: false),
                    deferred = table.Column<bool>(type: "bit", nullable: false),
                    package_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    site_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    unearned_from = table.Column<DateOnly>(type: "date", nullable: true),
                    credited_minor = table.Column<long>(type: "bigint", nullable: false),
                    credited_ahead_minor = table.Column<long>(type: "bigint", nullable: false),
                    earned_minor = table.Column<long>(type: "bigint", nullable: false),
                    excise_minor = table.Column<long>(type: "bigint", nullable: false),
                    net_minor = table.Column<long>(type: "bigint", nullable: false),
                    price_minor = table.Column<long>(type: "bigint", nullable: false),
                    vat_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoice_lines", x => new { x.tenant_id, x.invoice_id, x.number });
                    table.ForeignKey(
                        name: "fk_invoice_lines_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_invoice_lines_invoices_tenant_id_invoice_id",
                        columns: x => new { x.tenant_id, x.invoice_id },
                        principalTable: "invoices",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_invoice_lines_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "line_commands",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    action = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    because = table.Column<string>(type: "nvarchar(600)", maxLength: 600, nullable: false),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    requested_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    path = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    attempts = table.Column<int>(type: "int", nullable: false),
                    next_attempt_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    completed_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    detail = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_line_commands", x => x.id);
                    table.UniqueConstraint("ak_line_commands_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_line_commands_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "policy_checks",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    next_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    package_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    package_version = table.Column<int>(type: "int", nullable: false),
                    policy_version = table.Column<int>(type: "int", nullable: true),
                    settings_version = table.Column<int>(type: "int", nullable: true),
                    expires_at = table.Column<DateTime>(type: "datetime2", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_policy_checks", x => new { x.tenant_id, x.subscription_id });
                    table.ForeignKey(
                        name: "fk_policy_checks_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "top_ups",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    bytes = table.Column<long>(type: "bigint", nullable: false),
                    from = table.Column<DateTime>(type: "datetime2", nullable: false),
                    until = table.Column<DateTime>(type: "datetime2", nullable: false),
                    uploaded_before = table.Column<long>(type: "bigint", nullable: false),
                    downloaded_before = table.Column<long>(type: "bigint", nullable: false),
                    note = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_top_ups", x => x.id);
                    table.UniqueConstraint("ak_top_ups_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_top_ups_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "usage_hours",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    subscription_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    hour = table.Column<DateTime>(type: "datetime2", nullable: false),
                    upload_bytes = table.Column<long>(type: "bigint", nullable: false),
                    download_bytes = table.Column<long>(type: "bigint", nullable: false),
                    online_seconds = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_usage_hours", x => new { x.tenant_id, x.subscription_id, x.hour });
                    table.ForeignKey(
                        name: "fk_usage_hours_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payment_allocations",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    transaction_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    client_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    target = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    invoice_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    invoice_number = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: true),
                    at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payment_allocations", x => x.id);
                    table.ForeignKey(
                        name: "fk_payment_allocations_provider_transactions_tenant_id_transaction_id",
                        columns: x => new { x.tenant_id, x.transaction_id },
                        principalTable: "provider_transactions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "refunds",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    transaction_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    channel_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    receipt = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    reason = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: false),
                    wanted_by = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    agreed_by = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    status = table.Column<string>(type: "nvarchar(40)", maxLength: 40, nullable: false),
                    conversation_id = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    receipt_back = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: true),
                    result_code = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: true),
                    result_text = table.Column<string>(type: "nvarchar(300)", maxLength: 300, nullable: true),
                    was_overturned = table.Column<bool>(type: "bit", nullable: false),
                    created_at = table.Column<DateTime>(type: "datetime2", nullable: false),
                    settled_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    next_look_at = table.Column<DateTime>(type: "datetime2", nullable: true),
                    looks = table.Column<int>(type: "int", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_refunds", x => x.id);
                    table.UniqueConstraint("ak_refunds_tenant_id_id", x => new { x.tenant_id, x.id });
                    table.ForeignKey(
                        name: "fk_refunds_payment_channels_tenant_id_channel_id",
                        columns: x => new { x.tenant_id, x.channel_id },
                        principalTable: "payment_channels",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_refunds_provider_transactions_tenant_id_transaction_id",
                        columns: x => new { x.tenant_id, x.transaction_id },
                        principalTable: "provider_transactions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_address_prefixes_tenant_id_network",
                table: "address_prefixes",
                columns: new[] { "tenant_id", "network" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_address_prefixes_tenant_id_router_id",
                table: "address_prefixes",
                columns: new[] { "tenant_id", "router_id" });

            migrationBuilder.CreateIndex(
                name: "ix_address_prefixes_tenant_id_site_id",
                table: "address_prefixes",
                columns: new[] { "tenant_id", "site_id" });

            migrationBuilder.CreateIndex(
                name: "ix_alert_settings_tenant_id",
                table: "alert_settings",
                column: "tenant_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_tenant_id_at",
                table: "audit_entries",
                columns: new[] { "tenant_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_tenant_id_entity_entity_id",
                table: "audit_entries",
                columns: new[] { "tenant_id", "entity", "entity_id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_tenant_id_sequence",
                table: "audit_entries",
                columns: new[] { "tenant_id", "sequence" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_billing_profiles_tenant_id_client_id",
                table: "billing_profiles",
                columns: new[] { "tenant_id", "client_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_billing_profiles_tenant_id_parent_id",
                table: "billing_profiles",
                columns: new[] { "tenant_id", "parent_id" });

            migrationBuilder.CreateIndex(
                name: "ix_billing_runs_tenant_id_as_of",
                table: "billing_runs",
                columns: new[] { "tenant_id", "as_of" });

            migrationBuilder.CreateIndex(
                name: "ix_billing_runs_tenant_id_number",
                table: "billing_runs",
                columns: new[] { "tenant_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_billing_settings_tenant_id",
                table: "billing_settings",
                column: "tenant_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_card_batches_tenant_id_number",
                table: "card_batches",
                columns: new[] { "tenant_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_cash_movements_tenant_id_session_id",
                table: "cash_movements",
                columns: new[] { "tenant_id", "session_id" });

            migrationBuilder.CreateIndex(
                name: "ix_cash_sessions_open_cashier",
                table: "cash_sessions",
                columns: new[] { "tenant_id", "cashier_id" },
                unique: true,
                filter: "closed_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_cash_sessions_open_desk",
                table: "cash_sessions",
                columns: new[] { "tenant_id", "desk" },
                unique: true,
                filter: "closed_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_cash_sessions_tenant_id_opened_at",
                table: "cash_sessions",
                columns: new[] { "tenant_id", "opened_at" });

            migrationBuilder.CreateIndex(
                name: "ix_cgnat_blocks_tenant_id_from",
                table: "cgnat_blocks",
                columns: new[] { "tenant_id", "from" });

            migrationBuilder.CreateIndex(
                name: "ix_cgnat_blocks_tenant_id_outside_from",
                table: "cgnat_blocks",
                columns: new[] { "tenant_id", "outside", "from" });

            migrationBuilder.CreateIndex(
                name: "ix_cgnat_maps_tenant_id_valid_from",
                table: "cgnat_maps",
                columns: new[] { "tenant_id", "valid_from" });

            migrationBuilder.CreateIndex(
                name: "ix_charges_tenant_id_client_id_state",
                table: "charges",
                columns: new[] { "tenant_id", "client_id", "state" });

            migrationBuilder.CreateIndex(
                name: "ix_charges_tenant_id_subscription_id",
                table: "charges",
                columns: new[] { "tenant_id", "subscription_id" });

            migrationBuilder.CreateIndex(
                name: "ix_client_standings_tenant_id_client_id",
                table: "client_standings",
                columns: new[] { "tenant_id", "client_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_client_standings_tenant_id_promise_until",
                table: "client_standings",
                columns: new[] { "tenant_id", "promise_until" });

            migrationBuilder.CreateIndex(
                name: "ix_clients_tenant_id_account_number",
                table: "clients",
                columns: new[] { "tenant_id", "account_number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_clients_tenant_id_name",
                table: "clients",
                columns: new[] { "tenant_id", "name" });

            migrationBuilder.CreateIndex(
                name: "ix_clients_tenant_id_phone",
                table: "clients",
                columns: new[] { "tenant_id", "phone" });

            migrationBuilder.CreateIndex(
                name: "ix_collections_settings_tenant_id",
                table: "collections_settings",
                column: "tenant_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_companies_slug",
                table: "companies",
                column: "slug",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_companies_status",
                table: "companies",
                column: "status");

            migrationBuilder.CreateIndex(
                name: "ix_configuration_exports_tenant_id_router_id_taken_at",
                table: "configuration_exports",
                columns: new[] { "tenant_id", "router_id", "taken_at" });

            migrationBuilder.CreateIndex(
                name: "ix_configuration_exports_tenant_id_text_id",
                table: "configuration_exports",
                columns: new[] { "tenant_id", "text_id" });

            migrationBuilder.CreateIndex(
                name: "ix_configuration_texts_tenant_id_hash",
                table: "configuration_texts",
                columns: new[] { "tenant_id", "hash" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_contracts_tenant_id_billed_until",
                table: "contracts",
                columns: new[] { "tenant_id", "billed_until" });

            migrationBuilder.CreateIndex(
                name: "ix_contracts_tenant_id_client_id",
                table: "contracts",
                columns: new[] { "tenant_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_contracts_tenant_id_subscription_id",
                table: "contracts",
                columns: new[] { "tenant_id", "subscription_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_coupon_uses_tenant_id_client_id",
                table: "coupon_uses",
                columns: new[] { "tenant_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_coupon_uses_tenant_id_coupon_id_at",
                table: "coupon_uses",
                columns: new[] { "tenant_id", "coupon_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_coupon_uses_tenant_id_coupon_id_subscription_id",
                table: "coupon_uses",
                columns: new[] { "tenant_id", "coupon_id", "subscription_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_coupon_uses_tenant_id_subscription_id",
                table: "coupon_uses",
                columns: new[] { "tenant_id", "subscription_id" });

            migrationBuilder.CreateIndex(
                name: "ix_coupons_tenant_id_code",
                table: "coupons",
                columns: new[] { "tenant_id", "code" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_credit_note_lines_tenant_id_credit_note_id",
                table: "credit_note_lines",
                columns: new[] { "tenant_id", "credit_note_id" });

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_tenant_id_client_id_issued_on",
                table: "credit_notes",
                columns: new[] { "tenant_id", "client_id", "issued_on" });

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_tenant_id_invoice_id",
                table: "credit_notes",
                columns: new[] { "tenant_id", "invoice_id" });

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_tenant_id_series_fiscal_year_number",
                table: "credit_notes",
                columns: new[] { "tenant_id", "series", "fiscal_year", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_disclosures_tenant_id_at",
                table: "disclosures",
                columns: new[] { "tenant_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_drift_looks_tenant_id_router_id",
                table: "drift_looks",
                columns: new[] { "tenant_id", "router_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_drifts_tenant_id_router_id",
                table: "drifts",
                columns: new[] { "tenant_id", "router_id" });

            migrationBuilder.CreateIndex(
                name: "ix_dunning_entries_tenant_id_client_id_at",
                table: "dunning_entries",
                columns: new[] { "tenant_id", "client_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_dunning_entries_tenant_id_invoice_id",
                table: "dunning_entries",
                columns: new[] { "tenant_id", "invoice_id" });

            migrationBuilder.CreateIndex(
                name: "ix_dunning_entries_tenant_id_step_key",
                table: "dunning_entries",
                columns: new[] { "tenant_id", "step_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_earned_revenue_tenant_id_invoice_id",
                table: "earned_revenue",
                columns: new[] { "tenant_id", "invoice_id" });

            migrationBuilder.CreateIndex(
                name: "ix_earned_revenue_tenant_id_month",
                table: "earned_revenue",
                columns: new[] { "tenant_id", "month" });

            migrationBuilder.CreateIndex(
                name: "ix_earned_revenue_tenant_id_sequence",
                table: "earned_revenue",
                columns: new[] { "tenant_id", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_enrolments_tenant_id_created_at",
                table: "enrolments",
                columns: new[] { "tenant_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_enrolments_tenant_id_tunnel_address",
                table: "enrolments",
                columns: new[] { "tenant_id", "tunnel_address" },
                unique: true,
                filter: "tunnel_address IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_enrolments_token_hash",
                table: "enrolments",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_firmware_upgrade_routers_tenant_id_router_id",
                table: "firmware_upgrade_routers",
                columns: new[] { "tenant_id", "router_id" },
                unique: true,
                filter: "finished_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_firmware_upgrade_routers_tenant_id_upgrade_id_position",
                table: "firmware_upgrade_routers",
                columns: new[] { "tenant_id", "upgrade_id", "position" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_firmware_upgrades_finished_at",
                table: "firmware_upgrades",
                column: "finished_at");

            migrationBuilder.CreateIndex(
                name: "ix_firmware_upgrades_tenant_id_requested_at",
                table: "firmware_upgrades",
                columns: new[] { "tenant_id", "requested_at" });

            migrationBuilder.CreateIndex(
                name: "ix_inbound_messages_status_received_at",
                table: "inbound_messages",
                columns: new[] { "status", "received_at" });

            migrationBuilder.CreateIndex(
                name: "ix_inbound_messages_tenant_id_channel_id_kind_hash",
                table: "inbound_messages",
                columns: new[] { "tenant_id", "channel_id", "kind", "hash" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_inbound_messages_tenant_id_push_id",
                table: "inbound_messages",
                columns: new[] { "tenant_id", "push_id" });

            migrationBuilder.CreateIndex(
                name: "ix_inbound_messages_tenant_id_received_at",
                table: "inbound_messages",
                columns: new[] { "tenant_id", "received_at" });

            migrationBuilder.CreateIndex(
                name: "ix_incident_alerts_tenant_id_cleared_at",
                table: "incident_alerts",
                columns: new[] { "tenant_id", "cleared_at" });

            migrationBuilder.CreateIndex(
                name: "ix_incident_alerts_tenant_id_incident_id",
                table: "incident_alerts",
                columns: new[] { "tenant_id", "incident_id" });

            migrationBuilder.CreateIndex(
                name: "ix_incident_alerts_tenant_id_raised_at",
                table: "incident_alerts",
                columns: new[] { "tenant_id", "raised_at" });

            migrationBuilder.CreateIndex(
                name: "ix_incident_entries_tenant_id_incident_id_at",
                table: "incident_entries",
                columns: new[] { "tenant_id", "incident_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_incident_lines_tenant_id_subscription_id_lost_at",
                table: "incident_lines",
                columns: new[] { "tenant_id", "subscription_id", "lost_at" });

            migrationBuilder.CreateIndex(
                name: "ix_incidents_tenant_id_number",
                table: "incidents",
                columns: new[] { "tenant_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_incidents_tenant_id_opened_at",
                table: "incidents",
                columns: new[] { "tenant_id", "opened_at" });

            migrationBuilder.CreateIndex(
                name: "ix_incidents_tenant_id_resolved_at",
                table: "incidents",
                columns: new[] { "tenant_id", "resolved_at" });

            migrationBuilder.CreateIndex(
                name: "ix_invoice_lines_tenant_id_charge_key",
                table: "invoice_lines",
                columns: new[] { "tenant_id", "charge_key" },
                unique: true,
                filter: "charge_key IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_invoice_lines_tenant_id_client_id",
                table: "invoice_lines",
                columns: new[] { "tenant_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_invoice_lines_tenant_id_invoice_id",
                table: "invoice_lines",
                columns: new[] { "tenant_id", "invoice_id" });

            migrationBuilder.CreateIndex(
                name: "ix_invoice_lines_tenant_id_subscription_id_from",
                table: "invoice_lines",
                columns: new[] { "tenant_id", "subscription_id", "from" });

            migrationBuilder.CreateIndex(
                name: "ix_invoice_lines_tenant_id_unearned_from",
                table: "invoice_lines",
                columns: new[] { "tenant_id", "unearned_from" },
                filter: "unearned_from IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_invoices_tenant_id_client_id_status",
                table: "invoices",
                columns: new[] { "tenant_id", "client_id", "status" });

            migrationBuilder.CreateIndex(
                name: "ix_invoices_tenant_id_issued_on",
                table: "invoices",
                columns: new[] { "tenant_id", "issued_on" });

            migrationBuilder.CreateIndex(
                name: "ix_invoices_tenant_id_reference",
                table: "invoices",
                columns: new[] { "tenant_id", "reference" },
                unique: true,
                filter: "reference IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_invoices_tenant_id_series_fiscal_year_number",
                table: "invoices",
                columns: new[] { "tenant_id", "series", "fiscal_year", "number" },
                unique: true,
                filter: "number IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_invoices_tenant_id_status_due_on",
                table: "invoices",
                columns: new[] { "tenant_id", "status", "due_on" });

            migrationBuilder.CreateIndex(
                name: "ix_invoices_tenant_id_tax_state",
                table: "invoices",
                columns: new[] { "tenant_id", "tax_state" },
                filter: "tax_state <> 'None'");

            migrationBuilder.CreateIndex(
                name: "ix_journal_lines_tenant_id_account_id_sequence",
                table: "journal_lines",
                columns: new[] { "tenant_id", "account_id", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_journal_lines_tenant_id_client_id_account_id",
                table: "journal_lines",
                columns: new[] { "tenant_id", "client_id", "account_id" },
                filter: "client_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_journal_transactions_tenant_id_effective_on",
                table: "journal_transactions",
                columns: new[] { "tenant_id", "effective_on" });

            migrationBuilder.CreateIndex(
                name: "ix_journal_transactions_tenant_id_natural_key",
                table: "journal_transactions",
                columns: new[] { "tenant_id", "natural_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_journal_transactions_tenant_id_reverses",
                table: "journal_transactions",
                columns: new[] { "tenant_id", "reverses" },
                unique: true,
                filter: "reverses IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_journal_transactions_tenant_id_source_id",
                table: "journal_transactions",
                columns: new[] { "tenant_id", "source_id" });

            migrationBuilder.CreateIndex(
                name: "ix_ledger_accounts_tenant_id_kind_channel",
                table: "ledger_accounts",
                columns: new[] { "tenant_id", "kind", "channel" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_ledger_seals_tenant_id_key_id",
                table: "ledger_seals",
                columns: new[] { "tenant_id", "key_id" });

            migrationBuilder.CreateIndex(
                name: "ix_ledger_seals_tenant_id_sequence",
                table: "ledger_seals",
                columns: new[] { "tenant_id", "sequence" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_ledger_snapshots_tenant_id_account_id",
                table: "ledger_snapshots",
                columns: new[] { "tenant_id", "account_id" });

            migrationBuilder.CreateIndex(
                name: "ix_line_commands_status_next_attempt_at",
                table: "line_commands",
                columns: new[] { "status", "next_attempt_at" });

            migrationBuilder.CreateIndex(
                name: "ix_line_commands_tenant_id_subscription_id_requested_at",
                table: "line_commands",
                columns: new[] { "tenant_id", "subscription_id", "requested_at" });

            migrationBuilder.CreateIndex(
                name: "ix_live_sessions_tenant_id_calling_station_id",
                table: "live_sessions",
                columns: new[] { "tenant_id", "calling_station_id" });

            migrationBuilder.CreateIndex(
                name: "ix_live_sessions_tenant_id_delegated_prefix",
                table: "live_sessions",
                columns: new[] { "tenant_id", "delegated_prefix" });

            migrationBuilder.CreateIndex(
                name: "ix_live_sessions_tenant_id_framed_address",
                table: "live_sessions",
                columns: new[] { "tenant_id", "framed_address" });

            migrationBuilder.CreateIndex(
                name: "ix_live_sessions_tenant_id_ipv6_prefix",
                table: "live_sessions",
                columns: new[] { "tenant_id", "ipv6_prefix" });

            migrationBuilder.CreateIndex(
                name: "ix_live_sessions_tenant_id_nas_id_acct_session_id",
                table: "live_sessions",
                columns: new[] { "tenant_id", "nas_id", "acct_session_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_live_sessions_tenant_id_subscription_id",
                table: "live_sessions",
                columns: new[] { "tenant_id", "subscription_id" });

            migrationBuilder.CreateIndex(
                name: "ix_login_attempts_tenant_id_at",
                table: "login_attempts",
                columns: new[] { "tenant_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_login_attempts_tenant_id_nas_id_at",
                table: "login_attempts",
                columns: new[] { "tenant_id", "nas_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_login_attempts_tenant_id_subscription_id_at",
                table: "login_attempts",
                columns: new[] { "tenant_id", "subscription_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_login_attempts_tenant_id_username_at",
                table: "login_attempts",
                columns: new[] { "tenant_id", "username", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_maintenance_windows_tenant_id_until",
                table: "maintenance_windows",
                columns: new[] { "tenant_id", "until" });

            migrationBuilder.CreateIndex(
                name: "ix_message_templates_tenant_id_topic_channel_language",
                table: "message_templates",
                columns: new[] { "tenant_id", "topic", "channel", "language" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_messages_status_next_attempt_at",
                table: "messages",
                columns: new[] { "status", "next_attempt_at" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_tenant_id_client_id_queued_at",
                table: "messages",
                columns: new[] { "tenant_id", "client_id", "queued_at" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_tenant_id_provider_id",
                table: "messages",
                columns: new[] { "tenant_id", "provider_id" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_tenant_id_queued_at",
                table: "messages",
                columns: new[] { "tenant_id", "queued_at" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_tenant_id_topic_recipient_business_event_channel",
                table: "messages",
                columns: new[] { "tenant_id", "topic", "recipient", "business_event", "channel" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_messaging_settings_tenant_id",
                table: "messaging_settings",
                column: "tenant_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_metric_chunks_tenant_id_step_until",
                table: "metric_chunks",
                columns: new[] { "tenant_id", "step", "until" });

            migrationBuilder.CreateIndex(
                name: "ix_nas_devices_address_identifier",
                table: "nas_devices",
                columns: new[] { "address", "identifier" },
                unique: true,
                filter: "address <> ''");

            migrationBuilder.CreateIndex(
                name: "ix_nas_devices_certificate_identifier",
                table: "nas_devices",
                columns: new[] { "certificate", "identifier" },
                unique: true,
                filter: "certificate <> ''");

            migrationBuilder.CreateIndex(
                name: "ix_nas_devices_tenant_id_router_id",
                table: "nas_devices",
                columns: new[] { "tenant_id", "router_id" });

            migrationBuilder.CreateIndex(
                name: "ix_network_events_tenant_id_at",
                table: "network_events",
                columns: new[] { "tenant_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_network_events_tenant_id_subscription_id_at",
                table: "network_events",
                columns: new[] { "tenant_id", "subscription_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_network_links_tenant_id_from_router_id",
                table: "network_links",
                columns: new[] { "tenant_id", "from_router_id" });

            migrationBuilder.CreateIndex(
                name: "ix_network_links_tenant_id_from_site_id",
                table: "network_links",
                columns: new[] { "tenant_id", "from_site_id" });

            migrationBuilder.CreateIndex(
                name: "ix_network_links_tenant_id_name",
                table: "network_links",
                columns: new[] { "tenant_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_network_links_tenant_id_to_router_id",
                table: "network_links",
                columns: new[] { "tenant_id", "to_router_id" });

            migrationBuilder.CreateIndex(
                name: "ix_network_links_tenant_id_to_site_id",
                table: "network_links",
                columns: new[] { "tenant_id", "to_site_id" });

            migrationBuilder.CreateIndex(
                name: "ix_network_settings_tenant_id",
                table: "network_settings",
                column: "tenant_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_number_sequences_tenant_id_name",
                table: "number_sequences",
                columns: new[] { "tenant_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_opt_outs_tenant_id_channel_recipient",
                table: "opt_outs",
                columns: new[] { "tenant_id", "channel", "recipient" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_package_terms_tenant_id_package_id",
                table: "package_terms",
                columns: new[] { "tenant_id", "package_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_payment_allocations_tenant_id_client_id",
                table: "payment_allocations",
                columns: new[] { "tenant_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_allocations_tenant_id_transaction_id",
                table: "payment_allocations",
                columns: new[] { "tenant_id", "transaction_id" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_attempts_next_look_at",
                table: "payment_attempts",
                column: "next_look_at",
                filter: "next_look_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_payment_attempts_tenant_id_channel_id_account_reference",
                table: "payment_attempts",
                columns: new[] { "tenant_id", "channel_id", "account_reference" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_attempts_tenant_id_checkout_request_id",
                table: "payment_attempts",
                columns: new[] { "tenant_id", "checkout_request_id" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_attempts_tenant_id_client_id_created_at",
                table: "payment_attempts",
                columns: new[] { "tenant_id", "client_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_attempts_tenant_id_intent_id",
                table: "payment_attempts",
                columns: new[] { "tenant_id", "intent_id" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_attempts_tenant_id_push_id",
                table: "payment_attempts",
                columns: new[] { "tenant_id", "push_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_payment_channels_tenant_id_ledger",
                table: "payment_channels",
                columns: new[] { "tenant_id", "ledger" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_payment_channels_tenant_id_name",
                table: "payment_channels",
                columns: new[] { "tenant_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_payment_events_tenant_id_attempt_id",
                table: "payment_events",
                columns: new[] { "tenant_id", "attempt_id" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_events_tenant_id_intent_id",
                table: "payment_events",
                columns: new[] { "tenant_id", "intent_id" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_events_tenant_id_transaction_id",
                table: "payment_events",
                columns: new[] { "tenant_id", "transaction_id" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_intents_tenant_id_client_id_created_at",
                table: "payment_intents",
                columns: new[] { "tenant_id", "client_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_intents_tenant_id_idempotency_key",
                table: "payment_intents",
                columns: new[] { "tenant_id", "idempotency_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_payment_intents_tenant_id_status_expires_at",
                table: "payment_intents",
                columns: new[] { "tenant_id", "status", "expires_at" });

            migrationBuilder.CreateIndex(
                name: "ix_payment_settings_tenant_id",
                table: "payment_settings",
                column: "tenant_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_policy_checks_tenant_id_next_at",
                table: "policy_checks",
                columns: new[] { "tenant_id", "next_at" });

            migrationBuilder.CreateIndex(
                name: "ix_provider_requests_tenant_id_attempt_id",
                table: "provider_requests",
                columns: new[] { "tenant_id", "attempt_id" });

            migrationBuilder.CreateIndex(
                name: "ix_provider_requests_tenant_id_channel_id_at",
                table: "provider_requests",
                columns: new[] { "tenant_id", "channel_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_provider_transactions_next_look_at",
                table: "provider_transactions",
                column: "next_look_at",
                filter: "next_look_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_provider_transactions_tenant_id_attempt_id",
                table: "provider_transactions",
                columns: new[] { "tenant_id", "attempt_id" },
                unique: true,
                filter: "attempt_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_provider_transactions_tenant_id_channel_id_occurred_at",
                table: "provider_transactions",
                columns: new[] { "tenant_id", "channel_id", "occurred_at" });

            migrationBuilder.CreateIndex(
                name: "ix_provider_transactions_tenant_id_client_id_occurred_at",
                table: "provider_transactions",
                columns: new[] { "tenant_id", "client_id", "occurred_at" });

            migrationBuilder.CreateIndex(
                name: "ix_provider_transactions_tenant_id_method_receipt",
                table: "provider_transactions",
                columns: new[] { "tenant_id", "method", "receipt" },
                unique: true,
                filter: "receipt IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_provider_transactions_tenant_id_number",
                table: "provider_transactions",
                columns: new[] { "tenant_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_provider_transactions_tenant_id_recorded_at",
                table: "provider_transactions",
                columns: new[] { "tenant_id", "recorded_at" });

            migrationBuilder.CreateIndex(
                name: "ix_provider_transactions_tenant_id_state_state_since",
                table: "provider_transactions",
                columns: new[] { "tenant_id", "state", "state_since" });

            migrationBuilder.CreateIndex(
                name: "ix_provisioning_runs_status_next_attempt_at",
                table: "provisioning_runs",
                columns: new[] { "status", "next_attempt_at" });

            migrationBuilder.CreateIndex(
                name: "ix_provisioning_runs_tenant_id_router_id_requested_at",
                table: "provisioning_runs",
                columns: new[] { "tenant_id", "router_id", "requested_at" });

            migrationBuilder.CreateIndex(
                name: "ix_provisioning_runs_under_way",
                table: "provisioning_runs",
                columns: new[] { "tenant_id", "router_id" },
                unique: true,
                filter: "status IN ('Waiting', 'Running', 'TakingBack', 'Interrupted')");

            migrationBuilder.CreateIndex(
                name: "ix_provisioning_steps_tenant_id_run_id_sequence",
                table: "provisioning_steps",
                columns: new[] { "tenant_id", "run_id", "sequence" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_radius_changes_at",
                table: "radius_changes",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_refunds_next_look_at",
                table: "refunds",
                column: "next_look_at",
                filter: "next_look_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_refunds_tenant_id_channel_id",
                table: "refunds",
                columns: new[] { "tenant_id", "channel_id" });

            migrationBuilder.CreateIndex(
                name: "ix_refunds_tenant_id_transaction_id",
                table: "refunds",
                columns: new[] { "tenant_id", "transaction_id" });

            migrationBuilder.CreateIndex(
                name: "ix_rollout_routers_tenant_id_rollout_id_sequence",
                table: "rollout_routers",
                columns: new[] { "tenant_id", "rollout_id", "sequence" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_rollout_routers_tenant_id_run_id",
                table: "rollout_routers",
                columns: new[] { "tenant_id", "run_id" });

            migrationBuilder.CreateIndex(
                name: "ix_rollouts_status",
                table: "rollouts",
                column: "status");

            migrationBuilder.CreateIndex(
                name: "ix_rollouts_tenant_id_requested_at",
                table: "rollouts",
                columns: new[] { "tenant_id", "requested_at" });

            migrationBuilder.CreateIndex(
                name: "ix_router_backups_tenant_id_router_id_requested_at",
                table: "router_backups",
                columns: new[] { "tenant_id", "router_id", "requested_at" });

            migrationBuilder.CreateIndex(
                name: "ix_router_backups_tenant_id_state",
                table: "router_backups",
                columns: new[] { "tenant_id", "state" });

            migrationBuilder.CreateIndex(
                name: "ix_router_care_tenant_id_router_id",
                table: "router_care",
                columns: new[] { "tenant_id", "router_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_router_neighbours_tenant_id_router_id",
                table: "router_neighbours",
                columns: new[] { "tenant_id", "router_id" });

            migrationBuilder.CreateIndex(
                name: "ix_routers_tenant_id_name",
                table: "routers",
                columns: new[] { "tenant_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_routers_tenant_id_parent_router_id",
                table: "routers",
                columns: new[] { "tenant_id", "parent_router_id" });

            migrationBuilder.CreateIndex(
                name: "ix_routers_tenant_id_site_id",
                table: "routers",
                columns: new[] { "tenant_id", "site_id" });

            migrationBuilder.CreateIndex(
                name: "ix_run_bills_tenant_id_client_id_state",
                table: "run_bills",
                columns: new[] { "tenant_id", "client_id", "state" });

            migrationBuilder.CreateIndex(
                name: "ix_run_bills_tenant_id_run_id_state_client_id",
                table: "run_bills",
                columns: new[] { "tenant_id", "run_id", "state", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_scratch_cards_tenant_id_batch_id_status",
                table: "scratch_cards",
                columns: new[] { "tenant_id", "batch_id", "status" });

            migrationBuilder.CreateIndex(
                name: "ix_scratch_cards_tenant_id_code_hash",
                table: "scratch_cards",
                columns: new[] { "tenant_id", "code_hash" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_scratch_cards_tenant_id_serial",
                table: "scratch_cards",
                columns: new[] { "tenant_id", "serial" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_service_packages_tenant_id_name",
                table: "service_packages",
                columns: new[] { "tenant_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_service_packages_tenant_id_policy_id",
                table: "service_packages",
                columns: new[] { "tenant_id", "policy_id" });

            migrationBuilder.CreateIndex(
                name: "ix_session_changes_tenant_id_at",
                table: "session_changes",
                columns: new[] { "tenant_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_session_records_tenant_id_delegated_prefix_started_at",
                table: "session_records",
                columns: new[] { "tenant_id", "delegated_prefix", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_session_records_tenant_id_framed_address_started_at",
                table: "session_records",
                columns: new[] { "tenant_id", "framed_address", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_session_records_tenant_id_ipv6_prefix_started_at",
                table: "session_records",
                columns: new[] { "tenant_id", "ipv6_prefix", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_session_records_tenant_id_nas_id_acct_session_id_started_at",
                table: "session_records",
                columns: new[] { "tenant_id", "nas_id", "acct_session_id", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_session_records_tenant_id_nas_id_stopped_at",
                table: "session_records",
                columns: new[] { "tenant_id", "nas_id", "stopped_at" });

            migrationBuilder.CreateIndex(
                name: "ix_session_records_tenant_id_subscription_id_started_at",
                table: "session_records",
                columns: new[] { "tenant_id", "subscription_id", "started_at" });

            migrationBuilder.CreateIndex(
                name: "email_index",
                table: "sign_in_accounts",
                column: "normalized_email");

            migrationBuilder.CreateIndex(
                name: "ix_sign_in_accounts_tenant_id",
                table: "sign_in_accounts",
                column: "tenant_id");

            migrationBuilder.CreateIndex(
                name: "user_name_index",
                table: "sign_in_accounts",
                column: "normalized_user_name",
                unique: true,
                filter: "[normalized_user_name] IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sign_in_claims_user_id",
                table: "sign_in_claims",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_sign_in_logins_user_id",
                table: "sign_in_logins",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_sign_in_passkeys_user_id",
                table: "sign_in_passkeys",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_sign_in_sessions_account_id_created_at",
                table: "sign_in_sessions",
                columns: new[] { "account_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_site_costs_tenant_id_month",
                table: "site_costs",
                columns: new[] { "tenant_id", "month" });

            migrationBuilder.CreateIndex(
                name: "ix_site_costs_tenant_id_site_id",
                table: "site_costs",
                columns: new[] { "tenant_id", "site_id" });

            migrationBuilder.CreateIndex(
                name: "ix_sites_tenant_id_name",
                table: "sites",
                columns: new[] { "tenant_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_staff_tenant_id_email",
                table: "staff",
                columns: new[] { "tenant_id", "email" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_staff_tenant_id_router_username",
                table: "staff",
                columns: new[] { "tenant_id", "router_username" },
                unique: true,
                filter: "router_username IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_staff_notifications_tenant_id_at",
                table: "staff_notifications",
                columns: new[] { "tenant_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_staff_notifications_tenant_id_staff_id_at",
                table: "staff_notifications",
                columns: new[] { "tenant_id", "staff_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_statement_imports_tenant_id_channel_id",
                table: "statement_imports",
                columns: new[] { "tenant_id", "channel_id" });

            migrationBuilder.CreateIndex(
                name: "ix_statement_imports_tenant_id_file_hash",
                table: "statement_imports",
                columns: new[] { "tenant_id", "file_hash" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_statement_imports_tenant_id_imported_at",
                table: "statement_imports",
                columns: new[] { "tenant_id", "imported_at" });

            migrationBuilder.CreateIndex(
                name: "ix_statement_rows_tenant_id_channel_id_at",
                table: "statement_rows",
                columns: new[] { "tenant_id", "channel_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_statement_rows_tenant_id_import_id",
                table: "statement_rows",
                columns: new[] { "tenant_id", "import_id" });

            migrationBuilder.CreateIndex(
                name: "ix_statement_rows_tenant_id_key",
                table: "statement_rows",
                columns: new[] { "tenant_id", "key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_statement_rows_tenant_id_state_at",
                table: "statement_rows",
                columns: new[] { "tenant_id", "state", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_state_suspend_reason",
                table: "subscriptions",
                columns: new[] { "state", "suspend_reason" });

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_tenant_id_caller_lock",
                table: "subscriptions",
                columns: new[] { "tenant_id", "caller_lock" });

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_tenant_id_client_id",
                table: "subscriptions",
                columns: new[] { "tenant_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_tenant_id_delegated_prefix",
                table: "subscriptions",
                columns: new[] { "tenant_id", "delegated_prefix" },
                unique: true,
                filter: "delegated_prefix IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_tenant_id_package_id",
                table: "subscriptions",
                columns: new[] { "tenant_id", "package_id" });

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_tenant_id_site_id",
                table: "subscriptions",
                columns: new[] { "tenant_id", "site_id" });

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_tenant_id_state",
                table: "subscriptions",
                columns: new[] { "tenant_id", "state" });

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_tenant_id_static_address",
                table: "subscriptions",
                columns: new[] { "tenant_id", "static_address" },
                unique: true,
                filter: "static_address IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_tenant_id_username",
                table: "subscriptions",
                columns: new[] { "tenant_id", "username" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tax_devices_tenant_id",
                table: "tax_devices",
                column: "tenant_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tax_rates_tenant_id_tax_band_from",
                table: "tax_rates",
                columns: new[] { "tenant_id", "tax", "band", "from" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tax_transmissions_tenant_id_invoice_id",
                table: "tax_transmissions",
                columns: new[] { "tenant_id", "invoice_id" });

            migrationBuilder.CreateIndex(
                name: "ix_tax_transmissions_tenant_id_kind_document_id",
                table: "tax_transmissions",
                columns: new[] { "tenant_id", "kind", "document_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tax_transmissions_tenant_id_sequence",
                table: "tax_transmissions",
                columns: new[] { "tenant_id", "sequence" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tax_transmissions_tenant_id_state_sequence",
                table: "tax_transmissions",
                columns: new[] { "tenant_id", "state", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_top_ups_tenant_id_subscription_id_until",
                table: "top_ups",
                columns: new[] { "tenant_id", "subscription_id", "until" });

            migrationBuilder.CreateIndex(
                name: "ix_usage_policies_tenant_id_name",
                table: "usage_policies",
                columns: new[] { "tenant_id", "name" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "address_prefixes");

            migrationBuilder.DropTable(
                name: "alert_rules");

            migrationBuilder.DropTable(
                name: "alert_settings");

            migrationBuilder.DropTable(
                name: "audit_entries");

            migrationBuilder.DropTable(
                name: "audit_heads");

            migrationBuilder.DropTable(
                name: "billing_profiles");

            migrationBuilder.DropTable(
                name: "billing_settings");

            migrationBuilder.DropTable(
                name: "cash_movements");

            migrationBuilder.DropTable(
                name: "cgnat_blocks");

            migrationBuilder.DropTable(
                name: "cgnat_maps");

            migrationBuilder.DropTable(
                name: "charges");

            migrationBuilder.DropTable(
                name: "client_standings");

            migrationBuilder.DropTable(
                name: "collections_settings");

            migrationBuilder.DropTable(
                name: "configuration_exports");

            migrationBuilder.DropTable(
                name: "contracts");

            migrationBuilder.DropTable(
                name: "coupon_uses");

            migrationBuilder.DropTable(
                name: "credit_note_lines");

            migrationBuilder.DropTable(
                name: "disclosures");

            migrationBuilder.DropTable(
                name: "drift_looks");

            migrationBuilder.DropTable(
                name: "drifts");

            migrationBuilder.DropTable(
                name: "dunning_entries");

            migrationBuilder.DropTable(
                name: "earned_revenue");

            migrationBuilder.DropTable(
                name: "enrolments");

            migrationBuilder.DropTable(
                name: "firmware_upgrade_routers");

            migrationBuilder.DropTable(
                name: "inbound_messages");

            migrationBuilder.DropTable(
                name: "incident_alerts");

            migrationBuilder.DropTable(
                name: "incident_entries");

            migrationBuilder.DropTable(
                name: "incident_lines");

            migrationBuilder.DropTable(
                name: "invoice_lines");

            migrationBuilder.DropTable(
                name: "job_leases");

            migrationBuilder.DropTable(
                name: "journal_lines");

            migrationBuilder.DropTable(
                name: "journal_positions");

            migrationBuilder.DropTable(
                name: "ledger_heads");

            migrationBuilder.DropTable(
                name: "ledger_snapshots");

            migrationBuilder.DropTable(
                name: "line_commands");

            migrationBuilder.DropTable(
                name: "live_sessions");

            migrationBuilder.DropTable(
                name: "login_attempts");

            migrationBuilder.DropTable(
                name: "maintenance_windows");

            migrationBuilder.DropTable(
                name: "message_templates");

            migrationBuilder.DropTable(
                name: "messages");

            migrationBuilder.DropTable(
                name: "messaging_settings");

            migrationBuilder.DropTable(
                name: "metric_chunks");

            migrationBuilder.DropTable(
                name: "network_events");

            migrationBuilder.DropTable(
                name: "network_links");

            migrationBuilder.DropTable(
                name: "network_settings");

            migrationBuilder.DropTable(
                name: "number_sequences");

            migrationBuilder.DropTable(
                name: "opt_outs");

            migrationBuilder.DropTable(
                name: "package_terms");

            migrationBuilder.DropTable(
                name: "payment_allocations");

            migrationBuilder.DropTable(
                name: "payment_events");

            migrationBuilder.DropTable(
                name: "payment_settings");

            migrationBuilder.DropTable(
                name: "policy_checks");

            migrationBuilder.DropTable(
                name: "provider_requests");

            migrationBuilder.DropTable(
                name: "provisioning_steps");

            migrationBuilder.DropTable(
                name: "radius_changes");

            migrationBuilder.DropTable(
                name: "refunds");

            migrationBuilder.DropTable(
                name: "rollout_routers");

            migrationBuilder.DropTable(
                name: "router_backups");

            migrationBuilder.DropTable(
                name: "router_care");

            migrationBuilder.DropTable(
                name: "router_neighbours");

            migrationBuilder.DropTable(
                name: "run_bills");

            migrationBuilder.DropTable(
                name: "scratch_cards");

            migrationBuilder.DropTable(
                name: "session_changes");

            migrationBuilder.DropTable(
                name: "session_records");

            migrationBuilder.DropTable(
                name: "sign_in_claims");

            migrationBuilder.DropTable(
                name: "sign_in_logins");

            migrationBuilder.DropTable(
                name: "sign_in_passkeys");

            migrationBuilder.DropTable(
                name: "sign_in_sessions");

            migrationBuilder.DropTable(
                name: "sign_in_tokens");

            migrationBuilder.DropTable(
                name: "site_costs");

            migrationBuilder.DropTable(
                name: "staff_notifications");

            migrationBuilder.DropTable(
                name: "statement_rows");

            migrationBuilder.DropTable(
                name: "tax_devices");

            migrationBuilder.DropTable(
                name: "tax_rates");

            migrationBuilder.DropTable(
                name: "tax_transmissions");

            migrationBuilder.DropTable(
                name: "tenant_keys");

            migrationBuilder.DropTable(
                name: "top_ups");

            migrationBuilder.DropTable(
                name: "usage_deltas");

            migrationBuilder.DropTable(
                name: "usage_hours");

            migrationBuilder.DropTable(
                name: "cash_sessions");

            migrationBuilder.DropTable(
                name: "configuration_texts");

            migrationBuilder.DropTable(
                name: "coupons");

            migrationBuilder.DropTable(
                name: "credit_notes");

            migrationBuilder.DropTable(
                name: "firmware_upgrades");

            migrationBuilder.DropTable(
                name: "incidents");

            migrationBuilder.DropTable(
                name: "journal_transactions");

            migrationBuilder.DropTable(
                name: "ledger_accounts");

            migrationBuilder.DropTable(
                name: "ledger_seals");

            migrationBuilder.DropTable(
                name: "nas_devices");

            migrationBuilder.DropTable(
                name: "provider_transactions");

            migrationBuilder.DropTable(
                name: "provisioning_runs");

            migrationBuilder.DropTable(
                name: "rollouts");

            migrationBuilder.DropTable(
                name: "billing_runs");

            migrationBuilder.DropTable(
                name: "card_batches");

            migrationBuilder.DropTable(
                name: "sign_in_accounts");

            migrationBuilder.DropTable(
                name: "staff");

            migrationBuilder.DropTable(
                name: "statement_imports");

            migrationBuilder.DropTable(
                name: "subscriptions");

            migrationBuilder.DropTable(
                name: "invoices");

            migrationBuilder.DropTable(
                name: "ledger_seal_keys");

            migrationBuilder.DropTable(
                name: "routers");

            migrationBuilder.DropTable(
                name: "payment_attempts");

            migrationBuilder.DropTable(
                name: "service_packages");

            migrationBuilder.DropTable(
                name: "sites");

            migrationBuilder.DropTable(
                name: "payment_channels");

            migrationBuilder.DropTable(
                name: "payment_intents");

            migrationBuilder.DropTable(
                name: "usage_policies");

            migrationBuilder.DropTable(
                name: "clients");

            migrationBuilder.DropTable(
                name: "companies");
        }
    }
}
