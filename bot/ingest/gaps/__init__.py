"""Days that the archive lacks although they had figures, and asking for them again."""
