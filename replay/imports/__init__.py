"""Files into the log: CSV and XLSX, read through a mapping that an officer can write."""
