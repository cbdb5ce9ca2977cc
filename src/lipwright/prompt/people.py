"""Who may act in a prompt, and which of their verbs tell a look and no movement.

"the nurse adjusts her cap", "a man tasting soup" and "she is leaving" move, whatever the verb is;
"the nurse wears a cap", "a man holding a mug" and "she is smiling" do not. So it is the still verbs
that are listed, not the moving ones.
"""

from __future__ import annotations

import re

from lipwright.prompt.phrases import inflections

_PEOPLE = """
    drummer swimmer bassist cellist gymnast skater cyclist climber jockey cheerleader someone somebody
    accountant activist actor actress adult ambassador anchor anchorman anchorwoman architect artist
    assistant astronaut athlete auctioneer author avatar baby ballerina banker barber barista
    bartender blogger boss boxer boy bride brother builder businessman businesswoman butcher caller
    candidate captain cardinal carpenter cashier celebrity ceo character chef child clerk clown
    coach comedian commander composer conductor consultant cook cop coroner cowboy cowgirl critic
    customer dad dancer daughter dentist designer detective developer dictator diplomat diver doctor
    driver duchess duke editor elder emcee emperor employee engineer entrepreneur expert explorer
    farmer father figure firefighter fisherman founder friar friend gardener general gentleman girl
    governor grandfather grandma grandmother grandpa granny groom guard guest guide guitarist guy
    hacker hairdresser hero heroine hiker host hostess human hunter influencer inspector instructor
    interviewee interviewer inventor investor janitor journalist judge juror kid king knight lady
    landlord lawyer leader lecturer librarian lieutenant magician maid man manager marine mayor
    mechanic merchant miner minister model moderator mom monk mother mum musician narrator neighbour
    neighbor newscaster newsreader nun nurse officer old-timer orator painter passenger patient
    person philosopher photographer pianist pilot pirate player podcaster poet policeman policewoman
    politician pope postman preacher presenter president pretender priest priestess prince princess
    principal prisoner producer professor programmer prophet psychiatrist queen rabbi rapper reader
    receptionist referee reporter robot runner sailor saleswoman salesman salesperson samurai
    scholar scientist sculptor secretary seller senator sergeant shaman sheriff shopkeeper singer
    sister soldier son soprano speaker spokesman spokesperson spokeswoman storyteller streamer
    student subject surgeon surfer suspect tailor teacher teen teenager tenor therapist tourist
    toddler trainer traveller traveler trucker tutor vendor veteran viking villain violinist vlogger
    waiter waitress warrior widow wife witch witness wizard woman worker writer youtuber
"""

_STILL = """
    appear be bear beam believe belong carry clutch consist contain deliver display do dress embody
    emit exist exude explain express face feature feel fill frown gaze give glare glow grin grip
    handle hang have hear hold hope host keep know lack lean lie like listen live look love match
    mean meditate narrate need own perform ponder pose possess pout pray present project radiate
    read recite remain represent resemble rest resonate scowl seem shine show sing sit sleep slouch
    slump smell smile smirk sneer speak sport squint stand stare stay suggest suit sweat talk teach
    tell think trust try use wait want watch wear weigh wish wonder work worry blush concentrate
    focus glisten gleam glitter glower lecture lounge narrate peer perch preach recline report sag
    say address kneel crouch squat sweep train study specialise specialize run sell own build fix
    repair paint write design play
"""
"""Verbs of state, of look and of talking; the last ones are what people do for a living ("a woman who
sells fish"): its movements are listed where they are meant."""

_STILL_AS_ING = """
    morning evening wedding king ring string wing spring clothing nothing something anything
    everything being during ceiling building lighting setting painting drawing boxing fencing
    earring stocking legging sibling darling willing charming loving caring daring striking
    interesting outstanding aging ageing balding greying graying thinning missing matching boring
    annoying intriguing captivating flattering inviting calming soothing welcoming good-looking
    hardworking working-class understanding unassuming commanding imposing dashing ravishing
    stunning amazing exciting looking according crying laughing sobbing closing opening dining
    living sleeping acting marketing engineering wrestling ruling leading reigning aspiring budding
    recovering retiring surviving growing
"""

_STILL_AS_S = """
    glasses clothes scrubs overalls pants trousers jeans shorts eyes lips teeth hands arms cheeks
    always perhaps plus as is was has does this thus us less across towards besides sometimes
    afterwards backwards hers his yours ours its theirs tears curls braids freckles wrinkles dimples
    portraits headshots faces photos series species looks process focus campus lens dress princess
    hostess actress business happiness sadness calmness boss class glass grass press success stress
    emphasis basis oasis chaos bus gas plays outdoors indoors upstairs downstairs overseas boots
    gloves earrings shoes sunglasses robes headphones ears feet shoulders legs fingers nails nods
    stripes colours colors tones lights
"""

PERSON = "(?:" + "|".join(sorted(_PEOPLE.split(), key=len, reverse=True)) + ")"


def _forms(kind: int) -> str:
    """An alternation of the -s (0) or -ing (1) forms of the still verbs."""
    return "|".join(sorted({inflections(verb)[kind] for verb in _STILL.split()}))


def _or(words: str) -> str:
    return "|".join(words.split())


_MOVING = """
    walk run jump dance nod wave turn move blink laugh cry shake spin sway hop skip bounce swing
    climb crawl drive ride fly fall rise enter leave approach arrive exit return kiss hug clap
    gesture point bow kneel wink shrug yawn sneeze cough eat drink chew cook throw catch kick push
    pull drag lift open close shut start stop begin finish become change transform appear disappear
    whisper shout scream yell
"""
"""Verbs that move even where a writer leaves out the ending: "the girl jump", "make him walk"."""

_NOT_HERS = """
    leave create make give cast form add evoke feature contrast lead cling belong rival echo recall
    frame show cover light highlight surround match reflect hide fill reveal cross touch flank
    accentuate flatter soften shape define outline line circle crown complement enhance adorn
    decorate hug drape
"""
"""Things do these to a face without moving: "curls framing her face"."""


def _acting() -> re.Pattern[str]:
    """A person, or "she is", with a verb that moves; the match is the verb alone."""
    adverbs = r"(?:[a-z]+ly |then |also |just |again )?"
    inert = [_or(" ".join(inflections(verb)[kind] for verb in _NOT_HERS.split())) for kind in (0, 1)]
    third = rf"(?!(?:{_forms(0)}|{_or(_STILL_AS_S)})\b)[a-z]{{2,}}(?<!s)s\b(?!['’-])"
    gerund = rf"(?!(?:{_forms(1)}|{_or(_STILL_AS_ING)})\b)[a-z]{{2,}}ing\b(?!['’-])"
    determined = r"an? |the |this |our |my |one |young |old |elderly |older |little "
    someone = rf"(?<![\w'-])(?:(?:{determined})(?:[a-z-]+ )?{PERSON}|some(?:one|body)) "
    anyone = rf"(?<![\w'-]){PERSON} "
    being = r"(?<![\w'-])(?:she|he|who|that) (?:is|was) |(?<![\w'-])(?:she|he)'s "
    opening = r"(?:^|[,;:.] ?|\band |\bthen )"
    hers = r"(?: up| down| out| off| back| away| through)? (?:her|his|their) \w"
    caused = r"(?:make|let|have|see|watch|makes|lets) (?:her|him|them|it) "
    return re.compile(
        rf"(?:{someone}|\bwho ){adverbs}(?P<third>{third})"
        rf"|(?:{anyone}|{anyone}(?:is|was) |{being}){adverbs}(?P<gerund>{gerund})"
        rf"|{opening}{adverbs}(?P<third_of_hers>(?!(?:{inert[0]})\b){third})(?={hers}| the \w)"
        rf"|{opening}{adverbs}(?P<gerund_of_hers>(?!(?:{inert[1]})\b){gerund})(?={hers}| an? \w)"
        rf"|(?:{anyone}{adverbs}|{caused})(?P<bare>(?:{_or(_MOVING)}))\b(?!['’-])"
        r"(?! (?:shot|photo|scene|hall|show))"
    )


ACTING = _acting()
