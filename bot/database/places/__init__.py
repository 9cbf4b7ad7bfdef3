"""Where messages go and when: destinations, servers, and what each place has asked for."""
