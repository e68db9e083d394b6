"""Many parcels decided rule by rule, on arrays, as far as none of them takes anything scarce from another."""
