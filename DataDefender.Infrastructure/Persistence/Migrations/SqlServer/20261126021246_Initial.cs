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
                    sms_on = table.Column<bool>(type: "bit", nullable: false),
                    sms_username = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    sms_key_cipher = table.Column<string>(type: "nvarchar(800)", maxLength: 800, nullable: true),
                    sms_sender = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    sms_promotional_sender = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true),
                    repeats_uncertain_sms = table.Column<bool>(type: "bit", nullable: false),
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
                name: "provisioning_runs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    router_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    label = table.Column<string>(type: "nvarchar(120)", maxLength: 120, nullable: false),
                    changes = table.Column<int>(type: "int", nullable: false),
                    takes_over = table.Column<bool>(type: "bit", nullable: false),
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
                    table.ForeignKey(
                        name: "fk_invoices_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
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
                        name: "fk_journal_lines_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
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
                        name: "fk_provisioning_steps_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
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
                        name: "fk_rollout_routers_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
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
                        name: "fk_credit_notes_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_credit_notes_invoices_tenant_id_invoice_id",
                        columns: x => new { x.tenant_id, x.invoice_id },
                        principalTable: "invoices",
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
                        name: "fk_subscriptions_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
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
                    excise_minor = table.Column<long>(type: "bigint", nullable: false),
                    net_minor = table.Column<long>(type: "bigint", nullable: false),
                    vat_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_credit_note_lines", x => new { x.credit_note_id, x.invoice_line });
                    table.ForeignKey(
                        name: "fk_credit_note_lines_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_credit_note_lines_credit_notes_tenant_id_credit_note_id",
                        columns: x => new { x.tenant_id, x.credit_note_id },
                        principalTable: "credit_notes",
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
                        name: "fk_live_sessions_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_live_sessions_nas_devices_tenant_id_nas_id",
                        columns: x => new { x.tenant_id, x.nas_id },
                        principalTable: "nas_devices",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "invoice_lines",
                columns: table => new
                {
                    invoice_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    number = table.Column<int>(type: "int", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
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
                    credited_minor = table.Column<long>(type: "bigint", nullable: false),
                    excise_minor = table.Column<long>(type: "bigint", nullable: false),
                    net_minor = table.Column<long>(type: "bigint", nullable: false),
                    price_minor = table.Column<long>(type: "bigint", nullable: false),
                    vat_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoice_lines", x => new { x.invoice_id, x.number });
                    table.ForeignKey(
                        name: "fk_invoice_lines_clients_tenant_id_client_id",
                        columns: x => new { x.tenant_id, x.client_id },
                        principalTable: "clients",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_invoice_lines_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
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
                        name: "fk_line_commands_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
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
                        name: "fk_policy_checks_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
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
                        name: "fk_top_ups_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
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
                        name: "fk_usage_hours_companies_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "companies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_usage_hours_subscriptions_tenant_id_subscription_id",
                        columns: x => new { x.tenant_id, x.subscription_id },
                        principalTable: "subscriptions",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

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
                name: "ix_billing_settings_tenant_id",
                table: "billing_settings",
                column: "tenant_id",
                unique: true);

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
                name: "ix_companies_slug",
                table: "companies",
                column: "slug",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_companies_status",
                table: "companies",
                column: "status");

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
                columns: new[] { "tenant_id", "client_id", "account_id" });

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
                name: "ix_policy_checks_tenant_id_next_at",
                table: "policy_checks",
                columns: new[] { "tenant_id", "next_at" });

            migrationBuilder.CreateIndex(
                name: "ix_provisioning_runs_status_next_attempt_at",
                table: "provisioning_runs",
                columns: new[] { "status", "next_attempt_at" });

            migrationBuilder.CreateIndex(
                name: "ix_provisioning_runs_tenant_id_router_id_requested_at",
                table: "provisioning_runs",
                columns: new[] { "tenant_id", "router_id", "requested_at" });

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
                name: "ix_tax_rates_tenant_id_tax_band_from",
                table: "tax_rates",
                columns: new[] { "tenant_id", "tax", "band", "from" },
                unique: true);

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
                name: "audit_entries");

            migrationBuilder.DropTable(
                name: "audit_heads");

            migrationBuilder.DropTable(
                name: "billing_settings");

            migrationBuilder.DropTable(
                name: "credit_note_lines");

            migrationBuilder.DropTable(
                name: "disclosures");

            migrationBuilder.DropTable(
                name: "invoice_lines");

            migrationBuilder.DropTable(
                name: "journal_lines");

            migrationBuilder.DropTable(
                name: "journal_positions");

            migrationBuilder.DropTable(
                name: "ledger_heads");

            migrationBuilder.DropTable(
                name: "line_commands");

            migrationBuilder.DropTable(
                name: "live_sessions");

            migrationBuilder.DropTable(
                name: "login_attempts");

            migrationBuilder.DropTable(
                name: "message_templates");

            migrationBuilder.DropTable(
                name: "messages");

            migrationBuilder.DropTable(
                name: "messaging_settings");

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
                name: "policy_checks");

            migrationBuilder.DropTable(
                name: "provisioning_steps");

            migrationBuilder.DropTable(
                name: "radius_changes");

            migrationBuilder.DropTable(
                name: "rollout_routers");

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
                name: "staff");

            migrationBuilder.DropTable(
                name: "tax_rates");

            migrationBuilder.DropTable(
                name: "tenant_keys");

            migrationBuilder.DropTable(
                name: "top_ups");

            migrationBuilder.DropTable(
                name: "usage_deltas");

            migrationBuilder.DropTable(
                name: "usage_hours");

            migrationBuilder.DropTable(
                name: "credit_notes");

            migrationBuilder.DropTable(
                name: "journal_transactions");

            migrationBuilder.DropTable(
                name: "ledger_accounts");

            migrationBuilder.DropTable(
                name: "nas_devices");

            migrationBuilder.DropTable(
                name: "provisioning_runs");

            migrationBuilder.DropTable(
                name: "rollouts");

            migrationBuilder.DropTable(
                name: "sign_in_accounts");

            migrationBuilder.DropTable(
                name: "subscriptions");

            migrationBuilder.DropTable(
                name: "invoices");

            migrationBuilder.DropTable(
                name: "routers");

            migrationBuilder.DropTable(
                name: "service_packages");

            migrationBuilder.DropTable(
                name: "clients");

            migrationBuilder.DropTable(
                name: "sites");

            migrationBuilder.DropTable(
                name: "usage_policies");

            migrationBuilder.DropTable(
                name: "companies");
        }
    }
}
