"""Units and their addresses: imported, changed, merged, exempted; how addresses fare and which ones are proposed."""
