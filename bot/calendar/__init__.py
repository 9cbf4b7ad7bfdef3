"""The clock and the calendars of the exchange and of the bond market."""
