"""Reports as they stand or stood, who owed them, and sums over weeks. Reads, but for rosters, which are frozen here."""
