"""French, with “vous”."""

from __future__ import annotations

from mesoplan.wording.languages.words import PageWords, Words

WORDS = Words(
    reviewed=None,
    sources=(
        "CHU de Rennes, “Les infiltrations”, 2014-04, read 2026-11-29",
        "allergolys.fr/urgences, “Urgences allergiques”, read 2026-11-29",
    ),
    months=(
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre"),
        *("octobre", "novembre", "décembre"),
    ),
    short_months=(
        *("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct."),
        *("nov.", "déc."),
    ),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    short_weekdays=("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
    whole_day="{weekday} {day} {month} {year}",
    day_of_year="{short_weekday} {day} {short_month}",
    month_of_year="{month} {year}",
    first_weekday=0,
    singular=(0, 1),
    one_minute="{number} minute",
    minutes="{number} minutes",
    between=" ",
    comma=", ",
    in_brackets=" ({treated})",
    mesotherapy="Mésothérapie",
    mesotherapy_top_up="Mésothérapie d’entretien",
    appointment="Rendez-vous",
    follow_up="Rendez-vous de suivi",
    session="Séance",
    top_up="Séance d’entretien",
    cancelled_title="Annulé\u00a0: ",
    goals={
        "rejuvenation": "rajeunissement",
        "wrinkles": "rides",
        "pigmentation": "taches brunes",
        "hair": "cheveux",
        "cellulite": "cellulite",
        "contouring": "silhouette",
        "fat": "graisse",
    },
    areas={
        "face": "visage",
        "neck": "cou",
        "chest": "décolleté",
        "hands": "mains",
        "scalp": "cuir chevelu",
        "thighs": "cuisses",
        "buttocks": "fesses",
        "hips": "hanches",
        "stomach": "ventre",
        "arms": "bras",
        "legs": "jambes",
    },
    your_clinic="votre cabinet",
    with_phone="{clinic}, {phone},",
    call_number="Appelez le {phone}.",
    call_clinic="Merci d’appeler votre cabinet.",
    call_us="Merci de nous appeler.",
    alarm="{title}, {when}{place}. Un empêchement\u00a0? {call}",
    contact="Un empêchement, ou besoin d’un autre jour\u00a0? Appelez {whom} dès que possible.",
    held="Cette date vous est réservée, mais elle n’est pas encore définitive.",
    held_call="Merci d’appeler pour la confirmer ou pour choisir un autre jour.",
    which="{what} {number} sur {total}{treated}, environ {minutes}.",
    trip="Votre voyage\u00a0: votre dernière séance indique à partir de quand vous pouvez "
    "rentrer chez vous.",
    trip_tickets="Les dates peuvent encore changer\u00a0: prenez des billets modifiables.",
    before="Avant\u00a0: dites-nous si votre santé, vos médicaments ou vos allergies ont changé.",
    before_cream="On vous appliquera peut-être une crème anesthésiante.",
    treatment="Le traitement\u00a0: une série d’injections avec une aiguille très fine.",
    treatment_feels="Cela peut être désagréable, mais ce n’est en général pas douloureux.",
    after="Après\u00a0: quelques bleus et un léger gonflement sont fréquents et passent en "
    "général en un jour\u00a0;",
    after_bruise="un bleu peut se voir plus longtemps.",
    after_work="Beaucoup de personnes travaillent le jour même, d’autres prennent un jour de "
    "repos.",
    after_care="Suivez les conseils que votre praticien vous a donnés pour la suite.",
    call=(
        "Appelez le jour même si douleur, rougeur ou gonflement s’aggravent, ou en cas "
        "d’éruption cutanée ou de fièvre."
    ),
    call_later="Appelez aussi si une boule ou une plaie apparaît, même plusieurs semaines après.",
    emergency="Difficulté à respirer ou visage gonflé\u00a0: appelez tout de suite le numéro "
    "d’urgence.",
    travel="Vous voyagez\u00a0? Attendez au moins un jour après une séance avant de rentrer "
    "chez vous.",
    home="Vous pouvez rentrer chez vous à partir du {home}.",
    keep=(
        "Pour garder le résultat\u00a0: faites régulièrement de l’exercice, mangez équilibré et "
        "buvez peu d’alcool."
    ),
    advice="Une aide pour vous organiser, pas un avis médical.",
    cancelled="Ce rendez-vous {stands}.",
    is_cancelled="est annulé",
    no_longer_stands="n’a plus lieu",
    cancelled_come=(
        "Merci de ne pas venir à cette heure-là, sauf si votre calendrier indique un autre "
        "rendez-vous au même moment."
    ),
    cancelled_questions="Des questions\u00a0? {call}",
    private_contact="Un empêchement, ou besoin d’un autre jour\u00a0? {call}",
    private_which="Durée\u00a0: environ {minutes}.",
    private_trip="Votre voyage\u00a0: votre dernier rendez-vous indique à partir de quand vous "
    "pouvez rentrer chez vous.",
    private_after="Ensuite, vous pouvez en général poursuivre votre journée\u00a0;",
    private_after_off="certaines personnes prennent un jour de repos.",
    private_call=(
        "Si vous vous sentez mal ou si quelque chose empire ensuite, appelez le jour même, y "
        "compris plusieurs semaines après."
    ),
    private_emergency="En cas d’urgence, appelez le numéro d’urgence local.",
    private_advice="Si ceci diffère de ce que nous vous avons dit de vive voix, merci d’appeler.",
    gives_away=(
        *("capill", "calvit", "rajeuni", "antirid", "comblement", "amincis", "minceur"),
        *("tricho", "cuir chevel", "du cheveu", "taches brun", "medecine esth"),
    ),
    suggests=("cheveu", "chevelu", "graisse", "beaute", "peau", "piqure"),
    page=PageWords(
        narrow_weekdays=("lu", "ma", "me", "je", "ve", "sa", "di"),
        full_day="{weekday} {day} {month} {year}",
        title="Vos séances de mésothérapie",
        title_private="Vos rendez-vous",
        sessions="Séances",
        appointments="Rendez-vous",
        top_ups="Séances d’entretien",
        follow_ups="Rendez-vous de suivi",
        number="N°",
        when="Jour",
        time="Heure",
        status="État",
        each="environ {minutes} à chaque fois",
        done="a eu lieu",
        cancelled="n’a pas lieu",
        held=(
            "Ces dates vous sont réservées, mais pas encore définitives. Merci d’appeler pour "
            "confirmer."
        ),
        to_come="à venir",
        held_for_you="réservé pour vous",
        about=(
            "De très fines aiguilles déposent vitamines, enzymes, hormones ou extraits de "
            "plantes dans la couche moyenne de la peau."
        ),
        side_effects=(
            "Effets indésirables possibles\u00a0: douleur, nausées, sensibilité, bosses, "
            "gonflement, bleus, démangeaisons, taches brunes, rougeur, éruption cutanée, "
            "cicatrices et infection."
        ),
        evidence=(
            "Demandez conseil à un praticien habilité et expérimenté\u00a0: l’efficacité est "
            "encore peu démontrée."
        ),
        printed="Imprimé le {day}",
        revision="version {revision}",
        replaces="remplace la page du {day}",
        message_from="{clinic}\u00a0: vos rendez-vous",
        message="Vos rendez-vous",
        changed="Des dates ont changé\u00a0:",
        anew="Vos dates à ce jour\u00a0; certaines ont pu changer\u00a0:",
        new="nouveau\u00a0: {when}",
        gone="annulé\u00a0: {when}",
        dates="Toutes vos dates\u00a0:",
        held_dates="Réservé pour vous, merci d’appeler pour confirmer\u00a0:",
        scan="Vos dates sur votre téléphone\u00a0:",
        subscribe="Mettez ces dates dans votre agenda\u00a0:",
        updates="Les changements y arrivent ensuite tout seuls, parfois un jour plus tard.",
        computer="Pour Google et Outlook, ouvrez cette page sur un ordinateur.",
        download="Télécharger une fois",
        only_you=(
            "Cette page est pour vous seul(e)\u00a0: toute personne qui a son lien peut voir "
            "vos dates."
        ),
    ),
)
