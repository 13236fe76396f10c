"""What travels between two deployments: keys, the signed package, what it says, how it is matched with what is here."""
