"""What is cited: studies with an identifier to look them up, and what the source document says.

Every identifier was looked up; where none was found, none is given. What a study found is in our
words, and a negative result stands beside a positive one.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Result = Literal["for", "against", "unclear", "practice", "safety"]


class Citation(NamedTuple):
    """A publication, and what it found."""

    author: str
    """The first author, or the journal where the author is not known to us."""
    year: int
    found: str
    """What it did and found, in a sentence or two."""
    result: Result
    """What it says of the treatment. “practice” found nothing out; “safety” is about dangers."""
    pmid: str = ""
    pmc: str = ""
    doi: str = ""
    address: str = ""
    """Where it can be read, if it has no other identifier."""

    @property
    def name(self) -> str:
        """“Savoia 2013”."""
        return f"{self.author} {self.year}"

    @property
    def identifiers(self) -> str:
        """“PMID 23888258 · doi 10.1007/s13555-012-0018-2”."""
        known = (("PMID ", self.pmid), ("", self.pmc), ("doi ", self.doi), ("", self.address))
        return " · ".join(kind + text for kind, text in known if text)


# ---------------------------------------------------------------- skin of the face

SAVOIA = Citation(
    "Savoia",
    2013,
    "4 sessions, 15 days apart, in 50 people: better skin after two months. Nobody was left "
    "untreated to compare with.",
    "for",
    pmid="23888258",
    doi="10.1007/s13555-012-0018-2",
)
KNOLL = Citation(
    "Knoll",
    2017,
    "German Society for Mesotherapy: at least 3 sessions, 2 weeks apart, for a tired face.",
    "practice",
    address="www.mesotherapie.org/ein-verfahren-sieben-optionen",
)
AMIN = Citation(
    "Amin",
    2006,
    "4 monthly sessions in 10 people: no significant change.",
    "against",
    doi="10.1111/j.1524-4725.2006.32353.x",
)
CRANIOFACIAL = Citation(
    "J Craniofac Surg",
    2021,
    "Review: it can't be recommended for routine skin rejuvenation until there is more data.",
    "against",
    pmid="34516073",
    doi="10.1097/SCS.0000000000007557",
)
JEWDS = Citation(
    "J Egypt Women's Dermatol Soc",
    2015,
    "6 sessions, 2 weeks apart, in 10 people: fewer fine lines. Nobody was left untreated to "
    "compare with.",
    "for",
    address="insights.ovid.com/jewds/201501000/01287624-201501000-00009",
)
EL_DOMYATI = Citation(
    "El-Domyati",
    2012,
    "The same schedule around the eyes, in 6 people: no significant difference.",
    "against",
    doi="10.1111/j.1365-4632.2011.05184.x",
)
KHALILI = Citation(
    "Khalili",
    2022,
    "Review of 33 articles on melasma: a possible choice where others fail. The best interval is "
    "not known.",
    "unclear",
    doi="10.1111/jocd.14644",
)

# ---------------------------------------------------------------- hair

GAJJAR = Citation(
    "Gajjar",
    2019,
    "Randomised trial, 49 men, 8 sessions: no significant improvement over minoxidil.",
    "against",
    pmid="31007474",
    pmc="PMC6463458",
    doi="10.4103/ijt.ijt_89_18",
)
MOFTAH = Citation(
    "Moftah",
    2013,
    "126 women, 12 sessions of dutasteride, weekly and later fortnightly: better than salt water.",
    "for",
    pmid="22486925",
    doi="10.1111/j.1468-3083.2012.04535.x",
)
GUPTA = Citation(
    "Gupta",
    2023,
    "Systematic review of 27 articles: several report more hair. There is no standard schedule.",
    "unclear",
    pmid="37558233",
    doi="10.1080/09546634.2023.2245084",
)

# ---------------------------------------------------------------- body

SYLWIA = Citation(
    "Sylwia",
    2017,
    "21 women: less cellulite on ultrasound. Nobody was left untreated to compare with.",
    "for",
    pmid="28590783",
    doi="10.1080/14764172.2017.1334927",
)
PARK = Citation(
    "Park",
    2008,
    "20 women, one thigh treated weekly for 12 weeks, measured by CT: not an effective alternative "
    "for body contouring.",
    "against",
    pmid="18349597",
    doi="10.1097/01.prs.0000304611.71480.0a",
)
SALTI = Citation(
    "Salti",
    2008,
    "Injection lipolysis, a different procedure, was studied with 8 weeks between sessions.",
    "safety",
    pmid="18053049",
    doi="10.1111/j.1524-4725.2007.34009.x",
)
THOMAS = Citation(
    "Thomas",
    2018,
    "Injection lipolysis, a different procedure, was given with 4 weeks between sessions.",
    "safety",
    pmid="30886477",
    pmc="PMC6371720",
    doi="10.4103/JCAS.JCAS_117_18",
)

# ---------------------------------------------------------------- safety, whatever is treated

INFECTIONS = Citation(
    "Int J Dermatol",
    2007,
    "15 infections after mesotherapy: they appeared 1 to 12 weeks later, mostly as lumps and "
    "abscesses.",
    "safety",
    pmid="17550571",
)
SINGSING = Citation(
    "Singsing",
    2022,
    "Review of 423 patients with infections: sores in one place, mostly without general symptoms. "
    "Healing took weeks, often with scars.",
    "safety",
    address="Int J Womens Dermatol 2022, number 4, e059",
)
SAFETY = (INFECTIONS, SINGSING)

# ---------------------------------------------------------------- what the source document says

SOURCE = "Mesotherapy Procedure Description (MyMediTravel)"

WHAT_IT_IS = (
    "Very fine needles inject vitamins, enzymes, hormones or plant extracts into the middle layer "
    "of the skin. That is believed to act on inflammation and circulation."
)
SIDE_EFFECTS = (
    *("pain", "nausea", "sensitivity", "bumps", "swelling", "bruising"),
    *("itching", "dark patches", "redness", "rash", "scars", "infection"),
)
SUBSTANCES = (
    "vitamins",
    "minerals",
    "enzymes (hyaluronidase, collagenase)",
    "herbal extracts",
    "hormones (thyroxin, calcitonin)",
    "prescription medicines (antibiotics, vasodilators)",
)
OF_FAT_AND_CELLULITE = "lecithin and isoproterenol"
"""What the source names besides, for cellulite and for fat."""

NO_ALTERNATIVE = "The source names none; ask the practitioner."
ASK_FIRST = "Ask about allergies and medicines first."
EVIDENCE = "The evidence for mesotherapy is thin, and there is no standard formula."
DECIDES = (
    "A licensed practitioner with experience decides whether, with what and how often to treat."
)
KEEPING = "Regular exercise, a balanced diet and little alcohol help to keep a result."
CALL = "Infections can appear weeks later. If anything gets worse, call the clinic the same day."
