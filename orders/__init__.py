"""Order events from any door, the order record, products and delivery services. Not shipments:
what leaves is fulfillment's.
"""
