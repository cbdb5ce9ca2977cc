"""Who and what may act in a prompt, and which verbs tell a look and no movement.

"the nurse adjusts her cap", "a man tasting soup" and "she is leaving" move, whatever the verb is;
"the nurse wears a cap", "a man holding a mug" and "she is smiling" do not. So it is the still verbs
of people that are listed, not the moving ones. Parts of a body are the other way round: most of what
is said of them tells a shape ("hair falls to her shoulders", "chin juts"), so their moves are listed.
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
    student schoolboy schoolgirl subject surgeon surfer suspect tailor teacher teen teenager tenor
    grandkid grandchild cousin nephew niece aunt uncle colleague classmate stranger therapist tourist
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
    repair paint write design play answer ask discuss debate comment argue state announce declare
    welcome greet thank review recommend promote introduce describe pitch rehearse audition broadcast
    stream moderate chair judge testify plead confess apologise apologize command balance convey evoke
    celebrate honour honor
"""
"""Verbs of state, of look and of talking; the last ones are what people do for a living ("a woman who
sells fish"): its movements are listed where they are meant."""

KNOWN_PEOPLE = tuple(_PEOPLE.split())
STILL_VERBS = tuple(_STILL.split())

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
    stripes colours colors tones lights whites tattoos costumes uniforms glances
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


_BODY = """
    head heads chin brow brows eyebrow eyebrows forehead gaze eyelid eyelids lids lashes eyelashes
    nostril nostrils throat shoulder shoulders chest torso hip hips arm arms hand hands palm palms
    finger fingers fist fists thumb thumbs elbow elbows leg legs knee knees foot feet toe toes tear
    eyes pupils cap hat veil hood glasses ears cheek cheeks tail face
"""
_BODY_MOVES = """
    snap cock dip dart flick jerk jolt nod tilt twist swivel pivot whip swing bob bounce droop slump
    straighten stiffen tense furrow knit shoot rise lift drop fall sink twitch quiver tremble shiver
    shudder flinch shake sway rock roll spin rotate turn bend clench unclench flex stretch flutter
    blink scan search wander drift dance tap drum thump pound beat slap hit strike scratch stroke tug
    grab reach wave gesture fidget fiddle slide slip tumble climb creep crawl jump leap loll thrash
    wag wiggle jiggle heave hunch contort puff scrunch crumple redden lurch rush fly circle sweep slice
    chop stab jab punch clap
"""
_SHAPES = "beats drops falls strokes slides slips turns rolls knits waves hits shoots"
"""Forms that name things as well: beginning a phrase they tell nothing of a movement."""
_ONWARD = """up down left right in out back away around across along over toward towards forward
    forwards backward backwards to into onto from past through upward upwards downward downwards off
    sideways aside slightly slowly gently quickly suddenly softly together apart open shut once twice"""


_HANDLING = """
    adjust fix smooth straighten fasten unfasten unbutton zip unzip untie unlace wrap unwrap unfold
    shut unlock lift raise lower grab snatch fetch take remove replace put push pull drag tug yank toss
    throw catch pour stir whisk shake rub scratch stroke tap slap smack punch kick poke flick snap
    slice chop peel carve scrub wash wipe shave clean sweep polish sketch scribble erase flip twist
    spin swing swirl twirl juggle bounce tighten loosen squeeze tickle feed embrace caress eat drink
    sip bite chew lick swallow taste sniff inspect examine swipe scroll load unload unpack unplug steer
    ride climb mount enter exit approach chase blow hammer strum pluck weigh shuffle knead unroll tuck
    nudge clasp drum thumb finger
"""
"""What hands do to a thing: with the thing after it, it moves, whoever does it."""
_HANDLING_ING = """
    open close button tie lace fold lock drop pick place lay pass hand mix pat crack brush comb mop
    sign turn roll wave press pinch pet kiss smoke check switch crank drive board leave dig plant
    water stamp tune play deal measure count type stack hit pound knock
"""
"""The same, where the form in -s is a thing as often: "buttons the", "lights a"."""
_ALSO_ADJECTIVES = "wash clean polish climb ride punch whip sweep weigh steer shave take put eat drink drum"
"""Handling that "stirring soup" is, but "washing machine" not."""


def _handling() -> re.Pattern[str]:
    """Hands at work on a thing, whoever they belong to: "woman in a sari adjusting her earring"."""
    forms = {form for verb in _HANDLING.split() for form in inflections(verb)[:2]}
    forms |= {inflections(verb)[1] for verb in _HANDLING_ING.split()}
    particle = "(?:up|down|out|off|on|open|back|away|through|over|at) "
    alone = {
        form
        for verb in set(_HANDLING.split()) - set(_ALSO_ADJECTIVES.split())
        for form in inflections(verb)[:2]
    }
    on = "(?:with|on|at|in|from|as|while|and|to|for)"
    return re.compile(
        rf"(?:^|[,;:.] ?|\band |\bthen )(?P<of_a_thing>{'|'.join(sorted(alone))})"
        rf"(?= (?!(?:{on}|of|by|or)\b)[a-z]+ *(?:$|[,.;!?)]| {on}\b))"
        rf"|(?<![\w'-])(?P<handling>{'|'.join(sorted(forms))})\b(?!['’-])"
        rf"(?= (?:{particle})?(?:her|his|their|an?|the|some) \w)"
    )


_GOING_ON = """
    heave rock flare explode swing sway bounce bob jiggle wobble shake quake tremble quiver shiver
    shudder twitch jerk jolt vibrate throb pulse pulsate flap flutter flicker flash blink spin whirl
    twirl swirl rotate revolve orbit circle hover swoop dive plunge soar fly flit dart dash race rush
    sprint run jog walk stroll march strut pace wander roam creep crawl climb clamber scramble scurry
    hop skip jump leap gallop trot prance dance waltz twist writhe squirm wriggle wiggle fidget shuffle
    stumble stagger totter limp slide skid slither slip topple tumble collapse crumble burst erupt
    splash splatter spray spurt gush pour drip dribble trickle boil bubble simmer fizz crackle blaze
    smoulder burn smoke steam waft billow ripple undulate churn crash smash shatter crack snap clap
    clash collide chase flee escape enter exit arrive depart approach retreat advance hurry swim sail
    row paddle surf ski skate ride drive cycle pedal box wrestle fight fence kick punch throw toss
    juggle type knit sew cook bake chop wash iron mow dig drink eat chew munch sip gulp swallow
    breathe pant gasp sigh yawn sneeze cough sniff sniffle sob weep giggle chuckle laugh howl growl bark
    purr nod shrug bow curtsy wave beckon gesture gesticulate point salute applaud cheer stretch
    thaw freeze sprout bloom grow shrink swell inflate deflate multiply scatter gather swarm stampede
    parade settle drift float sink rise glide roll wave wag groove headbang shimmy moonwalk tiptoe
"""
"""What goes on in time, whatever does it."""
_LOOKS_ONLY = """
    burning blazing smouldering smoking steaming laughing dripping stretching rising growing settling
    flashing boxing fencing fighting running racing floating breaking drinking rolling freezing drifting
    climbing cracking swelling bursting blooming cooking baking sewing driving cycling skiing skating
    gathering sinking pouring eating riding sailing rowing waving crumbling
"""
"""Participles that often tell a look or a trade instead: "paint cracking", "he teaches cooking"."""

_LIES_SO = """
    light sun sunlight daylight glow ray rays beam beams shadow shadows neon hair curl curls lock locks
    strands fringe bangs waves ponytail braid braids lace collar dress gown fabric silk skirt sleeve
    sleeves ruffles paint wallpaper road river path hill hills mountains cliffs line lines chain
    necklace ivy vine vines roses plaster color colour colors colours
"""
"""What lies in such a way as if it went: "curls bouncing over her shoulder", "a road running past"."""

_ONLY_VERBS = """
    loosen tighten advance proceed plunge descend ascend arise awaken lurk veer swerve scatter disperse
    assemble collapse shatter erupt ignite extinguish evaporate simmer sizzle rustle wail whimper moan
    groan grunt yelp hiccup inhale exhale breathe flinch cringe recoil unwind crouch curtsy salute
    beckon gesticulate applaud embrace cuddle caress nuzzle nudge shove haul hurl fling hoist seize
    discard juggle revolve pivot vault scamper scuttle clamber dismount depart arrive enter pursue
    follow chase resume conclude repeat fluctuate oscillate transform mutate convert become shrink
    expand inflate deflate diminish dwindle intensify escalate strengthen weaken dissolve vanish
    disappear devour gobble nibble munch slurp scurry saunter amble sidle trudge plod stomp wander
    stagger stumble totter teeter topple writhe squirm wriggle fidget shudder shiver tremble quiver
    sneeze weep giggle chuckle cackle throw bring send grab swivel rotate
"""
"""Verbs whose form in -s is no thing: wherever it stands, something moves."""


def _going_on() -> re.Pattern[str]:
    """Something that goes on, said of a thing: "boat rocking under him", "fireworks explode behind her"."""
    gerunds = {inflections(verb)[1] for verb in _GOING_ON.split()} - set(_LOOKS_ONLY.split())
    alone = {inflections(verb)[1] for verb in f"{_GOING_ON} {_HANDLING}".split()}
    alone -= {"burning", "smoking", "steaming"}
    bases = _or(_GOING_ON)
    still = "".join(f"(?<!{thing} )" for thing in _LIES_SO.split())
    to = f"{_or(_ONWARD)}|as|and|while|when|on|at|under|beneath|behind|beside|with|like"
    after = rf"(?= *(?:$|[,.;!?)]| (?:{to})\b))"
    alone_after = "(?= *(?:[a-z]+ly)? *(?:$|[,.;!?)]))"
    only = "|".join(inflections(verb)[0] for verb in _ONLY_VERBS.split())
    return re.compile(
        rf"(?<![\w'-])(?P<only>{only})\b(?!['’-])"
        rf"|(?<=[a-z] ){still}(?P<going>{'|'.join(sorted(gerunds))})\b{after}"
        rf"|(?:^|[,;:.] ?)(?:[a-z]+ly )?(?P<alone>{'|'.join(sorted(alone))}){alone_after}"
        rf"|(?<=[a-z][a-rt]s )(?P<plural>{bases})\b{after}(?= [a-z])"
        r"|(?:make|let|have|see|watch|makes|lets|get) (?:her|him|them|it|the [a-z]+) (?:to )?"
        rf"(?P<caused>{bases}|look around)\b"
    )


_MANY = """two three four five six seven eight nine ten several both many some few multiple numerous
    dozen fellow other 2 3 4 5 6"""


def _people() -> re.Pattern[str]:
    """More than one person by number: "two astronauts"."""
    return re.compile(
        rf"(?<![\w'-])(?:{_or(_MANY)}) (?:of the |[a-z-]+ ){{0,2}}{PERSON}s\b(?!['’-])"
        rf"|(?<![\w'-])(?:{PERSON}|sister|brother|friend|wife|husband|mother|father) "
        r"(?:standing |sitting |seated )?"
        r"(?:behind|beside|next to|near|around|with) (?:her|him|them)(?= *(?:$|[,.;]))"
    )


def _moving_parts() -> re.Pattern[str]:
    """A part of the body, or what is worn on it, that moves: "her chin dips toward her chest"."""
    third, gerund = ("|".join(inflections(verb)[kind] for verb in _BODY_MOVES.split()) for kind in (0, 1))
    adverbs = r"(?:[a-z]+ly |then |also |just |again )?"
    return re.compile(
        rf"(?<![\w'-])(?:{_or(_BODY)})(?<!finger) (?:is |are )?{adverbs}"
        rf"(?P<part>(?:{third}|{gerund})\b(?!['’-])|(?:{_or(_BODY_MOVES)})(?= (?:{_or(_ONWARD)})\b)"
        r"|gets? \w+ (?:off|away|up|down|in|into|by)\b)"
    )


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
    onward = rf"(?: (?:{_or(_ONWARD)})\b)"
    moves = [form for verb in _BODY_MOVES.split() if (form := inflections(verb)[0]) not in _SHAPES.split()]
    caused = r"(?:make|let|have|see|watch|makes|lets) (?:her|him|them|it) "
    return re.compile(
        rf"(?:{someone}|\bwho ){adverbs}(?P<third>{third})"
        rf"|(?:{anyone}|{anyone}(?:is|was) |{being}){adverbs}(?P<gerund>{gerund})"
        rf"|{opening}{adverbs}(?P<third_of_hers>(?!(?:{inert[0]})\b){third})(?={hers}| the \w"
        r"| (?:up|out|off|away) (?:the|an?) \w)"
        rf"|{anyone}{adverbs}(?P<of_anyone>{third})(?={hers}| (?:the|an?) \w|{onward})"
        rf"|{opening}{adverbs}(?P<moves>{'|'.join(moves)})(?={onward})"
        rf"|{opening}{adverbs}(?P<gerund_of_hers>(?!(?:{inert[1]})\b){gerund})(?={hers}| an? \w)"
        rf"|(?:{anyone}{adverbs}|{caused})(?P<bare>(?:{_or(_MOVING)}))\b(?!['’-])"
        r"(?! (?:shot|photo|scene|hall|show|up\b))"
    )


ACTING = _acting()
MOVING_PARTS = _moving_parts()
HANDLING = _handling()
GOING_ON = _going_on()
PEOPLE = _people()

MOVING_VERBS = (*_GOING_ON.split(), *_BODY_MOVES.split())
HANDLING_VERBS = (*_HANDLING.split(), *_HANDLING_ING.split())
CHANGING_VERBS = tuple(_ONLY_VERBS.split())
