"""Bulk events: lists in, a parcel for each attendee out, nobody left out and nobody served twice."""
