"""The closed lists from which facts take their values, in both languages."""

from typing import Final

from personalization.facts.fact import Choice

WEEKDAYS: Final = (
    Choice("monday", "月曜", "Monday"),
    Choice("tuesday", "火曜", "Tuesday"),
    Choice("wednesday", "水曜", "Wednesday"),
    Choice("thursday", "木曜", "Thursday"),
    Choice("friday", "金曜", "Friday"),
    Choice("saturday", "土曜", "Saturday"),
    Choice("sunday", "日曜", "Sunday"),
)
SEASONS: Final = (
    Choice("spring", "春", "spring"),
    Choice("summer", "夏", "summer"),
    Choice("autumn", "秋", "autumn"),
    Choice("winter", "冬", "winter"),
)
OCCASIONS: Final = (
    Choice("new_year", "お正月(1月1日〜7日)", "New Year, 1 to 7 January"),
    Choice("setsubun", "節分(2月1日〜4日)", "Setsubun, 1 to 4 February"),
    Choice("valentine", "バレンタイン(2月1日〜14日)", "Valentine's Day, 1 to 14 February"),
    Choice("hinamatsuri", "ひな祭り(2月17日〜3月3日)", "Hinamatsuri, 17 February to 3 March"),
    Choice("white_day", "ホワイトデー(3月1日〜14日)", "White Day, 1 to 14 March"),
    Choice("new_school_year", "入学・新生活(3月20日〜4月10日)", "New school year, 20 March to 10 April"),
    Choice("golden_week", "ゴールデンウィーク(4月29日〜5月5日)", "Golden Week, 29 April to 5 May"),
    Choice("mothers_day", "母の日(当日までの14日)", "Mother's Day, the two weeks up to it"),
    Choice("fathers_day", "父の日(当日までの14日)", "Father's Day, the two weeks up to it"),
    Choice("ochugen", "お中元(6月20日〜7月31日)", "Ochugen, 20 June to 31 July"),
    Choice("tanabata", "七夕(7月1日〜7日)", "Tanabata, 1 to 7 July"),
    Choice("obon", "お盆(8月13日〜16日)", "Obon, 13 to 16 August"),
    Choice("respect_for_the_aged", "敬老の日(当日までの14日)", "Respect for the Aged Day, the two weeks up to it"),
    Choice("halloween", "ハロウィン(10月17日〜31日)", "Halloween, 17 to 31 October"),
    Choice("oseibo", "お歳暮(11月20日〜12月31日)", "Oseibo, 20 November to 31 December"),
    Choice("christmas", "クリスマス(12月1日〜25日)", "Christmas, 1 to 25 December"),
    Choice("year_end", "年末(12月26日〜31日)", "Year's end, 26 to 31 December"),
)
TEMPERATURE_ZONES: Final = (
    Choice("ambient", "常温", "ambient"),
    Choice("chilled", "冷蔵", "chilled"),
    Choice("frozen", "冷凍", "frozen"),
)
PAYMENT_STATES: Final = (
    Choice("pending", "入金待ち", "pending"),
    Choice("authorized", "与信済み", "authorized"),
    Choice("paid", "入金済み", "paid"),
    Choice("partially_paid", "一部入金", "partially paid"),
    Choice("on_delivery", "代金引換", "cash on delivery"),
    Choice("deferred", "後払い", "deferred"),
    Choice("partially_refunded", "一部返金", "partially refunded"),
    Choice("refunded", "返金済み", "refunded"),
    Choice("voided", "取り消し", "voided"),
)
REGIONS: Final = (
    Choice("hokkaido", "北海道", "Hokkaido"),
    Choice("tohoku", "東北", "Tohoku"),
    Choice("kanto", "関東", "Kanto"),
    Choice("chubu", "中部", "Chubu"),
    Choice("kinki", "近畿", "Kinki"),
    Choice("chugoku", "中国", "Chugoku"),
    Choice("shikoku", "四国", "Shikoku"),
    Choice("kyushu", "九州", "Kyushu"),
    Choice("okinawa", "沖縄", "Okinawa"),
)
SEGMENTS: Final = (
    Choice("champion", "優良顧客(R5・F4以上)", "champion: R 5, F 4 or more"),
    Choice("loyal", "安定顧客(R3〜4・F4以上)", "loyal: R 3 to 4, F 4 or more"),
    Choice("potential", "育成顧客(R4以上・F2〜3)", "potential: R 4 or more, F 2 to 3"),
    Choice("new", "新規顧客(R5・F1)", "new: R 5, F 1"),
    Choice("promising", "見込み顧客(R4・F1)", "promising: R 4, F 1"),
    Choice("needs_attention", "要フォロー(R3・F2〜3)", "needs attention: R 3, F 2 to 3"),
    Choice("about_to_sleep", "休眠予備(R3・F1)", "about to sleep: R 3, F 1"),
    Choice("cannot_lose", "離したくない(R2以下・F5)", "cannot lose: R 2 or less, F 5"),
    Choice("at_risk", "離反注意(R2以下・F3〜4)", "at risk: R 2 or less, F 3 to 4"),
    Choice("hibernating", "休眠(R2・F2以下)", "hibernating: R 2, F 2 or less"),
    Choice("lost", "離反(R1・F2以下)", "lost: R 1, F 2 or less"),
)
