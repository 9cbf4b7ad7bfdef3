"""Commands about alerts and topics, and what is said about them."""
