"""Workbooks and tables as text: .xlsx, .xlsb, .xls, .ods, .csv. `books` is the door; every number is a native one."""
