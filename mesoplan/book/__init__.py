"""A folder of plans: reading them all, who and what is taken, and whose each is."""
