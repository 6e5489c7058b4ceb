"""Rich Text Format: files, and the bodies that Outlook packs into them."""
