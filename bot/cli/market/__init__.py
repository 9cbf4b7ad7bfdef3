"""`rotation-bot market`: the archive of figures on the terminal."""
