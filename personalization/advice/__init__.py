"""What a good colleague would say of a ruleset that is formally right: advice, never a refusal."""
