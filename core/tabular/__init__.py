"""Files in: encoding, header mapping with saved presets, every row accounted for, errors as a file to mend and send
again."""
