"""What the mailbox shows of a message's outcome."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNFILED = sa.text("outcome IS NOT NULL AND (filed_as IS NULL OR filed_as <> outcome)")


def upgrade() -> None:
    op.add_column("messages", sa.Column("filed_as", sa.Text(), nullable=True))
    op.create_index("ix_messages_unfiled", "messages", ["account", "id"], postgresql_where=UNFILED, sqlite_where=UNFILED)


def downgrade() -> None:
    raise NotImplementedError("the ledger is never taken back: restore the copy made before the upgrade")
