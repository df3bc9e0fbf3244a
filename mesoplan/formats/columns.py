"""What the columns of a table of appointments are called, and what a status in them means.

In the languages of patients: English, French, Spanish, German, Italian, Portuguese, Thai, Japanese.
A word that is not here is not guessed at.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import InvalidInput, UnknownName, quoted
from mesoplan.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def folded(text: str) -> str:
    """What all spellings of a word have in common: “No-Show ”, “no show”, “noshow”."""
    bare = text.strip().casefold()
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", bare))) or bare


_NAMES = {
    "date": """
        date, day, session date, appointment date, start date, when, start, begin, appointment,
        session, visit, datum, termin, fecha, cita, data, jour, rendez-vous, rdv, appuntamento,
        consulta, visit date, booking date, วันที่, วันนัด, 日付, 日時, 予約日, 来院日
    """,
    "time": """
        time, start time, clock, hour, uhrzeit, zeit, hora, heure, ora, orario, horário, เวลา,
        時間, 時刻
    """,
    "patient": """
        plan, course, patient, patient name, patient id, client, client name, client id,
        customer, patiente, patientin, kunde, kundin, cliente, paciente, paziente, ผู้ป่วย, คนไข้,
        ลูกค้า, 患者, 患者名, お客様, name, full name, nom, nombre, nome, ชื่อ, 氏名, お名前, id
    """,
    "status": """
        status, state, attendance, outcome, statut, état, présence, estado, asistencia,
        zustand, anwesenheit, stato, presenza, situação, presença, สถานะ, ステータス, 状態,
        来院状況, 予約状況
    """,
    "kind": "kind",
}
"""By what is looked for; where several are there, the first of these counts."""
ROLES = tuple(_NAMES)
_UNSURE = "name, full name, nom, nombre, nome, ชื่อ, 氏名, お名前, id"
"""Columns that distinguish patients only if a value comes twice: else they name the rows."""

_COUNT = """
attended, attend, arrived, present, fulfilled, completed, complete, done, finished, took place,
seen, showed, showed up, kept, checked in, checked out, in progress, booked, scheduled, planned,
confirmed, accepted, reserved, pending, proposed, tentative, upcoming, to come, not recorded,
venu, venue, présent, présente, honoré, effectué, effectuée, réalisé, réalisée, fait, faite,
terminé, terminée, arrivé, arrivée, réservé, confirmé, confirmée, planifié, prévu, prévue,
programmé, à venir,
asistió, atendido, atendida, presente, realizado, realizada, completado, completada, hecho,
hecha, llegó, confirmado, confirmada, reservado, reservada, programado, programada, agendado,
agendada, planificado, planificada, pendiente,
erschienen, anwesend, wahrgenommen, stattgefunden, gekommen, erledigt, durchgeführt,
abgeschlossen, eingetroffen, gebucht, geplant, bestätigt, vereinbart, reserviert, vorgemerkt,
presentato, presentata, effettuato, effettuata, eseguito, eseguita, completato, completata,
svolto, svolta, arrivato, arrivata, fatto, fatta, prenotato, prenotata, confermato, confermata,
pianificato, programmato, programmata,
compareceu, concluído, concluída, feito, feita, finalizado, finalizada, chegou, marcado, marcada,
planejado, planeado, pendente,
มา, มาแล้ว, มาตามนัด, เสร็จสิ้น, เสร็จแล้ว, สำเร็จ, นัดแล้ว, จอง, จองแล้ว, ยืนยัน, ยืนยันแล้ว,
来院, 来院済み, 来院済, 来店, 来店済み, 出席, 実施済み, 実施済, 完了, 済み, 済, 予約, 予約済み,
予約済, 確定, 予定
"""
_DO_NOT_COUNT = """
missed, cancelled, canceled, cancel, no show, not shown, did not show, did not attend,
didn't attend, not attended, failed to attend, dna, fta, absent, was not brought, declined,
rejected, void, deleted, entered in error, late cancellation, late cancel, cancelled late,
cancelled by patient, cancelled by clinic, patient cancelled, clinic cancelled,
did not take place, not done,
absente, annulé, annulée, manqué, manquée, non venu, non venue, pas venu, pas venue, non honoré,
non présenté, non présentée, ne s'est pas présenté, excusé, excusée,
no asistió, no acudió, no se presentó, no presentado, inasistencia, ausente, cancelado,
cancelada, anulado, anulada, perdido, perdida, faltó,
nicht erschienen, nicht gekommen, nicht wahrgenommen, nicht stattgefunden, abwesend, abgesagt,
storniert, versäumt, verpasst, ausgefallen, gefehlt, unentschuldigt, entschuldigt,
assente, non presentato, non presentata, non si è presentato, non si è presentata, annullato,
annullata, cancellato, cancellata, disdetto, disdetta, saltato, saltata, mancato, mancata,
não compareceu, faltou, falta, desmarcado, desmarcada, não realizado, não realizada,
ไม่มา, ไม่มาตามนัด, ผิดนัด, ขาดนัด, ยกเลิก, ยกเลิกแล้ว, พลาดนัด,
キャンセル, 当日キャンセル, 無断キャンセル, 取消, 取り消し, 欠席, 不来院, 来院なし, 中止
"""
_ANSWERING = """
attended, present, arrived, showed up, took place, seen, done, completed, venu, venue, présent,
erschienen, anwesend, asistió, presente, compareceu, มา, 来院
"""
"""Names of columns that ask whether it took place; so do those that do not count, the other way."""
_YES = "yes, y, x, true, 1, oui, sí, ja, sim, si, ใช่, はい"
_NO = "no, n, false, 0, non, nein, não, ไม่ใช่, いいえ"


def _all(words: str) -> list[str]:
    return [folded(word) for word in words.split(",")]


_COUNTS = dict.fromkeys(_all(_COUNT), True) | dict.fromkeys(_all(_DO_NOT_COUNT), False)
_ASKED = dict.fromkeys(_all(_ANSWERING), True) | dict.fromkeys(_all(_DO_NOT_COUNT), False)
_ANSWERS = dict.fromkeys(_all(_YES), True) | dict.fromkeys(_all(_NO), False)


class TableWords(NamedTuple):
    """What the user said about the words of a table."""

    columns: Mapping[str, str] = {}
    """What the column for a role is called; “none” for none."""
    statuses: Mapping[str, bool] = {}
    """Whether a row counts whose status is that word, as `folded` makes it."""


NOTHING_SAID = TableWords()


def require_nothing_said(said: TableWords) -> None:
    """Raise InvalidInput if something is said about a table, but there is no table."""
    if said != NOTHING_SAID:
        raise InvalidInput(
            "--column and --status are for a table, but this is not one", "leave them out"
        )


def read_said(columns: Sequence[str], statuses: Sequence[str]) -> TableWords:
    """What was typed: ROLE=NAME for each column, WORD=STATUS for each status.

    Raises InvalidInput.
    """
    named, meant = {}, {}
    for text in columns:
        role, equals, name = text.partition("=")
        if not (equals and name.strip()):
            raise InvalidInput(
                f"column: {quoted(text)} does not name a column", "write it as status=NAME"
            )
        if role.strip() not in ROLES:
            raise UnknownName("role of a column", role.strip(), ROLES)
        named[role.strip()] = name.strip()
    for text in statuses:
        word, equals, status = text.rpartition("=")
        if not (equals and folded(word)):
            raise InvalidInput(
                f"status: {quoted(text)} does not name a status", "write it as WORD=missed"
            )
        if status.strip() not in tuple(Status):
            raise UnknownName("status", status.strip(), tuple(Status))
        meant[folded(word)] = status.strip() in (Status.PLANNED, Status.ATTENDED)
    return TableWords(named, meant)


def is_date_name(name: str) -> bool:
    """Whether a column of that name has dates."""
    return folded(name) in _all(_NAMES["date"])


class Columns:
    """Which column of a table is what."""

    def __init__(
        self, names: Sequence[str], rows: Sequence[Callable[[int], str]], said: TableWords
    ) -> None:
        """Each of *rows* gives its cell in a place. Raises InvalidInput for what is said."""
        self.names, self._said = names, said
        self._folded = [folded(name) for name in names]
        self.places = {role: self._named(role) for role in ROLES}
        if "status" not in said.columns:
            self.places["status"] = (self.places["status"] or self._status())[:1] + [
                place
                for place, name in enumerate(self._folded)
                if name in _ASKED and any(folded(cell(place)) in _ANSWERS for cell in rows)
            ]
        if "patient" not in said.columns:
            self.places["patient"] = list(
                filter(partial(self._is_sure, rows), self.places["patient"])
            )
        if said.statuses and not self.places["status"]:
            raise InvalidInput("there is no status column", "name it: --column status=NAME")

    def place(self, role: str) -> int | None:
        """Where the column for a role is; None if there is none."""
        return next(iter(self.places[role]), None)

    def counts(self, cell: Callable[[int], str]) -> bool | str:
        """Whether a row counts, or else the word in it that is not understood."""
        counts = True
        for place in self.places["status"]:
            word = folded(cell(place))
            meaning = self._said.statuses.get(word, _COUNTS.get(word))
            if meaning is None and self._folded[place] in _ASKED and word in _ANSWERS:
                meaning = _ASKED[self._folded[place]] == _ANSWERS[word]
            if meaning is None and cell(place):
                return cell(place)
            counts = counts and meaning is not False
        return counts

    def taken(self, date: int) -> str:
        """“'when' for the date, none for the status, …”, where the date is in that place."""
        places = {**self.places, "date": [date]}
        texts = []
        for role in ("date", "time", "patient", "status"):
            # A name that nobody knows may be somebody's, where the first row is no header.
            names = [
                quoted(self.names[place].strip())
                if place in self.places[role]
                else f"column {place + 1}"
                for place in places[role][: None if role == "status" else 1]
            ]
            if names or role != "time":
                texts.append(f"{' and '.join(names) or 'none'} for the {role}")
        return ", ".join(texts)

    def _is_sure(self, rows: Sequence[Callable[[int], str]], place: int) -> bool:
        values = [cell(place) for cell in rows]
        return self._folded[place] not in _all(_UNSURE) or len({*values}) < len(values)

    def _named(self, role: str) -> list[int]:
        if (said := self._said.columns.get(role)) is not None:
            if folded(said) in self._folded:
                return [self._folded.index(folded(said))]
            if said != "none":
                listed = ", ".join(map(quoted, self.names))
                raise UnknownName("column", said, self.names, f"the columns are: {listed}")
            return []
        wanted = _all(_NAMES[role])
        return [self._folded.index(name) for name in wanted if name in self._folded]

    def _status(self) -> list[int]:
        """The first column that has a word for the status in its name: “appt state”."""
        wanted = set(_all(_NAMES["status"]))
        words = (map(folded, re.split(r"[\W_]+", name)) for name in self.names)
        return [place for place, each in enumerate(words) if wanted & set(each)][:1]
