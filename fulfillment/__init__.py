"""The flow of a parcel: shipment, decision, freeze and print, verification at the bench, hand-over, return."""
