"""Rules on the screen: as a form, and in words."""
