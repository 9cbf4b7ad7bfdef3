"""From the archive to what is known now: computing, checks, and the state that commands read."""
