"""PDF: typed text by its letters and rules, scanned pages by their pixels."""
