"""What followed conditions in the past, for alerts and for studies that people ask for."""
