"""Forms, and what was typed into those that were refused."""
