"""Vietnamese text as data: folding for comparison, legacy encodings. Below the pure rooms, so that all of them may use it."""
