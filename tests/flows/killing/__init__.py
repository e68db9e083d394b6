"""Any process of a running Soegaki is killed at any moment; the counts stay those of an undisturbed run."""
