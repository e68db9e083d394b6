"""The regions of Japan (地方) by prefecture, as the Ministry of Internal Affairs groups them; Okinawa by itself."""

from typing import Final

_LISTED: Final = {
    "hokkaido": "北海道 Hokkaido",
    "tohoku": "青森県 Aomori 岩手県 Iwate 宮城県 Miyagi 秋田県 Akita 山形県 Yamagata 福島県 Fukushima",
    "kanto": "茨城県 Ibaraki 栃木県 Tochigi 群馬県 Gunma 埼玉県 Saitama 千葉県 Chiba 東京都 Tokyo 神奈川県 Kanagawa",
    "chubu": "新潟県 Niigata 富山県 Toyama 石川県 Ishikawa 福井県 Fukui 山梨県 Yamanashi 長野県 Nagano 岐阜県 Gifu "
    "静岡県 Shizuoka 愛知県 Aichi",
    "kinki": "三重県 Mie 滋賀県 Shiga 京都府 Kyoto 大阪府 Osaka 兵庫県 Hyogo 奈良県 Nara 和歌山県 Wakayama",
    "chugoku": "鳥取県 Tottori 島根県 Shimane 岡山県 Okayama 広島県 Hiroshima 山口県 Yamaguchi",
    "shikoku": "徳島県 Tokushima 香川県 Kagawa 愛媛県 Ehime 高知県 Kochi",
    "kyushu": "福岡県 Fukuoka 佐賀県 Saga 長崎県 Nagasaki 熊本県 Kumamoto 大分県 Oita 宮崎県 Miyazaki "
    "鹿児島県 Kagoshima",
    "okinawa": "沖縄県 Okinawa",
}
_REGIONS: Final = {name.casefold(): region for region, names in _LISTED.items() for name in names.split()}
# Also without 都・府・県, as some shops write them; 北海道 is never shortened.
_SHORT: Final = {name[:-1]: region for name, region in _REGIONS.items() if name[-1] in "都府県"}


def find_region(prefecture: str | None) -> str | None:
    """Return the key of the region; None for what is no prefecture of Japan. Takes 東京都, 東京 and Tokyo."""
    name = (prefecture or "").strip().casefold()
    return _REGIONS.get(name) or _SHORT.get(name)
