"""The open data: what they tell (`sets`), how they are written, kept and shown, and how they are read back."""
