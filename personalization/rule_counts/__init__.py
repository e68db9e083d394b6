"""What each rule did with the parcels that were printed: counters by day, kept up to date, never counted anew."""
