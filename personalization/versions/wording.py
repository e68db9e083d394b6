"""Parts of a rule in words, Japanese and English; what cannot be read is shown as it stands. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from personalization.conditions.explanation import NO_NAMES, Naming, ValueKind, Words, describe_comparison
from personalization.conditions.parsing import parse_condition
from personalization.conditions.tree import All, Always, Comparison, Condition, Not
from personalization.facts.question import Audience
from personalization.problems import Problems
from personalization.versions.names import Names

ALWAYS: Final = Words("すべての出荷", "every shipment")
NOTHING: Final = Words("なし", "nothing")
OPTIONS: Final[Mapping[str, Words]] = {
    "name": Words("名前", "name"),
    "enabled": Words("使うかどうか", "whether it is used"),
    "audience": Words("だれについて調べるか", "whom it asks about"),
    "gifts": Words("他の人へのギフトでの扱い", "what it does for gifts to others"),
    "purposes": Words("必要な同意", "purposes needed"),
    "limits": Words("回数の上限", "limits"),
    "group": Words("排他グループ", "exclusion group"),
    "valid": Words("期間", "dates"),
    "experiment": Words("実験", "experiment"),
    "box": Words("同梱物の上限", "limits of one parcel"),
}
_VALUES: Final[Mapping[str, Words]] = {
    "buyer": Words("注文者", "buyer"),
    "recipient": Words("お届け先", "recipient"),
    "careful": Words("履歴を使うなら入れない", "left out if it uses history"),
    "always": Words("いつも行う", "as in any parcel"),
    "never": Words("行わない", "never"),
    "personalisation": Words("履歴による選択", "personalisation"),
    "marketing": Words("広告", "marketing"),
    "letter": Words("お手紙", "letter"),
    "measurement": Words("効果測定", "measurement"),
    "pieces": Words("個数", "pieces"),
    "grams": Words("重さ(g)", "grams"),
    "millimetres": Words("厚さ(mm)", "millimetres"),
    "cost": Words("費用", "cost"),
}


def same(text: object) -> Words:
    """Return words that are the same in both languages."""
    return Words(str(text), str(text))


def quote(words: Words) -> Words:
    return Words(f"「{words.ja}」", f"“{words.en}”")


def dump(value: Any) -> Words:
    """Return what cannot be told better, as JSON."""
    return same(json.dumps(value, ensure_ascii=False, sort_keys=True))


def join(parts: Sequence[Words], ja: str = "、", en: str = ", ") -> Words:
    return Words(ja.join(part.ja for part in parts), en.join(part.en for part in parts)) if parts else NOTHING


def name_rule(rule: Mapping[str, Any]) -> Words:
    """Return a rule's name, or its key while it has none."""
    key = str(rule.get("key", "?"))
    name = rule.get("name")
    names = name if isinstance(name, dict) else {}
    return Words(str(names.get("ja") or key), str(names.get("en") or key))


def tell_condition(document: Any, audience: Audience = Audience.BUYER, names: Naming = NO_NAMES) -> Words:
    """Return a condition tree in words; one with a mistake as it stands."""
    problems = Problems()
    condition = parse_condition(document, "$", problems)
    return dump(document) if condition is None else describe_tree(condition, audience, names)


def describe_tree(condition: Condition, audience: Audience, names: Naming = NO_NAMES) -> Words:
    match condition:
        case Always():
            return ALWAYS
        case Comparison():
            return describe_comparison(condition, audience, names)
        case Not(part):
            inner = describe_tree(part, audience, names)
            return Words(f"「{inner.ja}」ではない", f"not ({inner.en})")
        case All(parts):
            return join([_enclose(part, audience, names) for part in parts], " かつ ", " and ")
    return join([_enclose(part, audience, names) for part in condition.parts], " または ", " or ")


def _enclose(part: Condition, audience: Audience, names: Naming) -> Words:
    told = describe_tree(part, audience, names)
    return told if isinstance(part, Comparison | Always | Not) else Words(f"({told.ja})", f"({told.en})")


def read_audience(rule: Mapping[str, Any]) -> Audience:
    return Audience.RECIPIENT if rule.get("audience") == Audience.RECIPIENT else Audience.BUYER


def tell_option(key: str, value: Any, names: Names | None = None) -> Words:
    """Return the value of one of a rule's other keys."""
    if value is None:
        return NOTHING
    if key == "enabled":
        return Words("使う" if value else "使わない", "used" if value else "not used")
    if key == "name" and isinstance(value, dict):
        return quote(Words(str(value.get("ja", "")), str(value.get("en", ""))))
    if key == "limits" and isinstance(value, list):
        return join([_tell_limit(limit) for limit in value])
    if key == "valid" and isinstance(value, dict):
        first, last = value.get("from", ""), value.get("until", "")
        return Words(f"{first}〜{last}", f"{first} to {last}")
    if key == "experiment" and isinstance(value, dict):
        return _tell_experiment(str(value.get("key")), str(value.get("arm")), names or Names())
    return _tell_value(value)


def _tell_experiment(key: str, arm: str, names: Names) -> Words:
    experiment = names.say(ValueKind.EXPERIMENT, key)
    own = names.others.get((ValueKind.ARM, f"{key}/{arm}")) or same(arm)
    return Words(f"「{experiment.ja}」の案「{own.ja}」", f"arm “{own.en}” of “{experiment.en}”")


def _tell_value(value: Any) -> Words:
    if isinstance(value, str):
        return _VALUES.get(value, same(value))
    if isinstance(value, list):
        return join([_tell_value(member) for member in value])
    if isinstance(value, dict):
        pairs = [(_VALUES.get(str(key), same(key)), _tell_value(member)) for key, member in value.items()]
        return join([Words(f"{name.ja} {each.ja}", f"{name.en} {each.en}") for name, each in pairs])
    return dump(value)


def _tell_limit(limit: Any) -> Words:
    if not isinstance(limit, dict):
        return dump(limit)
    if "overall" in limit:
        return Words(f"全体で{limit['overall']}件まで", f"at most {limit['overall']} overall")
    count, days = limit.get("per_customer"), limit.get("within_days")
    if days is None:
        return Words(f"お客様1人に{count}回まで", f"at most {count} per customer")
    return Words(f"お客様1人に{days}日間で{count}回まで", f"at most {count} per customer in {days} days")


_ACTIONS: Final[Mapping[str, tuple[str, Words]]] = {
    # What it names (key of the action) and how it reads.
    "enclose": ("insert", Words("同梱物「{name}」を入れる", "enclose “{name}”")),
    "task": ("insert", Words("作業「{name}」をする", "do “{name}”")),
    "letter": ("template", Words("お手紙「{name}」を選ぶ", "choose the letter “{name}”")),
    "slip": ("template", Words("納品書「{name}」を選ぶ", "choose the slip “{name}”")),
    "message": ("slot", Words("差込欄「{name}」に文面を入れる", "write into “{name}”")),
    "flag": ("flag", Words("帳票の目印「{name}」を立てる", "set the flag “{name}”")),
    "tag": ("tag", Words("印「{name}」を付ける", "tag “{name}”")),
    "priority": ("value", Words("優先度を{name}にする", "set the priority to {name}")),
    "hold": ("", Words("保留にして確認する", "hold it for review")),
    "recommend": ("slot", Words("おすすめ商品を「{name}」に載せる", "recommend products in “{name}”")),
    "coupon": ("series", Words("クーポン「{name}」を発行する", "issue a coupon of “{name}”")),
}


def identify_action(action: Any) -> str:
    """Return what makes two actions the same one, changed: the kind and what it names."""
    if not isinstance(action, dict):
        return dump(action).ja
    do = str(action.get("do"))
    named = _ACTIONS.get(do, ("", ALWAYS))[0]
    # The letter, the slip and the priority are one choice, whatever is chosen.
    return do if do in ("letter", "slip", "priority", "hold") else f"{do} {action.get(named, '')}"


def tell_action(action: Any, names: Names) -> Words:
    """Return what an action does, with the quantity; texts are left to `tell_texts`."""
    if not isinstance(action, dict) or str(action.get("do")) not in _ACTIONS:
        return dump(action)
    if action["do"] == "recommend" and not action.get("slot"):
        return Words("おすすめ商品を載せる", "recommend products")
    named, words = _ACTIONS[str(action["do"])]
    called = _find_name(named, str(action.get(named, "")), names)
    told = Words(words.ja.format(name=called.ja), words.en.format(name=called.en))
    quantity = action.get("quantity", 1)
    return told if quantity == 1 else Words(f"{told.ja}(×{quantity})", f"{told.en} (×{quantity})")


def _find_name(named: str, key: str, names: Names) -> Words:
    if named in ("flag", "series"):
        return names.say(ValueKind(named), key)
    known = {"insert": names.inserts, "template": names.templates, "slot": names.slots}.get(named, {})
    return known.get(key, same(key))


def list_texts(action: Mapping[str, Any]) -> dict[str, Words]:
    """Return what an action writes, by place: a slot's name, or `text` and `reason`."""
    found: dict[str, Words] = {}
    for key in ("text", "reason"):
        if isinstance(action.get(key), dict):
            found[key] = _read_texts(action[key])
    slots = action.get("slots")
    if isinstance(slots, dict):
        found |= {str(slot): _read_texts(texts) for slot, texts in slots.items() if isinstance(texts, dict)}
    return found


def _read_texts(texts: Mapping[str, Any]) -> Words:
    return Words(str(texts.get("ja", "")), str(texts.get("en", "")))
