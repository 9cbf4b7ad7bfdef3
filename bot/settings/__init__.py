"""The operator's settings: the config file, the home folder, the secrets, the process lock."""
