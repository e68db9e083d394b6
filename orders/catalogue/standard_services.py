"""Delivery services of Japan as their carriers describe them: a start for each shop, which edits its own copy.

Letters: 郵便法 第4条 and its guideline (総務省「信書に該当する文書に関する指針」): goods may travel with an unsealed
添え状・送り状; 信書 itself only by services that are licensed for it. Limits are to be checked with the carrier.
"""

from typing import Any, Final

from orders.kinds import LetterClass
from orders.normalised import TemperatureZone

CARRIERS: Final = {"yamato": "ヤマト運輸", "sagawa": "佐川急便", "japanpost": "日本郵便"}
_AMBIENT: Final = [TemperatureZone.AMBIENT.value]
_COOL: Final = [zone.value for zone in TemperatureZone]


def _service(
    key: str,
    carrier: str,
    names: tuple[str, str],
    limits: tuple[int | None, int | None, int | None],
    zones: list[str],
    *,
    letters: bool = False,
    area: tuple[int | None, int | None] = (None, None),
) -> dict[str, Any]:
    """`limits` are thickness in mm, weight in g, and the sum of three sides in mm; `area` length and width in mm."""
    thickness, weight, size = limits
    return {
        "key": key,
        "carrier": carrier,
        "name": names[0],
        "name_en": names[1],
        "letter_class": LetterClass.CORRESPONDENCE if letters else LetterClass.COVER_NOTE,
        "sealed_allowed": letters,
        "max_thickness_mm": thickness,
        "max_weight_g": weight,
        "max_size_mm": size,
        "max_length_mm": area[0],
        "max_width_mm": area[1],
        "temperature_zones": zones,
        "valid_from": "2026-11-01",
        "note": f"信書: 郵便法第4条と総務省の指針 / 大きさ: {CARRIERS[carrier]}の公表条件（店舗で要確認）",
    }


STANDARD_SERVICES: Final[tuple[dict[str, Any], ...]] = (
    _service("yamato_takkyubin", "yamato", ("宅急便", "Takkyubin"), (None, 30_000, 2_000), _COOL),
    _service("yamato_compact", "yamato", ("宅急便コンパクト", "Takkyubin Compact"), (50, None, None), _AMBIENT),
    _service("yamato_nekopos", "yamato", ("ネコポス", "Nekopos"), (30, 1_000, None), _AMBIENT, area=(312, 228)),
    _service("sagawa_hikyaku", "sagawa", ("飛脚宅配便", "Hikyaku Takuhaibin"), (None, 30_000, 1_600), _COOL),
    _service("japanpost_yupack", "japanpost", ("ゆうパック", "Yu-Pack"), (None, 25_000, 1_700), _COOL),
    _service(
        "japanpost_yupacket", "japanpost", ("ゆうパケット", "Yu-Packet"), (30, 1_000, 600), _AMBIENT, area=(340, None)
    ),
    _service(
        "yamato_yupacket",
        "yamato",
        ("クロネコゆうパケット", "Kuroneko Yu-Packet"),
        (30, 1_000, 600),
        _AMBIENT,
        area=(340, None),
    ),
    _service(
        "sagawa_yupacket",
        "sagawa",
        ("飛脚ゆうパケット便", "Hikyaku Yu-Packet"),
        (30, 1_000, 600),
        _AMBIENT,
        area=(340, None),
    ),
    _service(
        "japanpost_clickpost",
        "japanpost",
        ("クリックポスト", "Click Post"),
        (30, 1_000, None),
        _AMBIENT,
        area=(340, 250),
    ),
    _service("japanpost_yumail", "japanpost", ("ゆうメール", "Yu-Mail"), (30, 1_000, None), _AMBIENT, area=(340, 250)),
    _service(
        "japanpost_letterpack_light",
        "japanpost",
        ("レターパックライト", "Letter Pack Light"),
        (30, 4_000, None),
        _AMBIENT,
        letters=True,
        area=(340, 248),
    ),
    _service(
        "japanpost_letterpack_plus",
        "japanpost",
        ("レターパックプラス", "Letter Pack Plus"),
        (None, 4_000, None),
        _AMBIENT,
        letters=True,
        area=(340, 248),
    ),
    _service(
        "japanpost_smartletter",
        "japanpost",
        ("スマートレター", "Smart Letter"),
        (20, 1_000, None),
        _AMBIENT,
        letters=True,
        area=(250, 170),
    ),
    _service(
        "japanpost_teikeigai",
        "japanpost",
        ("定形外郵便（規格内）", "Non-standard mail"),
        (30, 1_000, None),
        _AMBIENT,
        letters=True,
        area=(340, 250),
    ),
)
