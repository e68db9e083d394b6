"""What is wrong with a document: place (JSON path), stable code, and the reason in both languages."""

from dataclasses import dataclass, field

from personalization.number_words import show_given, tell_range

WORDS: dict[str, tuple[str, str]] = {
    "not_an_object": ("オブジェクト {{…}} が必要です", "an object {{…}} is needed"),
    "not_a_list": ("リスト […] が必要です", "a list […] is needed"),
    "not_a_text": ("文字列が必要です", "a text is needed"),
    "not_a_boolean": ("true か false が必要です", "true or false is needed"),
    "not_a_number": ("{range_ja}数値が必要です(入力: {given})", "a number {range_en}is needed, not {given}"),
    "not_a_whole_number": (
        "{range_ja}整数が必要です(入力: {given})",
        "a whole number {range_en}is needed, not {given}",
    ),
    "not_a_date": ("日付 YYYY-MM-DD が必要です", "a date YYYY-MM-DD is needed"),
    "missing_key": ("「{key}」がありません", "“{key}” is missing"),
    "unknown_key": ("「{key}」という項目はありません", "there is no key “{key}” here"),
    "empty_value": ("値が空です", "the value is empty"),
    "too_long": ("長すぎます(最大{limit})", "too long (at most {limit})"),
    "too_many": ("多すぎます(最大{limit})", "too many (at most {limit})"),
    "too_deep": ("入れ子が深すぎます(最大{limit}段)", "nested too deeply (at most {limit} levels)"),
    "out_of_range": ("{range_ja}数が必要です(入力: {given})", "a number {range_en}is needed, not {given}"),
    "impossible_range": ("この範囲に入る値はありません", "no value can lie in this range"),
    "impossible_together": (
        "「{fact}」についての条件が互いに矛盾しています",
        "the conditions on “{fact}” contradict each other",
    ),
    "unknown_fact": ("「{key}」という判定データはありません", "there is no fact “{key}”"),
    "unknown_operator": (
        "「{op}」はこの判定データに使えません(使えるもの: {allowed})",
        "“{op}” cannot be used on this fact (it takes: {allowed})",
    ),
    "unexpected_value": ("この演算子に値は要りません", "this operator takes no value"),
    "unknown_choice": ("「{value}」は選べません(選べるもの: {allowed})", "“{value}” is not one of: {allowed}"),
    "bad_key": ("a-z、0-9、- だけが使えます(最大60文字)", "only a-z, 0-9 and - (at most 60)"),
    "duplicate_key": ("キー「{key}」が二度使われています", "the key “{key}” is used twice"),
    "unknown_format": ("この形式の版には対応していません", "this version of the format is not known"),
    "unknown_action": ("「{key}」という動作はありません", "there is no action “{key}”"),
    "unknown_insert": ("「{key}」という同梱物はありません", "there is no insert “{key}”"),
    "unknown_series": ("「{key}」というクーポンはありません", "there is no coupon “{key}”"),
    "coupon_twice": ("一つのルールで出せるクーポンは一つです", "a rule gives one coupon only"),
    "bad_code": (
        "「{value}」はコードに使えません(英数字と - _ . で40文字まで)",
        "“{value}” cannot be a code (letters, digits and - _ . only, at most 40)",
    ),
    "guessable_code": (
        "コードが短すぎて推測されます。「*」を6個以上入れてください",
        "such codes could be guessed: put at least six * into the pattern",
    ),
    "not_of_a_pool": ("アップロードするコードには指定できません", "this does not belong to a series of uploaded codes"),
    "unknown_service": ("「{key}」という配送方法はありません", "there is no delivery service “{key}”"),
    "unknown_template": ("「{key}」という帳票はありません", "there is no template “{key}”"),
    "wrong_template_kind": ("「{key}」は{expected}ではありません", "the template “{key}” is not a {expected}"),
    "unknown_slot": ("帳票「{key}」に差込欄「{slot}」はありません", "the template “{key}” has no slot “{slot}”"),
    "slot_needed": (
        "帳票「{key}」は「{slot_ja}」がないと印刷できません。文面を入れてください",
        "the template “{key}” cannot be printed without “{slot_en}”: give its text",
    ),
    "not_a_task": ("「{key}」は作業ではありません", "the insert “{key}” is not a task"),
    "is_a_task": ("「{key}」は作業です。task を使ってください", "the insert “{key}” is a task; use “task”"),
    "insert_twice": ("同梱物「{key}」が二度指定されています", "the insert “{key}” is named twice"),
    "bad_placeholder": ("「{{{key}}}」は差し込めません", "“{{{key}}}” cannot be filled in"),
    "bad_braces": ("波かっこが対になっていません", "the braces do not match"),
    "letter_not_carried": (
        (
            "「{item}」({class_ja})は、この条件でありうる配送方法({service})では送れません(郵便法第4条)。"
            "送れる配送方法: {carrying_ja}。条件で配送方法を絞るか、封をしない添え状にしてください"
        ),
        (
            "“{item}” ({class_en}) may not go by every service that the rule allows ({service}); 郵便法 Art. 4. "
            "Services that carry it: {carrying_en}. Narrow the services, or make it an unsealed cover note"
        ),
    ),
    "gift_never_lawful": (
        (
            "景品「{gift_ja}」({value}円相当)は、このルールのどの注文でも景品表示法の上限を超えます。"
            "商品金額{least}円以上の注文に限るか、{excess}円分減らすか、"
            "見本や自店の割引クーポンにしてください({source})"
        ),
        (
            "the gift “{gift_en}” (worth {value} yen) exceeds the legal limit for every order of this rule. "
            "Ask for goods of at least {least} yen, give {excess} yen less, or give a sample or a coupon of "
            "your own ({source})"
        ),
    ),
    "gift_from_total": (
        (
            "景品「{gift_ja}」({value}円相当)を入れられるのは商品金額{least}円以上の注文だけです。"
            "少額の注文では自動で外れます。"
            "条件を加えるか、{excess}円分減らすか、見本や自店の割引クーポンにしてください({source})"
        ),
        (
            "only orders with goods of at least {least} yen may hold the gift “{gift_en}” (worth {value} yen); "
            "smaller ones go without. Say so in the condition, give {excess} yen less, or a sample or a coupon of "
            "your own ({source})"
        ),
    ),
    "gift_without_value": (
        "景品「{gift_ja}」の市価が0円です。景品表示法の上限を確かめられるよう、市価を入れてください",
        "the gift “{gift_en}” has no market value: enter it, so that the legal limit can be checked",
    ),
    "unknown_value": (
        "{kind_ja}「{value}」は店舗の記録にありません",
        "the shop's records have no {kind_en} “{value}”",
    ),
    "not_a_share": (
        "0%より大きく100%より小さい割合が必要です",
        "a share above 0 % and below 100 % is needed",
    ),
    "unknown_experiment": ("「{key}」という実験はありません", "there is no experiment “{key}”"),
    "shares_do_not_add_up": (
        "割合の合計が{total}%です。100%にしてください",
        "the shares add up to {total} %, not to 100",
    ),
    "nothing_to_compare": (
        "比べる相手がありません。案を2つ以上にするか、対照群の割合を入れてください",
        "there is nothing to compare with: add an arm, or hold a share of customers out",
    ),
    "bad_gtin": ("「{value}」はGTIN(JAN)ではありません", "“{value}” is not a GTIN"),
    "bad_file": ("ファイルのIDではありません", "this is not the id of a file"),
    "cyclic_substitute": ("代替の同梱物が循環しています: {ring}", "the substitutes form a ring: {ring}"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    place: str
    code: str
    ja: str
    en: str

    def __str__(self) -> str:
        return f"{self.place}: {self.en}"


@dataclass(slots=True)
class Problems:
    """Collects every problem of a document, so that all are shown at once."""

    found: list[Problem] = field(default_factory=list)

    def add_number(
        self, place: str, code: str, given: object, low: float | None = None, high: float | None = None
    ) -> None:
        """Add what is wrong with a number: what was given, and from where to where it may lie (None: no bound)."""
        ja, en = tell_range(low, high)
        self.add(place, code, given=show_given(given), range_ja=ja and f"{ja}の", range_en=en and f"{en} ")

    def add(self, place: str, code: str, **values: object) -> None:
        ja, en = WORDS[code]
        self.found.append(Problem(place, code, ja.format(**values), en.format(**values)))
