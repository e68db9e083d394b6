"""The face shop's tour: forty nights, and three lists of those who were there, as the box office, the hall and the web
shop would write them: with people twice, a family on one address, and slips of the hand.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from app.demo.face_people import FaceCustomer
from app.demo.people import PLACES, DemoPerson, make_people

NIGHTS: Final = 40
EVENT_KEY: Final = "asagiri"
EVENT_NAME: Final = ("朝霧ツアー", "Asagiri Tour")
_STRANGERS: Final = 90
Line = dict[str, str]


@dataclass(frozen=True)
class Night:
    """One session: the hall of a town, and the recording that its attendees get."""

    key: str
    venue: str
    held_on: date

    @property
    def sku(self) -> str:
        return f"REC-{self.key}"


@dataclass(frozen=True)
class TourFiles:
    """The files of an organiser as (name, bytes), and the kind of each list."""

    products: tuple[str, bytes]
    sessions: tuple[str, bytes]
    lists: tuple[tuple[str, str, bytes], ...]


def make_nights(today: date) -> list[Night]:
    """Return forty nights of the last two months, each in another town."""
    return [
        Night(f"A{number:02d}", f"{city}朝霧ホール", today - timedelta(days=62 - number))
        for number, (_, _, city) in enumerate(PLACES[:NIGHTS], 1)
    ]


def make_tour_files(customers: Sequence[FaceCustomer], *, today: date, seed: int) -> TourFiles:
    """Return everything an organiser hands in. The same seed gives the same bytes."""
    random = Random(seed)
    nights = make_nights(today)
    strangers = make_people(seed + 7, _STRANGERS, mail_prefix="asagiri", born_before=today)
    members = [customer for customer in customers if customer.habit != "undrawable"]
    advance = list(_write_advance(random, nights, members[:200]))
    day_of = list(_write_day_of(random, nights, members[:200], strangers[:50], advance))
    new = list(_write_new(random, nights, members[200:260], strangers[50:]))
    return TourFiles(
        ("recordings.csv", _write_products(nights)),
        ("sessions.csv", _write_sessions(nights)),
        (
            ("advance", "advance.csv", _write(advance)),
            ("day_of", "day_of.csv", _write(day_of)),
            ("new", "new.csv", _write(new)),
        ),
    )


def _write_advance(random: Random, nights: Sequence[Night], members: Sequence[FaceCustomer]) -> Iterable[Line]:
    """The fan club's bookings know the member number; some go twice."""
    ticket = 1000
    for member in members:
        for night in random.sample(nights, random.choice((1, 1, 1, 2))):
            ticket += 1
            yield _line(night, member.person, ticket=f"F-{ticket}", member_id=member.crm_ref)
    # Two keys that find two members: somebody read a list a line too low.
    yield _line(nights[0], members[0].person, ticket="F-9001", member_id=members[1].crm_ref)


def _write_day_of(
    random: Random,
    nights: Sequence[Night],
    members: Sequence[FaceCustomer],
    strangers: Sequence[DemoPerson],
    advance: Sequence[Line],
) -> Iterable[Line]:
    """The hall writes down hall and date, and who booked in advance buys again at the desk."""
    by_key = {night.key: night for night in nights}
    for line in random.sample(list(advance), 60):
        night = by_key[line["公演回"]]
        # What the hall writes down is less: the member is found by one key only.
        yield _at_the_desk(night, {**line, "会員番号": "", "チケット番号": ""})
    for person in strangers:
        yield _at_the_desk(random.choice(nights), _line(random.choice(nights), person))
    # A sister books with the family's e-mail address.
    sister = {**_line(nights[1], members[2].person), "氏名": f"{members[2].person.last_name} 月子", "フリガナ": ""}
    yield _at_the_desk(nights[1], sister)
    yield _at_the_desk(nights[2], {**_line(nights[2], strangers[0]), "メールアドレス": "not-an-address"})


def _write_new(
    random: Random, nights: Sequence[Night], members: Sequence[FaceCustomer], strangers: Sequence[DemoPerson]
) -> Iterable[Line]:
    """The web shop knows the e-mail address."""
    for member in members:
        yield _line(random.choice(nights), member.person)
    for person in strangers:
        yield _line(random.choice(nights), person)
    # A hall that nobody played, and somebody who moved and told nobody.
    yield {**_line(nights[3], strangers[0]), "公演回": "A99"}
    moved = {**_line(nights[4], members[0].person), "メールアドレス": "moved@example.jp", "電話番号": ""}
    yield moved
    yield {**_line(nights[5], strangers[1]), "メールアドレス": "lost@example.jp", "電話番号": "", "住所1": "", "〒": ""}


def _line(night: Night, person: DemoPerson, *, ticket: str = "", member_id: str = "") -> Line:
    return {
        "公演回": night.key,
        "会場": "",
        "公演日": "",
        "チケット番号": ticket,
        "会員番号": member_id,
        "氏名": person.full_name,
        "フリガナ": f"{person.last_kana} {person.first_kana}",
        "メールアドレス": person.email,
        "電話番号": person.phone,
        "〒": person.zip_code,
        "都道府県": person.prefecture,
        "住所1": f"{person.city}{person.street}",
        "住所2": person.building,
    }


def _at_the_desk(night: Night, line: Line) -> Line:
    return {**line, "公演回": "", "会場": night.venue, "公演日": f"{night.held_on:%Y/%m/%d}"}


def _write_sessions(nights: Sequence[Night]) -> bytes:
    return _write(
        {"公演コード": n.key, "会場": n.venue, "公演日": f"{n.held_on:%Y/%m/%d}", "商品コード": n.sku} for n in nights
    )


def _write_products(nights: Sequence[Night]) -> bytes:
    return _write(
        {
            "商品コード": night.sku,
            "商品名": f"朝霧ツアー 録音 {night.held_on.month}/{night.held_on.day}",
            "カテゴリ": "録音",
            "販売価格": "3300",
            "税率": "10",
            "重量": "90",
            "厚さ": "8",
        }
        for night in nights
    )


def _write(lines: Iterable[Mapping[str, str]]) -> bytes:
    """Write a file as a Japanese spreadsheet does."""
    listed = list(lines)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(listed[0]))
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue().encode("utf-8-sig")
