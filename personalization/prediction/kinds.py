"""The models a shop has."""

from enum import StrEnum


class ModelKind(StrEnum):
    BG_NBD = "bg_nbd"
    GAMMA_GAMMA = "gamma_gamma"
    RFM = "rfm"
