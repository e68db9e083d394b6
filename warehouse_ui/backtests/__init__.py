"""Backtests on the screen: what is asked, what came out, in the names people gave."""
