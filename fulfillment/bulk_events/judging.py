"""Who a row of a list is, and whether a parcel is already theirs. Pure: rows are judged in their order, against what is
known and against each other (decision 0139).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from crm_link.sightings import Face, Sighting
from fulfillment.bulk_events.kinds import Doubt, RowState


@dataclass(frozen=True, slots=True)
class Claim:
    """One sound row: the session it names, what finds its person, and a digest of everything it says."""

    number: int
    session_id: UUID
    ticket: str | None
    member_id: str | None
    sighting: Sighting
    digest: bytes
    has_address: bool = True


@dataclass(frozen=True, slots=True)
class Seat:
    """An attendee of a session."""

    attendee_id: UUID
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row; rejected: it has no address. `seat` is the attendee it makes, or, of a duplicate, the one
    that is there (none: the same row waits, or was left out). The customer of a new one is only a name for nobody
    known yet.
    """

    state: RowState
    seat: Seat | None = None
    doubt: Doubt | None = None
    candidates: tuple[UUID, ...] = ()


@dataclass
class Known:
    """What was there before. `earlier`: digest → the attendee of the same row handed in before, or None for a row that
    waits or was left out. `seats` and `tickets` are by session; `homes` are customers whose card has an address.
    """

    faces: Mapping[UUID, Face] = field(default_factory=dict)
    earlier: dict[bytes, Seat | None] = field(default_factory=dict)
    seats: dict[tuple[UUID, UUID], Seat] = field(default_factory=dict)
    tickets: dict[tuple[UUID, str], Seat] = field(default_factory=dict)
    homes: set[UUID] = field(default_factory=set)


class Judge:
    """Judges rows one after the other; each verdict counts for those after it."""

    def __init__(self, known: Known, new_id: Callable[[], UUID]) -> None:
        self._known, self._new_id = known, new_id
        self._members: dict[str, UUID] = {}
        self._emails: dict[str, UUID] = {}
        self._phones: dict[tuple[str, str], UUID] = {}
        self._names: dict[UUID, set[str]] = defaultdict(set)
        for customer_id, face in known.faces.items():
            self._names[customer_id] |= face.names

    def judge(self, claim: Claim) -> Verdict:
        if claim.digest in self._known.earlier:
            return Verdict(RowState.DUPLICATE, self._known.earlier[claim.digest])
        verdict = self._identify(claim)
        if verdict.state is not RowState.REJECTED:
            self._known.earlier[claim.digest] = verdict.seat
        return verdict

    def _identify(self, claim: Claim) -> Verdict:
        by_id, others = self._find(claim)
        found = list(dict.fromkeys([*by_id, *others]))
        if len(found) > 1:
            return _doubt(Doubt.SEVERAL_MEMBERS, found)
        if found:
            # A member number with the e-mail address or telephone number beside it outweighs a name.
            if not (by_id and others) and self._has_other_name(found[0], claim.sighting.name_key):
                return _doubt(Doubt.OTHER_NAME, found)
            return self._seat(claim, found[0], RowState.MATCHED)
        if claim.sighting.look_alikes:
            return _doubt(Doubt.LOOKS_LIKE_MEMBER, claim.sighting.look_alikes)
        return self._seat(claim, None, RowState.NEW)

    def _find(self, claim: Claim) -> tuple[list[UUID], list[UUID]]:
        """Return whom the member number finds, and whom the e-mail address and the telephone number."""
        sighting, name = claim.sighting, claim.sighting.name_key
        by_id = sighting.by_id or self._members.get(claim.member_id or "")
        by_email = sighting.by_email or self._emails.get(sighting.email or "")
        by_phone = sighting.by_phone
        # A number is a household's: a name may say no to it.
        if by_phone is not None and self._has_other_name(by_phone, name):
            by_phone = None
        by_phone = by_phone or self._phones.get((sighting.phone or "", name))
        return [each for each in (by_id,) if each], [each for each in (by_email, by_phone) if each]

    def _has_other_name(self, customer_id: UUID, name: str) -> bool:
        names = self._names[customer_id]
        return bool(name and names and name not in names)

    def _seat(self, claim: Claim, customer_id: UUID | None, state: RowState) -> Verdict:
        taken = self._known.tickets.get((claim.session_id, claim.ticket)) if claim.ticket else None
        if taken is not None and taken.customer_id != customer_id:
            return _doubt(Doubt.TICKET_TAKEN, [taken.customer_id])
        if not claim.has_address and customer_id not in self._known.homes:
            return Verdict(RowState.REJECTED)
        person = customer_id or self._new_id()
        self._known.homes.add(person)
        self._note_keys(claim, person)
        there = self._known.seats.get((claim.session_id, person))
        if there is not None:
            return Verdict(RowState.DUPLICATE, there)
        seat = Seat(self._new_id(), person)
        self._known.seats[claim.session_id, person] = seat
        if claim.ticket:
            self._known.tickets[claim.session_id, claim.ticket] = seat
        return Verdict(state, seat)

    def _note_keys(self, claim: Claim, person: UUID) -> None:
        """Whoever comes after with the same keys is the same person."""
        sighting = claim.sighting
        if claim.member_id:
            self._members.setdefault(claim.member_id, person)
        if sighting.email:
            self._emails.setdefault(sighting.email, person)
        if sighting.phone:
            self._phones.setdefault((sighting.phone, sighting.name_key), person)
        if sighting.name_key:
            self._names[person].add(sighting.name_key)


def _doubt(doubt: Doubt, candidates: Collection[UUID]) -> Verdict:
    return Verdict(RowState.WAITING, None, doubt, tuple(candidates))
