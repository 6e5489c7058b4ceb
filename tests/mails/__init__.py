"""Mails as other systems write them: machines, bounces, and people who look like machines. Invented addresses and texts, real shapes."""
