"""What goes into each parcel besides the goods: facts, rules, choosing, decisions, inserts and their allotments."""
