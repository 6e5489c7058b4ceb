"""Contact health, addresses proposed for registration, and the answers that the caps against loops count."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contact_health",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("diagnostic", sa.Text(), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("state IN ('reachable', 'mailbox_full', 'dead', 'unknown')", name=op.f("ck_contact_health_state_known")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_contact_health_message_id")),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_contact_health")),
    )
    op.create_table(
        "address_proposals",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'declined')", name=op.f("ck_address_proposals_state_known")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_address_proposals_message_id")),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name=op.f("fk_address_proposals_unit")),
        sa.PrimaryKeyConstraint("address", "unit", name=op.f("pk_address_proposals")),
    )
    op.create_index(op.f("ix_address_proposals_state"), "address_proposals", ["state"])
    op.create_table(
        "answers",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("error", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_answers_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_address_arrived_at"), "answers", ["address", "arrived_at"])
    op.create_index(op.f("ix_answers_thread_arrived_at"), "answers", ["thread", "arrived_at"])


def downgrade() -> None:
    raise NotImplementedError("the ledger is never taken back: restore the copy made before the upgrade")
