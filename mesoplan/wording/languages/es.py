"""Spanish, with “usted”."""

from __future__ import annotations

from mesoplan.wording.languages.words import PageWords, Words

WORDS = Words(
    reviewed=None,
    sources=(
        "orthosportsdoctors.com, “Instrucciones después de una inyección”, read 2026-11-29",
        "A.D.A.M., “Hinchazón facial”, 2013, read 2026-11-29",
    ),
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre"),
        *("octubre", "noviembre", "diciembre"),
    ),
    short_months=(
        *("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"),
    ),
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    short_weekdays=("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    whole_day="{weekday}, {day} de {month} de {year}",
    day_of_year="{short_weekday}, {day} {short_month}",
    month_of_year="{month} de {year}",
    first_weekday=0,
    singular=(1,),
    one_minute="{number} minuto",
    minutes="{number} minutos",
    between=" ",
    comma=", ",
    in_brackets=" ({treated})",
    mesotherapy="Mesoterapia",
    mesotherapy_top_up="Mesoterapia de mantenimiento",
    appointment="Cita",
    follow_up="Cita de seguimiento",
    session="Sesión",
    top_up="Sesión de mantenimiento",
    cancelled_title="Cancelada: ",
    goals={
        "rejuvenation": "rejuvenecimiento",
        "wrinkles": "arrugas",
        "pigmentation": "manchas",
        "hair": "cabello",
        "cellulite": "celulitis",
        "contouring": "contorno corporal",
        "fat": "grasa",
    },
    areas={
        "face": "cara",
        "neck": "cuello",
        "chest": "escote",
        "hands": "manos",
        "scalp": "cuero cabelludo",
        "thighs": "muslos",
        "buttocks": "glúteos",
        "hips": "caderas",
        "stomach": "abdomen",
        "arms": "brazos",
        "legs": "piernas",
    },
    your_clinic="su clínica",
    with_phone="{clinic}, {phone},",
    call_number="Llame al {phone}.",
    call_clinic="Por favor, llame a su clínica.",
    call_us="Por favor, llámenos.",
    alarm="{title}, {when}{place}. ¿No puede venir? {call}",
    contact="¿No puede venir o necesita otro día? Llame a {whom} lo antes posible.",
    held="Esta fecha está reservada para usted, pero aún no es definitiva.",
    held_call="Por favor, llame para confirmarla o para elegir otro día.",
    which="{what} {number} de {total}{treated}, unos {minutes}.",
    trip="Su viaje: su última sesión indica desde cuándo puede volver a casa.",
    trip_tickets="Las fechas aún pueden cambiar: reserve billetes que se puedan cambiar.",
    before="Antes: díganos si ha cambiado algo en su salud, sus medicamentos o sus alergias.",
    before_cream="Puede que le apliquen una crema anestésica.",
    treatment="El tratamiento: una serie de inyecciones con una aguja muy fina.",
    treatment_feels="Puede resultar molesto, pero normalmente no duele.",
    after="Después: es habitual tener algún moretón y algo de hinchazón, que suelen pasar en un "
    "día;",
    after_bruise="un moretón puede verse más tiempo.",
    after_work="Muchas personas trabajan el mismo día; algunas se toman un día libre.",
    after_care="Siga los cuidados que le indicó el profesional.",
    call="Llame el mismo día si empeora el dolor, el enrojecimiento o la hinchazón, o si tiene "
    "sarpullido o fiebre.",
    call_later="Llame también si aparece un bulto o una llaga, incluso semanas después.",
    emergency="Dificultad para respirar o cara hinchada: llame de inmediato al número de "
    "emergencias.",
    travel="¿Viaja? Espere al menos un día después de una sesión antes de volver a casa.",
    home="Puede volver a casa a partir del {home}.",
    keep="Para mantener el resultado: haga ejercicio con regularidad, coma de forma equilibrada "
    "y beba poco alcohol.",
    advice="Es una ayuda para organizarse, no un consejo médico.",
    cancelled="Esta cita {stands}.",
    is_cancelled="está cancelada",
    no_longer_stands="ya no es válida",
    cancelled_come=(
        "Por favor, no venga a esta hora, salvo que su calendario muestre otra cita a la misma "
        "hora."
    ),
    cancelled_questions="¿Preguntas? {call}",
    private_contact="¿No puede venir o necesita otro día? {call}",
    private_which="Duración: unos {minutes}.",
    private_trip="Su viaje: su última cita indica desde cuándo puede volver a casa.",
    private_after="Después suele poder seguir con su día;",
    private_after_off="algunas personas se toman el día libre.",
    private_call=(
        "Si después se siente mal, o si algo empeora en vez de mejorar, llame el mismo día, "
        "incluso semanas después."
    ),
    private_emergency="En una emergencia, llame al número de emergencias local.",
    private_advice="Si esto no coincide con lo que le dijimos en persona, llámenos, por favor.",
    gives_away=(
        *("capilar", "calvic", "antiarrug", "celulit", "inyec", "estetic", "hialuron"),
        *("tricolog", "adelgaz", "del cabell", "cuero cabell", "toxina botul"),
    ),
    suggests=("cabell", "arrug", "grasa", "relleno", "belleza", "piel"),
    page=PageWords(
        narrow_weekdays=("LU", "MA", "MI", "JU", "VI", "SA", "DO"),
        full_day="{weekday}, {day} de {month} de {year}",
        title="Sus sesiones de mesoterapia",
        title_private="Sus citas",
        sessions="Sesiones",
        appointments="Citas",
        top_ups="Sesiones de mantenimiento",
        follow_ups="Citas de seguimiento",
        number="N.º",
        when="Día",
        time="Hora",
        status="Estado",
        each="unos {minutes} cada una",
        done="realizada",
        cancelled="cancelada",
        held=(
            "Estas fechas están reservadas para usted, pero aún no son definitivas. Llame para "
            "confirmarlas."
        ),
        to_come="pendiente",
        held_for_you="reservada para usted",
        about=(
            "Con agujas muy finas se inyectan vitaminas, enzimas, hormonas o extractos de "
            "plantas en la capa media de la piel."
        ),
        side_effects=(
            "Posibles efectos secundarios: dolor, náuseas, sensibilidad, bultos, hinchazón, "
            "moretones, picazón, manchas oscuras, enrojecimiento, erupción, cicatrices e "
            "infección."
        ),
        evidence=(
            "Consulte a un profesional titulado y con experiencia: todavía hay pocas pruebas "
            "de su eficacia."
        ),
        printed="Impreso el {day}",
        revision="versión {revision}",
        replaces="sustituye a la página del {day}",
        message_from="{clinic}: sus citas",
        message="Sus citas",
        changed="Han cambiado algunas fechas:",
        anew="Sus fechas actuales; algunas pueden haber cambiado:",
        new="nueva: {when}",
        gone="cancelada: {when}",
        dates="Todas sus fechas:",
        held_dates="Reservadas para usted, llame para confirmarlas:",
        scan="Sus fechas en su teléfono:",
        subscribe="Ponga estas fechas en su calendario:",
        updates="Los cambios llegan después solos, a veces un día más tarde.",
        computer="Para Google y Outlook, abra esta página en un ordenador.",
        download="Descargar una vez",
        only_you="Esta página es solo para usted: quien tenga su enlace puede ver sus fechas.",
    ),
)
