"""The database itself: opened, brought to this version, its column types and inserts. No table is known here by name."""
