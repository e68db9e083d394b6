"""Invented people: names by Faker (ja_JP, seeded), towns that do not exist, numbers never assigned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from faker import Faker

# Prefecture, city and the post code of "anywhere else in this city".
PLACES: Final = (
    ("0600000", "北海道", "札幌市中央区"), ("0300000", "青森県", "青森市"), ("0200000", "岩手県", "盛岡市"),
    ("9800000", "宮城県", "仙台市青葉区"), ("0100000", "秋田県", "秋田市"), ("9900000", "山形県", "山形市"),
    ("9600000", "福島県", "福島市"), ("3100000", "茨城県", "水戸市"), ("3200000", "栃木県", "宇都宮市"),
    ("3710000", "群馬県", "前橋市"), ("3300000", "埼玉県", "さいたま市大宮区"), ("2600000", "千葉県", "千葉市中央区"),
    ("1000000", "東京都", "千代田区"), ("1600000", "東京都", "新宿区"), ("1540000", "東京都", "世田谷区"),
    ("1500000", "東京都", "渋谷区"), ("1110000", "東京都", "台東区"), ("2310000", "神奈川県", "横浜市中区"),
    ("2100000", "神奈川県", "川崎市川崎区"), ("9300000", "富山県", "富山市"), ("9200000", "石川県", "金沢市"),
    ("9100000", "福井県", "福井市"), ("4000000", "山梨県", "甲府市"), ("5000000", "岐阜県", "岐阜市"),
    ("4200000", "静岡県", "静岡市葵区"), ("4600000", "愛知県", "名古屋市中区"), ("5140000", "三重県", "津市"),
    ("5200000", "滋賀県", "大津市"), ("6040000", "京都府", "京都市中京区"), ("5300000", "大阪府", "大阪市北区"),
    ("6500000", "兵庫県", "神戸市中央区"), ("6300000", "奈良県", "奈良市"), ("6400000", "和歌山県", "和歌山市"),
    ("6800000", "鳥取県", "鳥取市"), ("6900000", "島根県", "松江市"), ("7000000", "岡山県", "岡山市北区"),
    ("7300000", "広島県", "広島市中区"), ("7530000", "山口県", "山口市"), ("7700000", "徳島県", "徳島市"),
    ("7600000", "香川県", "高松市"), ("7900000", "愛媛県", "松山市"), ("7800000", "高知県", "高知市"),
    ("8100000", "福岡県", "福岡市中央区"), ("8400000", "佐賀県", "佐賀市"), ("8500000", "長崎県", "長崎市"),
    ("8600000", "熊本県", "熊本市中央区"), ("8700000", "大分県", "大分市"), ("8800000", "宮崎県", "宮崎市"),
    ("8920000", "鹿児島県", "鹿児島市"), ("9000000", "沖縄県", "那覇市"),
)  # fmt: skip
_TOWNS: Final = ("茶畑町", "朝露町", "しずく台", "若芽町", "湯気坂", "葉桜通", "霧の丘", "茶の木町", "新芽台", "玉露町")
_HOUSES: Final = ("コーポ若葉", "メゾン朝露", "ハイツ茶の木", "しずくマンション", "グリーンヒルズ霧の丘")
# Spellings that trip weak systems: JIS level 3 and 4, old forms.
ODD_NAMES: Final = (
    ("髙﨑", "タカサキ", "邉", "アタリ"), ("邊見", "ヘンミ", "薰", "カオル"), ("德永", "トクナガ", "茉莉", "マリ"),
    ("濵田", "ハマダ", "祐", "ユウ"), ("櫻澤", "サクラザワ", "黑", "クロ"), ("渡邉", "ワタナベ", "桜子", "サクラコ"),
)  # fmt: skip
# No font of ours has this character: its letter must be refused, not printed with a hole.
UNDRAWABLE_NAME: Final = ("𰻞", "ビャン", "麺太", "メンタ")


@dataclass(frozen=True)
class DemoPerson:
    number: int
    last_name: str
    first_name: str
    last_kana: str
    first_kana: str
    gender: str
    born_on: date
    email: str
    phone: str
    zip_code: str
    prefecture: str
    city: str
    street: str
    building: str

    @property
    def full_name(self) -> str:
        return f"{self.last_name} {self.first_name}"


def _make_street(random: Random) -> tuple[str, str]:
    street = f"{random.choice(_TOWNS)}{random.randint(1, 8)}-{random.randint(1, 30)}-{random.randint(1, 20)}"
    if random.random() < 0.4:
        return street, f"{random.choice(_HOUSES)}{random.randint(1, 9)}0{random.randint(1, 8)}"
    return street, ""


def make_people(
    seed: int, count: int, *, mail_prefix: str, born_before: date, odd_names: Sequence[tuple[str, str, str, str]] = ()
) -> list[DemoPerson]:
    """Return `count` people numbered from 1, all of age 18 or more on `born_before`; the first bear the odd names.

    Numbers begin 0x0-0: no Japanese mobile number is assigned there.
    """
    random = Random(seed)
    fake = Faker("ja_JP")
    fake.seed_instance(seed)
    people = []
    for number in range(1, count + 1):
        gender = "female" if random.random() < 0.78 else "male"
        last, last_kana, _ = fake.last_name_pair()
        first, first_kana, _ = fake.first_name_female_pair() if gender == "female" else fake.first_name_male_pair()
        if number <= len(odd_names):
            last, last_kana, first, first_kana = odd_names[number - 1]
        zip_code, prefecture, city = random.choice(PLACES)
        street, building = _make_street(random)
        phone = f"0{random.choice('789')}0-0{number // 10000:03d}-{number % 10000:04d}"
        people.append(
            DemoPerson(
                number, last, first, last_kana, first_kana, gender,
                born_before - timedelta(days=random.randint(18 * 366, 78 * 365)),
                f"{mail_prefix}{number:05d}@example.jp", phone, zip_code, prefecture, city, street,
                building,
            )
        )  # fmt: skip
    return people
