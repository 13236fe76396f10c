"""What the register has twice, lacks, or still calls by a name that is no more: found, and mended in place."""
