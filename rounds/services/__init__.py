"""Every write to a round: its road, its bodies, its criteria, its dossiers, the council's word, the scores."""
