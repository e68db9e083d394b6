"""Topics of tickets, whichever system names them, are read as words."""

import pytest

from crm_link.topics import TOPICS, name_topic


@pytest.mark.parametrize(
    ("topic", "ja", "en"),
    [
        ("complaint", "お申し出（苦情）", "complaint"),
        ("Delivery Delay", "お届けの遅れ", "late delivery"),
        ("wrong-item", "商品違い", "wrong item"),
        ("gift_box_size", "gift box size", "gift box size"),
        ("お届け日の変更", "お届け日の変更", "お届け日の変更"),
        ("__", "__", "__"),
    ],
)
def test_a_topic_has_readable_words(topic: str, ja: str, en: str) -> None:
    assert name_topic(topic) == (ja, en)


def test_our_own_topics_are_named_in_both_languages() -> None:
    assert all(ja and en for ja, en in TOPICS.values())
