"""When a unit was opened and closed, and exemptions of a unit for a period."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("units", sa.Column("opened_on", sa.Date(), nullable=True))
    op.add_column("units", sa.Column("closed_on", sa.Date(), nullable=True))
    op.create_table(
        "unit_exemptions",
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name=op.f("fk_unit_exemptions_unit")),
        sa.PrimaryKeyConstraint("form", "unit", "period", name=op.f("pk_unit_exemptions")),
    )


def downgrade() -> None:
    raise NotImplementedError("the ledger is never taken back: restore the copy made before the upgrade")
