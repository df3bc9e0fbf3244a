"""German, with “Sie”."""

from __future__ import annotations

from mesoplan.wording.languages.words import PageWords, Words

WORDS = Words(
    reviewed=None,
    sources=(
        "ortho-gilching.de, “Patienteninfos: Spritze”, read 2026-11-29",
        "Guideline on anaphylaxis, messages for patients, 2021, PMC8560215, read 2026-11-29",
    ),
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September"),
        *("Oktober", "November", "Dezember"),
    ),
    short_months=(
        *("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov."),
        *("Dez.",),
    ),
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    short_weekdays=("Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa.", "So."),
    whole_day="{weekday}, {day}. {month} {year}",
    day_of_year="{short_weekday}, {day}. {short_month}",
    month_of_year="{month} {year}",
    first_weekday=0,
    singular=(1,),
    one_minute="{number} Minute",
    minutes="{number} Minuten",
    between=" ",
    comma=", ",
    in_brackets=" ({treated})",
    mesotherapy="Mesotherapie",
    mesotherapy_top_up="Mesotherapie-Auffrischung",
    appointment="Termin",
    follow_up="Folgetermin",
    session="Sitzung",
    top_up="Auffrischung",
    cancelled_title="Abgesagt: ",
    goals={
        "rejuvenation": "Hautverjüngung",
        "wrinkles": "Falten",
        "pigmentation": "Pigmentflecken",
        "hair": "Haare",
        "cellulite": "Cellulite",
        "contouring": "Körperformung",
        "fat": "Fettpolster",
    },
    areas={
        "face": "Gesicht",
        "neck": "Hals",
        "chest": "Dekolleté",
        "hands": "Hände",
        "scalp": "Kopfhaut",
        "thighs": "Oberschenkel",
        "buttocks": "Gesäß",
        "hips": "Hüften",
        "stomach": "Bauch",
        "arms": "Arme",
        "legs": "Beine",
    },
    your_clinic="Ihre Praxis",
    with_phone="{clinic}, {phone},",
    call_number="Rufen Sie an: {phone}.",
    call_clinic="Bitte rufen Sie Ihre Praxis an.",
    call_us="Bitte rufen Sie uns an.",
    alarm="{title}, {when}{place}. Sie können nicht kommen? {call}",
    contact="Sie können nicht kommen oder brauchen einen anderen Tag? Rufen Sie {whom} bitte so "
    "früh wie möglich an.",
    held="Dieser Termin ist für Sie vorgemerkt, aber noch nicht fest.",
    held_call="Bitte rufen Sie an, um ihn zu bestätigen oder einen anderen Tag zu wählen.",
    which="{what} {number} von {total}{treated}, etwa {minutes}.",
    trip="Ihre Reise: Bei Ihrer letzten Sitzung steht, ab wann Sie nach Hause reisen können.",
    trip_tickets="Termine können sich noch ändern: Buchen Sie Tickets, die sich umbuchen lassen.",
    before=(
        "Vorher: Sagen Sie uns, wenn sich bei Ihrer Gesundheit, Ihren Medikamenten oder Ihren "
        "Allergien etwas geändert hat."
    ),
    before_cream="Vielleicht bekommen Sie eine betäubende Creme.",
    treatment="Die Behandlung: viele kleine Injektionen mit einer sehr feinen Nadel.",
    treatment_feels="Das kann unangenehm sein, tut aber meist nicht weh.",
    after="Danach: Leichte Blutergüsse und Schwellungen sind häufig und gehen meist innerhalb "
    "eines Tages zurück;",
    after_bruise="ein blauer Fleck kann länger zu sehen sein.",
    after_work="Viele arbeiten noch am selben Tag, manche nehmen sich einen Tag frei.",
    after_care="Halten Sie sich an das, was man Ihnen für die Zeit danach geraten hat.",
    call=(
        "Rufen Sie noch am selben Tag an, wenn Schmerzen, Rötung oder Schwellung zunehmen oder "
        "wenn Sie Ausschlag oder Fieber bekommen."
    ),
    call_later=(
        "Rufen Sie auch an, wenn ein Knoten oder eine wunde Stelle entsteht, auch noch Wochen "
        "später."
    ),
    emergency="Atemnot oder geschwollenes Gesicht: Wählen Sie sofort den Notruf.",
    travel="Sie reisen? Warten Sie nach einer Sitzung mindestens einen Tag, bevor Sie nach "
    "Hause reisen.",
    home="Ab {home} können Sie nach Hause reisen.",
    keep=(
        "Damit das Ergebnis bleibt: Bewegen Sie sich regelmäßig, essen Sie ausgewogen und "
        "trinken Sie wenig Alkohol."
    ),
    advice="Dies hilft beim Planen und ist kein ärztlicher Rat.",
    cancelled="Dieser Termin {stands}.",
    is_cancelled="ist abgesagt",
    no_longer_stands="gilt nicht mehr",
    cancelled_come=(
        "Bitte kommen Sie zu dieser Zeit nicht, außer Ihr Kalender zeigt dann einen anderen Termin."
    ),
    cancelled_questions="Fragen? {call}",
    private_contact="Sie können nicht kommen oder brauchen einen anderen Tag? {call}",
    private_which="Dauer: etwa {minutes}.",
    private_trip="Ihre Reise: Bei Ihrem letzten Termin steht, ab wann Sie nach Hause reisen "
    "können.",
    private_after="Danach können Sie Ihren Tag meist wie gewohnt fortsetzen;",
    private_after_off="manche nehmen sich den Tag frei.",
    private_call=(
        "Wenn es Ihnen danach schlecht geht oder etwas schlimmer wird, rufen Sie noch am selben "
        "Tag an, auch Wochen später."
    ),
    private_emergency="Im Notfall wählen Sie den örtlichen Notruf.",
    private_advice="Wenn dies von dem abweicht, was wir Ihnen persönlich gesagt haben, rufen "
    "Sie bitte an.",
    gives_away=(
        *("haarausf", "haarwuch", "haarkl", "haarz", "haarp", "haartr", "haarspr", "zellulit"),
        *("verjung", "injekt", "unterspritz", "fettweg", "fettpolster", "fettred", "fettabs"),
        *("fettent", "asthet", "kopfhaut", "hautarzt", "hautkl", "hautpr"),
    ),
    suggests=("haare", "glatze", "falten", "spritze", "schonheit"),
    page=PageWords(
        narrow_weekdays=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
        full_day="{weekday}, {day}. {month} {year}",
        title="Ihre Mesotherapie-Sitzungen",
        title_private="Ihre Termine",
        sessions="Sitzungen",
        appointments="Termine",
        top_ups="Auffrischungen",
        follow_ups="Folgetermine",
        number="Nr.",
        when="Tag",
        time="Uhrzeit",
        status="Stand",
        each="jeweils etwa {minutes}",
        done="erledigt",
        cancelled="abgesagt",
        held=("Für Sie vorgemerkt, aber noch nicht fest. Bitte rufen Sie zur Bestätigung an."),
        to_come="steht noch an",
        held_for_you="für Sie vorgemerkt",
        about=(
            "Mit sehr feinen Nadeln werden Vitamine, Enzyme, Hormone oder Pflanzenauszüge in "
            "die mittlere Hautschicht gespritzt."
        ),
        side_effects=(
            "Mögliche Nebenwirkungen: Schmerzen, Übelkeit, Empfindlichkeit, Knötchen, "
            "Schwellung, Blutergüsse, Juckreiz, dunkle Flecken, Rötung, Ausschlag, Narben und "
            "Infektion."
        ),
        evidence=(
            "Fragen Sie eine zugelassene Fachkraft mit Erfahrung: Die Wirkung ist bisher wenig "
            "belegt."
        ),
        printed="Gedruckt am {day}",
        revision="Fassung {revision}",
        replaces="ersetzt das Blatt vom {day}",
        message_from="{clinic}: Ihre Termine",
        message="Ihre Termine",
        changed="Einige Termine haben sich geändert:",
        anew="Ihre aktuellen Termine; einige können sich geändert haben:",
        new="neu: {when}",
        gone="abgesagt: {when}",
        dates="Alle Ihre Termine:",
        held_dates="Für Sie vorgemerkt, bitte rufen Sie zur Bestätigung an:",
        scan="Ihre Termine auf dem Handy:",
        subscribe="Übernehmen Sie diese Termine in Ihren Kalender:",
        updates="Spätere Änderungen kommen dann von selbst, manchmal einen Tag später.",
        computer="Für Google und Outlook öffnen Sie diese Seite an einem Computer.",
        download="Einmal herunterladen",
        only_you="Diese Seite ist nur für Sie: Wer den Link hat, kann Ihre Termine sehen.",
    ),
)
