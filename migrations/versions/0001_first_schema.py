"""The first schema: units, ledger, reports, outbox, digests, job runs, polls, acts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text_body", sa.Text(), nullable=False),
        sa.Column("html_body", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("name", "period", name=op.f("uq_digests_name_period")),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_job_runs_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job", "due_at", name=op.f("uq_job_runs_job_due_at")),
    )
    op.create_table(
        "polls",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("messages_new", sa.Integer(), nullable=False),
        sa.Column("bytes_fetched", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
    )
    op.create_index(op.f("ix_polls_account_finished_at"), "polls", ["account", "finished_at"], unique=False)
    op.create_index(op.f("ix_polls_finished_at"), "polls", ["finished_at"], unique=False)
    op.create_table(
        "raw_messages",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("codec IN ('zstd')", name=op.f("ck_raw_messages_codec_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_messages")),
        sa.UniqueConstraint("sha256", name=op.f("uq_raw_messages_sha256")),
    )
    op.create_table(
        "units",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_units")),
    )
    op.create_table(
        "digest_files",
        sa.Column("digest_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_digest_files_digest_id")),
        sa.PrimaryKeyConstraint("digest_id", "position", name=op.f("pk_digest_files")),
    )
    op.create_table(
        "messages",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("gm_msgid", sa.Text(), nullable=True),
        sa.Column("gm_thrid", sa.Text(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("raw_id", ROW_ID, nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Boolean(), nullable=False),
        sa.Column("last_failure", sa.Text(), nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("rfc_message_id", sa.Text(), nullable=True),
        sa.Column("sender_email", sa.Text(), nullable=True),
        sa.Column("sender_name", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("received_at", MOMENT, nullable=True),
        sa.Column("in_reply_to", sa.Text(), nullable=True),
        sa.Column("reference_ids", sa.JSON(), nullable=False),
        sa.Column("automatic", sa.Text(), nullable=True),
        sa.Column("authentication", sa.Text(), nullable=True),
        sa.Column("authentication_detail", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("may_reply", sa.Boolean(), nullable=False),
        sa.Column("sender_registered", sa.Boolean(), nullable=False),
        sa.Column("duplicate_of", ROW_ID, nullable=True),
        sa.CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name=op.f("ck_messages_outcome_when_done")),
        sa.CheckConstraint("(state = 'reading') = (lease_until IS NOT NULL)", name=op.f("ck_messages_lease_when_reading")),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'accepted_with_warnings', 'rejected', 'needs_review', 'duplicate', 'ignored')",
            name=op.f("ck_messages_outcome_known"),
        ),
        sa.CheckConstraint("state IN ('received', 'reading', 'done')", name=op.f("ck_messages_state_known")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["messages.id"], name=op.f("fk_messages_duplicate_of")),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_messages.id"], name=op.f("fk_messages_raw_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("account", "folder", "uidvalidity", "uid", name=op.f("uq_messages_account_folder_uidvalidity_uid")),
    )
    op.create_index(op.f("ix_messages_duplicate_of"), "messages", ["duplicate_of"], unique=False)
    op.create_index(
        "ix_messages_open",
        "messages",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
        sqlite_where=sa.text("state <> 'done'"),
    )
    op.create_index(op.f("ix_messages_outcome_id"), "messages", ["outcome", "id"], unique=False)
    op.create_index(op.f("ix_messages_rfc_message_id"), "messages", ["rfc_message_id"], unique=False)
    op.create_index(op.f("ix_messages_sender_email_id"), "messages", ["sender_email", "id"], unique=False)
    op.create_table(
        "roster_entries",
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("frozen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name=op.f("fk_roster_entries_unit")),
        sa.PrimaryKeyConstraint("form", "period", "unit", name=op.f("pk_roster_entries")),
    )
    op.create_table(
        "unit_addresses",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name=op.f("fk_unit_addresses_unit")),
        sa.PrimaryKeyConstraint("unit", "email", name=op.f("pk_unit_addresses")),
    )
    op.create_index(op.f("ix_unit_addresses_email"), "unit_addresses", ["email"], unique=False)
    op.create_table(
        "acts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", ROW_ID, nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_acts_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_message_id"), "acts", ["message_id"], unique=False)
    op.create_index(op.f("ix_acts_subject"), "acts", ["subject"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("message_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_attachments_message_id")),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_attachments")),
    )
    op.create_table(
        "document_failures",
        sa.Column("message_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_document_failures_message_id")),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_document_failures")),
    )
    op.create_table(
        "message_identities",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_id", ROW_ID, nullable=False),
        sa.CheckConstraint("kind IN ('gmail', 'raw', 'message_id', 'headers')", name=op.f("ck_message_identities_kind_known")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_identities_message_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_message_identities")),
    )
    op.create_index(op.f("ix_message_identities_message_id"), "message_identities", ["message_id"], unique=False)
    op.create_table(
        "outgoing",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("mail_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("rfc_message_id", sa.Text(), nullable=False),
        sa.Column("sender_email", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=True),
        sa.Column("recipient_count", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text_body", sa.Text(), nullable=False),
        sa.Column("html_body", sa.Text(), nullable=True),
        sa.Column("auto_submitted", sa.Text(), nullable=False),
        sa.Column("in_reply_to", sa.Text(), nullable=True),
        sa.Column("reference_ids", sa.JSON(), nullable=False),
        sa.Column("in_answer_to", ROW_ID, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sending_since", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('receipt', 'reminder', 'digest', 'review_decision')", name=op.f("ck_outgoing_kind_known")),
        sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name=op.f("ck_outgoing_state_known")),
        sa.ForeignKeyConstraint(["in_answer_to"], ["messages.id"], name=op.f("fk_outgoing_in_answer_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
        sa.UniqueConstraint("mail_key", name=op.f("uq_outgoing_mail_key")),
        sa.UniqueConstraint("rfc_message_id", name=op.f("uq_outgoing_rfc_message_id")),
    )
    op.create_index(op.f("ix_outgoing_in_answer_to"), "outgoing", ["in_answer_to"], unique=False)
    op.create_index(
        "ix_outgoing_open",
        "outgoing",
        ["priority", "due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index(op.f("ix_outgoing_sent_at"), "outgoing", ["sent_at"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("message_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("accepted_status", sa.Text(), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("first_arrived_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("superseded_at", MOMENT, nullable=True),
        sa.Column("supersedes", ROW_ID, nullable=True),
        sa.Column("previous", ROW_ID, nullable=True),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sender_registered", sa.Boolean(), nullable=False),
        sa.Column("by_human", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(status = 'superseded') = (superseded_at IS NOT NULL)", name=op.f("ck_reports_moment_when_superseded")),
        sa.CheckConstraint(
            "(status IN ('accepted', 'accepted_with_warnings', 'superseded')) = (accepted_at IS NOT NULL)",
            name=op.f("ck_reports_moment_when_taken"),
        ),
        sa.CheckConstraint("accepted_status IN ('accepted', 'accepted_with_warnings')", name=op.f("ck_reports_accepted_status_known")),
        sa.CheckConstraint(
            "status IN ('accepted', 'accepted_with_warnings', 'rejected', 'needs_review', 'duplicate', 'superseded')",
            name=op.f("ck_reports_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('accepted', 'accepted_with_warnings', 'superseded') OR (unit IS NOT NULL AND period IS NOT NULL)",
            name=op.f("ck_reports_placed_when_taken"),
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_reports_message_id")),
        sa.ForeignKeyConstraint(["previous"], ["reports.id"], name=op.f("fk_reports_previous")),
        sa.ForeignKeyConstraint(["supersedes"], ["reports.id"], name=op.f("fk_reports_supersedes")),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name=op.f("fk_reports_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_form_period_unit"), "reports", ["form", "period", "unit"], unique=False)
    op.create_index(op.f("ix_reports_message_id"), "reports", ["message_id"], unique=False)
    op.create_index(op.f("ix_reports_unit"), "reports", ["unit"], unique=False)
    op.create_index(
        "uq_reports_current",
        "reports",
        ["form", "unit", "period"],
        unique=True,
        postgresql_where=sa.text("status IN ('accepted', 'accepted_with_warnings')"),
        sqlite_where=sa.text("status IN ('accepted', 'accepted_with_warnings')"),
    )
    op.create_table(
        "findings",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("message_id", ROW_ID, nullable=False),
        sa.Column("report_id", ROW_ID, nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.CheckConstraint("severity IN ('error', 'warning', 'info')", name=op.f("ck_findings_severity_known")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_findings_message_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_findings_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_message_id"), "findings", ["message_id"], unique=False)
    op.create_index(op.f("ix_findings_report_id"), "findings", ["report_id"], unique=False)
    op.create_table(
        "outgoing_files",
        sa.Column("outgoing_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["outgoing_id"], ["outgoing.id"], name=op.f("fk_outgoing_files_outgoing_id")),
        sa.PrimaryKeyConstraint("outgoing_id", "position", name=op.f("pk_outgoing_files")),
    )
    op.create_table(
        "outgoing_recipients",
        sa.Column("outgoing_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["outgoing_id"], ["outgoing.id"], name=op.f("fk_outgoing_recipients_outgoing_id")),
        sa.PrimaryKeyConstraint("outgoing_id", "position", name=op.f("pk_outgoing_recipients")),
    )
    op.create_index(op.f("ix_outgoing_recipients_email"), "outgoing_recipients", ["email"], unique=False)
    op.create_table(
        "report_fields",
        sa.Column("report_id", ROW_ID, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_fields_report_id")),
        sa.PrimaryKeyConstraint("report_id", "field", name=op.f("pk_report_fields")),
    )


def downgrade() -> None:
    raise NotImplementedError("the ledger is never taken back: restore the copy made before the upgrade")
