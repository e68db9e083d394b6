"""Coupon series and their codes: one code for one shipment, kept when it is decided again."""
