"""Mails that wait for a person, mails given up, the report to the body above us; and the gates that stop the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CHECKS = {
    "state_known": (
        "state IN ('queued', 'sending', 'sent', 'failed')",
        "state IN ('queued', 'sending', 'sent', 'failed', 'given_up', 'held')",
    ),
    "kind_known": (
        "kind IN ('receipt', 'reminder', 'digest', 'review_decision')",
        "kind IN ('receipt', 'reminder', 'digest', 'review_decision', 'upward')",
    ),
}


def upgrade() -> None:
    connection = op.get_bind()
    for name, (old, new) in CHECKS.items():
        if connection.dialect.name == "sqlite":
            _loosen_on_sqlite(connection, old, new)
        else:
            op.drop_constraint(op.f(f"ck_outgoing_{name}"), "outgoing", type_="check")
            op.create_check_constraint(op.f(f"ck_outgoing_{name}"), "outgoing", new)
    op.create_table(
        "outbox_gates",
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint("gate IN ('sending', 'replies')", name=op.f("ck_outbox_gates_gate_known")),
        sa.PrimaryKeyConstraint("gate", name=op.f("pk_outbox_gates")),
    )


def _loosen_on_sqlite(connection, old, new):
    """SQLite cannot alter a CHECK, and rebuilding the table would need foreign keys switched off, which no transaction can do.

    A CHECK that only becomes wider may be changed in the schema itself (sqlite.org/lang_altertable.html, section 7).
    """
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'outgoing' AND instr(sql, :old) > 0"
        ),
        {"old": old, "new": new},
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"the table outgoing has no check {old}")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def downgrade() -> None:
    raise NotImplementedError("the ledger is never taken back: restore the copy made before the upgrade")
