"""Italian, with “lei”."""

from __future__ import annotations

from mesoplan.wording.languages.words import PageWords, Words

WORDS = Words(
    reviewed=None,
    sources=(
        "stefaniamiglietta.it, “Filler: informazioni per il paziente”, read 2026-11-29",
        "cri.it, “Allergie e anafilassi”, read 2026-11-29",
    ),
    months=(
        *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto"),
        *("settembre", "ottobre", "novembre", "dicembre"),
    ),
    short_months=(
        *("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"),
    ),
    weekdays=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    short_weekdays=("lun", "mar", "mer", "gio", "ven", "sab", "dom"),
    whole_day="{weekday} {day} {month} {year}",
    day_of_year="{short_weekday} {day} {short_month}",
    month_of_year="{month} {year}",
    first_weekday=0,
    singular=(1,),
    one_minute="{number} minuto",
    minutes="{number} minuti",
    between=" ",
    comma=", ",
    in_brackets=" ({treated})",
    mesotherapy="Mesoterapia",
    mesotherapy_top_up="Mesoterapia di mantenimento",
    appointment="Appuntamento",
    follow_up="Appuntamento di controllo",
    session="Seduta",
    top_up="Seduta di mantenimento",
    cancelled_title="Annullato: ",
    goals={
        "rejuvenation": "ringiovanimento",
        "wrinkles": "rughe",
        "pigmentation": "macchie",
        "hair": "capelli",
        "cellulite": "cellulite",
        "contouring": "rimodellamento",
        "fat": "grasso",
    },
    areas={
        "face": "viso",
        "neck": "collo",
        "chest": "décolleté",
        "hands": "mani",
        "scalp": "cuoio capelluto",
        "thighs": "cosce",
        "buttocks": "glutei",
        "hips": "fianchi",
        "stomach": "addome",
        "arms": "braccia",
        "legs": "gambe",
    },
    your_clinic="il suo studio",
    with_phone="{clinic}, {phone},",
    call_number="Chiami il {phone}.",
    call_clinic="Per favore, chiami il suo studio.",
    call_us="Per favore, ci chiami.",
    alarm="{title}, {when}{place}. Non può venire? {call}",
    contact="Non può venire o le serve un altro giorno? Chiami {whom} il prima possibile.",
    held="Questa data è riservata a lei, ma non è ancora definitiva.",
    held_call="Per favore, chiami per confermarla o per scegliere un altro giorno.",
    which="{what} {number} di {total}{treated}, circa {minutes}.",
    trip="Il suo viaggio: l’ultima seduta indica da quando può tornare a casa.",
    trip_tickets="Le date possono ancora cambiare: prenoti biglietti modificabili.",
    before=(
        "Prima: ci dica se è cambiato qualcosa nella sua salute, nei farmaci che prende o nelle "
        "sue allergie."
    ),
    before_cream="Potremmo applicarle una crema anestetica.",
    treatment="Il trattamento: una serie di iniezioni con un ago molto sottile.",
    treatment_feels="Può dare fastidio, ma di solito non fa male.",
    after="Dopo: qualche livido e un po’ di gonfiore sono comuni e di solito passano entro un "
    "giorno;",
    after_bruise="un livido può restare visibile più a lungo.",
    after_work="Molte persone lavorano il giorno stesso, alcune si prendono un giorno libero.",
    after_care="Segua le indicazioni che ha ricevuto per il dopo seduta.",
    call=(
        "Chiami il giorno stesso se il dolore, l’arrossamento o il gonfiore peggiorano, oppure "
        "se ha un’eruzione cutanea o la febbre."
    ),
    call_later="Chiami anche se compare un nodulo o una piaga, persino settimane dopo.",
    emergency="Difficoltà a respirare o viso gonfio: chiami subito il numero di emergenza.",
    travel="È in viaggio? Dopo una seduta aspetti almeno un giorno prima di tornare a casa.",
    home="Può tornare a casa a partire da {home}.",
    keep=(
        "Per mantenere il risultato: faccia attività fisica regolare, mangi in modo equilibrato "
        "e beva poco alcol."
    ),
    advice="È un aiuto per organizzarsi, non un parere medico.",
    cancelled="Questo appuntamento {stands}.",
    is_cancelled="è annullato",
    no_longer_stands="non è più valido",
    cancelled_come=(
        "Per favore, non venga a quest’ora, a meno che il suo calendario non indichi un altro "
        "appuntamento alla stessa ora."
    ),
    cancelled_questions="Domande? {call}",
    private_contact="Non può venire o le serve un altro giorno? {call}",
    private_which="Durata: circa {minutes}.",
    private_trip="Il suo viaggio: l’ultimo appuntamento indica da quando può tornare a casa.",
    private_after="Dopo, di solito, può proseguire la sua giornata;",
    private_after_off="alcune persone si prendono il giorno libero.",
    private_call=(
        "Se dopo non si sente bene, o se qualcosa peggiora invece di migliorare, chiami il "
        "giorno stesso, anche settimane dopo."
    ),
    private_emergency="In caso di emergenza, chiami il numero di emergenza locale.",
    private_advice=(
        "Se questo è diverso da quanto le abbiamo detto di persona, ci chiami, per favore."
    ),
    gives_away=(
        *("calvizi", "antirug", "cellulit", "ringiovan", "iniezion", "adipos", "estetic"),
        *("rimodell", "ialuron", "tricolog", "dimagr", "dei capell", "cuoio capell"),
        *("tossina botul",),
    ),
    suggests=("capelli", "rughe", "bellezza", "pelle"),
    page=PageWords(
        narrow_weekdays=("lu", "ma", "me", "gi", "ve", "sa", "do"),
        full_day="{weekday} {day} {month} {year}",
        title="Le sue sedute di mesoterapia",
        title_private="I suoi appuntamenti",
        sessions="Sedute",
        appointments="Appuntamenti",
        top_ups="Sedute di mantenimento",
        follow_ups="Appuntamenti di controllo",
        number="N.",
        when="Giorno",
        time="Ora",
        status="Stato",
        each="circa {minutes} ogni volta",
        done="ha avuto luogo",
        cancelled="non si terrà",
        held=(
            "Queste date sono riservate a lei, ma non sono ancora definitive. Chiami per "
            "confermare."
        ),
        to_come="in programma",
        held_for_you="riservato a lei",
        about=(
            "Con aghi molto sottili si iniettano vitamine, enzimi, ormoni o estratti di piante "
            "nello strato medio della pelle."
        ),
        side_effects=(
            "Possibili effetti indesiderati: dolore, nausea, sensibilità, noduli, gonfiore, "
            "lividi, prurito, macchie scure, arrossamento, eruzione cutanea, cicatrici e "
            "infezione."
        ),
        evidence=(
            "Chieda a un professionista abilitato e con esperienza: le prove di efficacia sono "
            "ancora poche."
        ),
        printed="Stampato: {day}",
        revision="versione {revision}",
        replaces="sostituisce la pagina di {day}",
        message_from="{clinic}: i suoi appuntamenti",
        message="I suoi appuntamenti",
        changed="Alcune date sono cambiate:",
        anew="Le sue date attuali; alcune potrebbero essere cambiate:",
        new="nuovo: {when}",
        gone="annullato: {when}",
        dates="Tutte le sue date:",
        held_dates="Riservati a lei, chiami per confermare:",
        scan="Le sue date sul telefono:",
        subscribe="Metta queste date nel suo calendario:",
        updates="Le modifiche arrivano poi da sole, a volte un giorno dopo.",
        computer="Per Google e Outlook, apra questa pagina su un computer.",
        download="Scarica una volta",
        only_you="Questa pagina è solo per lei: chi ha il link può vedere le sue date.",
    ),
)
