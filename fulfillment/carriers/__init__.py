"""Files to and from carriers' programs; one folder each, and a dictionary that names them all."""
