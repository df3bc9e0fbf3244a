"""Portuguese as in Brazil, with “você”."""

from __future__ import annotations

from mesoplan.wording.languages.words import PageWords, Words

WORDS = Words(
    reviewed=None,
    sources=(
        "cirurgiadojoelhogoiania.com, “Dor após infiltração no joelho”, read 2026-11-29",
        "Unicamp, “Anafilaxia: reação alérgica grave”, read 2026-11-29",
    ),
    months=(
        *("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro"),
        *("outubro", "novembro", "dezembro"),
    ),
    short_months=(
        *("jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov."),
        *("dez.",),
    ),
    weekdays=(
        *("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"),
        *("domingo",),
    ),
    short_weekdays=("seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom."),
    whole_day="{weekday}, {day} de {month} de {year}",
    day_of_year="{short_weekday}, {day} de {short_month}",
    month_of_year="{month} de {year}",
    first_weekday=6,
    singular=(0, 1),
    one_minute="{number} minuto",
    minutes="{number} minutos",
    between=" ",
    comma=", ",
    in_brackets=" ({treated})",
    mesotherapy="Mesoterapia",
    mesotherapy_top_up="Mesoterapia de manutenção",
    appointment="Consulta",
    follow_up="Consulta de retorno",
    session="Sessão",
    top_up="Sessão de manutenção",
    cancelled_title="Cancelada: ",
    goals={
        "rejuvenation": "rejuvenescimento",
        "wrinkles": "rugas",
        "pigmentation": "manchas",
        "hair": "cabelo",
        "cellulite": "celulite",
        "contouring": "contorno corporal",
        "fat": "gordura",
    },
    areas={
        "face": "rosto",
        "neck": "pescoço",
        "chest": "colo",
        "hands": "mãos",
        "scalp": "couro cabeludo",
        "thighs": "coxas",
        "buttocks": "glúteos",
        "hips": "quadris",
        "stomach": "abdômen",
        "arms": "braços",
        "legs": "pernas",
    },
    your_clinic="a sua clínica",
    with_phone="{clinic}, {phone},",
    call_number="Ligue para {phone}.",
    call_clinic="Por favor, ligue para a sua clínica.",
    call_us="Por favor, ligue para nós.",
    alarm="{title}, {when}{place}. Não pode vir? {call}",
    contact="Não pode vir ou precisa de outro dia? Ligue para {whom} o quanto antes.",
    held="Esta data está reservada para você, mas ainda não é definitiva.",
    held_call="Por favor, ligue para confirmá-la ou para escolher outro dia.",
    which="{what} {number} de {total}{treated}, cerca de {minutes}.",
    trip="A sua viagem: a sua última sessão diz a partir de quando você pode voltar para casa.",
    trip_tickets="As datas ainda podem mudar: compre passagens que possam ser alteradas.",
    before="Antes: avise-nos se a sua saúde, os seus remédios ou as suas alergias mudaram.",
    before_cream="Talvez seja aplicado um creme anestésico.",
    treatment="O tratamento: uma série de injeções com agulha muito fina.",
    treatment_feels="Pode incomodar, mas normalmente não dói.",
    after="Depois: pequenos hematomas e um pouco de inchaço são comuns e normalmente passam em "
    "um dia;",
    after_bruise="um hematoma pode ficar visível por mais tempo.",
    after_work="Muitas pessoas trabalham no mesmo dia, algumas tiram um dia de folga.",
    after_care="Siga os cuidados que o profissional indicou.",
    call=(
        "Ligue no mesmo dia se a dor, a vermelhidão ou o inchaço piorar, ou se tiver erupção "
        "cutânea ou febre."
    ),
    call_later="Ligue também se aparecer um caroço ou uma ferida, mesmo que semanas depois.",
    emergency="Dificuldade para respirar ou rosto inchado: ligue imediatamente para o número de "
    "emergência.",
    travel="Vai viajar? Depois de uma sessão, espere pelo menos um dia antes de voltar para casa.",
    home="Você pode voltar para casa a partir de {home}.",
    keep=(
        "Para manter o resultado: faça exercícios regularmente, coma de forma equilibrada e beba "
        "pouco álcool."
    ),
    advice="É uma ajuda para se organizar, não uma orientação médica.",
    cancelled="Esta consulta {stands}.",
    is_cancelled="está cancelada",
    no_longer_stands="não vale mais",
    cancelled_come=(
        "Por favor, não venha neste horário, a menos que o seu calendário mostre outra consulta "
        "no mesmo horário."
    ),
    cancelled_questions="Dúvidas? {call}",
    private_contact="Não pode vir ou precisa de outro dia? {call}",
    private_which="Duração: cerca de {minutes}.",
    private_trip="A sua viagem: a sua última consulta diz a partir de quando você pode voltar "
    "para casa.",
    private_after="Depois, você normalmente pode seguir com o seu dia;",
    private_after_off="algumas pessoas tiram o dia de folga.",
    private_call=(
        "Se você se sentir mal depois ou se algo piorar, ligue no mesmo dia, ainda que semanas "
        "depois."
    ),
    private_emergency="Em uma emergência, ligue para o número de emergência local.",
    private_advice=(
        "Se isto for diferente do que dissemos a você pessoalmente, ligue para nós, por favor."
    ),
    gives_away=(
        *("capilar", "calvic", "celulit", "injec", "preenchim", "estetic", "hialuron"),
        *("tricolog", "emagrec", "do cabel", "couro cabel", "toxina botul"),
    ),
    suggests=("cabel", "rugas", "gordura", "beleza", "pele"),
    page=PageWords(
        narrow_weekdays=("S", "T", "Q", "Q", "S", "S", "D"),
        full_day="{weekday}, {day} de {month} de {year}",
        title="Suas sessões de mesoterapia",
        title_private="Suas consultas",
        sessions="Sessões",
        appointments="Consultas",
        top_ups="Sessões de manutenção",
        follow_ups="Consultas de retorno",
        number="N.º",
        when="Dia",
        time="Horário",
        status="Situação",
        each="cerca de {minutes} cada",
        done="realizada",
        cancelled="cancelada",
        held="Datas reservadas para você, mas ainda não definitivas. Ligue para confirmar.",
        to_come="a realizar",
        held_for_you="reservada para você",
        about=(
            "Com agulhas muito finas, injetam-se vitaminas, enzimas, hormônios ou extratos de "
            "plantas na camada média da pele."
        ),
        side_effects=(
            "Possíveis efeitos colaterais: dor, náusea, sensibilidade, caroços, inchaço, "
            "hematomas, coceira, manchas escuras, vermelhidão, erupção, cicatrizes e infecção."
        ),
        evidence=(
            "Consulte um profissional habilitado e experiente: ainda há poucas provas de quão "
            "bem funciona."
        ),
        printed="Impresso: {day}",
        revision="versão {revision}",
        replaces="substitui a página de {day}",
        message_from="{clinic}: suas consultas",
        message="Suas consultas",
        changed="Algumas datas mudaram:",
        anew="Suas datas atuais; algumas podem ter mudado:",
        new="nova: {when}",
        gone="cancelada: {when}",
        dates="Todas as suas datas:",
        held_dates="Reservadas para você, ligue para confirmar:",
        scan="Suas datas no celular:",
        subscribe="Coloque estas datas na sua agenda:",
        updates="As mudanças chegam depois sozinhas, às vezes um dia mais tarde.",
        computer="Para Google e Outlook, abra esta página em um computador.",
        download="Baixar uma vez",
        only_you="Esta página é só para você: quem tiver o link pode ver suas datas.",
    ),
)
