"""The figures of a range of days: letter and workbook."""
