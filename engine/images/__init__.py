"""Files become pictures here: scan, open, decode, metadata, duplicates, thumbnails."""
