"""The headline of the summary: facts of a session, rules that give candidates, and the choice."""
