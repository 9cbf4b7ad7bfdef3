"""What the operator sets: the config file, the home folder, the secrets, and the lock on a home."""
