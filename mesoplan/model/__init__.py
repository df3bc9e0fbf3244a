"""The nouns: request, plan, session, changes, clinic, taken times."""
