"""Speed as ratios in one run (`make bench`): pages against a bare page and against their own raw SQL."""
