"""Word and OpenDocument texts: .docx, .doc, .odt. Every reader gives a Document; `flow` and `rows` are shared."""
