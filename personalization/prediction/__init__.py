"""What customers will probably do: BG/NBD, Gamma-Gamma and RFM quantiles, fitted per shop on what was known before."""
