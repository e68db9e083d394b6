"""Leaving the house: hand-over against proof, what the customer record learns of it, returns and sending again."""
