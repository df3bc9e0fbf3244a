"""The verbs, pure: plan, replan, undo, check, agenda."""
