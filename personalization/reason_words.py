"""What was chosen and why something lost, as sentences in both languages. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from personalization.conditions.explanation import NO_NAMES, Naming, ValueKind, Words
from personalization.insert_info import Inserts
from personalization.plan import ActionKind, Chosen, Lost, Reason
from personalization.resolver.resolve import Rulebook

# {insert}, {by} (the winning rule) and the details of the loss are filled in.
REASONS: Final[Mapping[Reason, Words]] = {
    Reason.PURPOSE_MISSING: Words("必要な利用目的の同意がありません", "a purpose it needs was not granted"),
    Reason.PURPOSE_DENIED: Words("利用目的が拒否されています", "a purpose it serves was denied"),
    Reason.CARE_FLAG: Words("注意フラグ「{flag}」のため", "because of the care flag “{flag}”"),
    Reason.NO_CUSTOMER: Words(
        "顧客が特定できないため回数を数えられません", "uses cannot be counted: the customer is unknown"
    ),
    Reason.GIFT_TO_OTHER: Words(
        "他の方へのギフトなので、注文者の履歴に基づくものは入れません",
        "a gift to somebody else: nothing that tells of the buyer's history",
    ),
    Reason.NO_ARM: Words(
        "顧客が特定できないため、実験「{experiment}」に割り当てられません",
        "the customer is unknown and has no arm in the experiment “{experiment}”",
    ),
    Reason.EXPERIMENT_NOT_RUNNING: Words(
        "実験「{experiment}」は行われていません", "the experiment “{experiment}” is not running"
    ),
    Reason.HELD_OUT: Words(
        "実験「{experiment}」の対照群(入れないお客様)です", "held out by the experiment “{experiment}”"
    ),
    Reason.OTHER_ARM: Words(
        "実験「{experiment}」では別の案「{arm}」のお客様です",
        "in another arm (“{arm}”) of the experiment “{experiment}”",
    ),
    Reason.NOT_VALID_NOW: Words("有効期間外です", "outside its dates"),
    Reason.LETTER_NOT_CARRIED: Words(
        "「{item}」は信書にあたり、この配送方法では送れません",
        "“{item}” is a letter that this delivery service may not carry",
    ),
    Reason.LIMIT_PER_CUSTOMER: Words(
        "お一人{limit}回まで(すでに{count}回)", "at most {limit} per customer, {count} given already"
    ),
    Reason.LIMIT_WITHIN_DAYS: Words(
        "{days}日間にお一人{limit}回まで(すでに{count}回)",
        "at most {limit} per customer within {days} days, {count} given already",
    ),
    Reason.LIMIT_OVERALL: Words("先着{limit}件まで(すでに{count}件)", "only the first {limit}, {count} given already"),
    Reason.GROUP_TAKEN: Words(
        "同じ排他グループ「{group}」では「{by}」が優先されました", "“{by}” came first in the group “{group}”"
    ),
    Reason.ALREADY_ENCLOSED: Words("「{insert}」はすでに入っています", "“{insert}” is enclosed already"),
    Reason.LETTER_TAKEN: Words("手紙は「{by}」が優先されました", "“{by}” chose the letter first"),
    Reason.SLIP_TAKEN: Words("納品書は「{by}」が優先されました", "“{by}” chose the packing slip first"),
    Reason.SLOT_TAKEN: Words("差込欄「{slot}」は「{by}」が優先されました", "“{by}” filled the slot “{slot}” first"),
    Reason.PRIORITY_TAKEN: Words("優先度は「{by}」が決めました", "“{by}” set the priority first"),
    Reason.FACT_UNKNOWN: Words("文中の値が不明です", "a value in its text is unknown"),
    Reason.GIFT_VALUE: Words(
        "景品の合計{value}円が景品表示法の上限{limit}円を超えます",
        "gifts worth {value} yen would exceed the legal limit of {limit} yen",
    ),
    Reason.BOX_PIECES: Words("同梱物は{limit}点までです", "at most {limit} pieces fit"),
    Reason.BOX_GRAMS: Words("重さが{limit}gを超えます({needed}g)", "{needed} g would exceed {limit} g"),
    Reason.BOX_MILLIMETRES: Words("厚さが{limit}mmを超えます({needed}mm)", "{needed} mm would exceed {limit} mm"),
    Reason.BOX_COST: Words("費用が{limit}円を超えます({needed}円)", "{needed} yen would exceed {limit} yen"),
    Reason.OUT_OF_STOCK: Words(
        "「{insert}」の在庫切れ(残り{available})", "“{insert}” is out of stock ({available} left)"
    ),
    Reason.BACK_ORDERED: Words(
        "「{insert}」の在庫切れ。次の荷物に入れます", "“{insert}” is out of stock and follows later"
    ),
    Reason.COUPON_TAKEN: Words("クーポンは「{by}」が優先されました", "“{by}” gave a coupon first"),
    Reason.COUPON_EXHAUSTED: Words(
        "クーポン「{series}」のコードが残っていません", "no code of the coupon “{series}” is left"
    ),
    Reason.COUPON_INACTIVE: Words("クーポン「{series}」は使われていません", "the coupon “{series}” is not in use"),
    Reason.NOTHING_TO_RECOMMEND: Words(
        "おすすめできる商品がありません(購入済み・売り切れを除く)",
        "no product to recommend that is on sale and not bought already",
    ),
    Reason.NO_PLACE: Words("{papers}に載せる場所がありません", "{papers} has no place for it"),
    Reason.INSERT_INACTIVE: Words("「{insert}」は使われていません", "“{insert}” is no longer in use"),
    Reason.IN_FIRST_BOX: Words("同じ注文の最初の箱に入れます", "it goes into the first box of the same order"),
    Reason.COMPLAINT_OPEN: Words(
        "未解決のお申し出があるため、販促は入れません", "nothing promotional while a complaint is open"
    ),
    Reason.CHOSEN_BY_PERSON: Words(
        "再送には、担当者が選んだものだけを入れます", "what is sent again holds only what a person chose"
    ),
}
ACTIONS: Final[Mapping[ActionKind, Words]] = {
    ActionKind.ENCLOSE: Words("「{insert}」を{quantity}点同梱", "enclosed {quantity} × “{insert}”"),
    ActionKind.TASK: Words("作業: {insert}", "task: {insert}"),
    ActionKind.LETTER: Words("手紙「{template}」を選択", "chose the letter “{template}”"),
    ActionKind.SLIP: Words("納品書「{template}」を選択", "chose the packing slip “{template}”"),
    ActionKind.MESSAGE: Words("「{slot}」にメッセージ", "wrote a message into “{slot}”"),
    ActionKind.FLAG: Words("帳票に「{word}」の部分を表示", "showed the part “{word}” of the papers"),
    ActionKind.TAG: Words("出荷にタグ「{word}」", "tagged the parcel “{word}”"),
    ActionKind.PRIORITY: Words("優先度{value}", "priority {value}"),
    ActionKind.HOLD: Words("保留: {text}", "held: {text}"),
    ActionKind.RECOMMEND: Words("「{slot}」におすすめ: {products}", "recommended in “{slot}”: {products}"),
    ActionKind.COUPON: Words("クーポン「{series}」 コード {code}", "gave a code of the coupon “{series}”: {code}"),
}


class _Details(dict[str, Any]):
    """A detail that an older decision did not store reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


# Detail of a loss → what it is the key of.
NAMED: Final = {"slot": ValueKind.SLOT, "series": ValueKind.SERIES, "experiment": ValueKind.EXPERIMENT}
CARE_FLAGS: Final = {"flag": ValueKind.CARE}


def describe_lost(lost: Lost, rulebook: Rulebook, labels: Naming = NO_NAMES) -> Words:
    """Return the sentence of a loss, rules, inserts and whatever else has a name called by it."""
    names = {rule.key: rule.name for rule in rulebook.document.rules}
    ja, en = _Details(lost.details), _Details(lost.details)
    if lost.details.get("by") in names:
        ja["by"], en["by"] = names[lost.details["by"]]["ja"], names[lost.details["by"]]["en"]
    insert = rulebook.inserts.get(lost.details.get("insert", ""))
    if insert is not None:
        ja["insert"], en["insert"] = insert.name_ja, insert.name_en
    for detail, kind in (NAMED | CARE_FLAGS).items():
        if isinstance(lost.details.get(detail), str):
            named = labels.say(kind, lost.details[detail])
            ja[detail], en[detail] = named.ja, named.en
    if isinstance(lost.details.get("arm"), str):
        arm = labels.words.get((ValueKind.ARM, f"{lost.details.get('experiment')}/{lost.details['arm']}"))
        ja["arm"], en["arm"] = (arm.ja, arm.en) if arm else (lost.details["arm"], lost.details["arm"])
    if isinstance(lost.details.get("papers"), list | tuple):
        papers = describe_papers(lost.details["papers"], labels)
        ja["papers"], en["papers"] = papers.ja, papers.en
    words = REASONS[lost.reason]
    return Words(words.ja.format_map(ja), words.en.format_map(en))


def describe_papers(keys: Sequence[str], labels: Naming) -> Words:
    papers = [labels.say(ValueKind.TEMPLATE, key) for key in keys]
    return Words("・".join(f"「{paper.ja}」" for paper in papers), " or ".join(f"“{paper.en}”" for paper in papers))


def describe_chosen(chosen: Chosen, inserts: Inserts, labels: Naming = NO_NAMES) -> Words:
    """Return the sentence of an action that was taken; a substitute names what it stands for."""
    insert, wanted = inserts.get(chosen.insert_key or ""), inserts.get(chosen.substitute_for or "")
    details: dict[str, Any] = {"code": chosen.code or "—", "quantity": chosen.quantity, "value": chosen.value}
    text = chosen.text or {"ja": "", "en": ""}
    words = ACTIONS[chosen.kind]
    named = {
        "series": labels.say(ValueKind.SERIES, chosen.series or ""),
        "template": labels.say(ValueKind.TEMPLATE, chosen.template or ""),
        "slot": labels.say(ValueKind.SLOT, chosen.slot or ""),
        "word": labels.say(ValueKind.FLAG, chosen.word or ""),
        "products": Words(
            "、".join(product.name_ja for product in chosen.products),
            ", ".join(product.name_en for product in chosen.products),
        ),
        "insert": Words(insert.name_ja, insert.name_en) if insert else Words("", ""),
        "text": Words(text["ja"], text["en"]),
    }
    ja = words.ja.format(**details, **{name: each.ja for name, each in named.items()})
    en = words.en.format(**details, **{name: each.en for name, each in named.items()})
    if wanted is not None:
        return Words(f"{ja}(「{wanted.name_ja}」の代わり)", f"{en} (instead of “{wanted.name_en}”)")
    if chosen.owed_allotment_id is not None:
        return Words(f"{ja}(前回からの繰り越し)", f"{en} (owed since an earlier parcel)")
    return Words(ja, en)
