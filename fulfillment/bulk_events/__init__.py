"""Bulk events (公演): lists of attendees in, a parcel for each attendee of each session out, and the ledger of both."""
