"""The command line, one module a command. Each is thin: parse, call the core, print."""
