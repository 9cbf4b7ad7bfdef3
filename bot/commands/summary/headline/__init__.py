"""The headline of the summary: facts of a session, rules that make candidates of them, and the choice."""
