"""The demo data: real lists as published, and invented rounds that stand only on "Cơ sở mẫu …"."""
