"""Alarms: what is in trouble, since when, and whom it was told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("cleared_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("notified", sa.Text(), nullable=False),
        sa.Column("notified_at", MOMENT, nullable=True),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("cleared_at", MOMENT, nullable=True),
        sa.CheckConstraint("notified IN ('', 'opened', 'cleared')", name=op.f("ck_alarms_notified_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index("uq_alarms_open_key", "alarms", ["key"], unique=True, postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_index(op.f("ix_alarms_key_notified_at"), "alarms", ["key", "notified_at"])
    op.create_index(op.f("ix_alarms_cleared_at"), "alarms", ["cleared_at"])


def downgrade() -> None:
    raise NotImplementedError("the ledger is never taken back: restore the copy made before the upgrade")
