"""Damaged documents of every kind through the sandbox: samples, ways to damage them, and the campaign that does it for minutes."""
