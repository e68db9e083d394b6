"""The catalogue of facts: what a rule may ask about, each a typed value as of one moment."""
