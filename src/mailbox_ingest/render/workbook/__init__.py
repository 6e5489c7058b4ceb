"""The Excel workbook of a digest: overview, units, history with its chart, restatements."""
