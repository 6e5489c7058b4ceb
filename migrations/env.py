"""Runs the migrations on the connection that `store/database/migrate.py` hands over. Imports nothing of ours: migrations are frozen."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=None)
# The caller owns the transaction: on both databases DDL is transactional, so a broken migration leaves nothing behind.
context.run_migrations()
