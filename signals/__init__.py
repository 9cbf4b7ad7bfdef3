"""What the market says: frames in, dated readings out. No network, no database, no Discord, no clock."""
