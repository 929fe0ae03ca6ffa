"""Files that are whole or not there, sealed by a checksum, at paths that can be."""
