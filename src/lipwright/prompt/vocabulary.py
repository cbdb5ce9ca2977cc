"""The words of each rule, in the notation of `phrases`.

Tables named ..._INNOCENT hold what only looks like an offence: a match inside one of
them does not count. Sources: the guide's lists of what to include and to avoid, and
the trade's names for shots and moves.
"""

from __future__ import annotations

import re

from lipwright.prompt.phrases import phrases

MOTION = phrases(
    r"""
    ((?<=\bshe )|(?<=\bhe ))({adverb})(?!(is|has|was|does|wears|sits|stands|looks|holds|seems|speaks
        |talks|says|sings|faces|smiles|gazes|stares|rests|leans|appears|lives|loves|likes|keeps|works
        |needs|wants|feels|resembles|remains|stays|delivers|addresses|presents|narrates|explains|tells
        |reads|carries|owns|sports|displays|shows|projects|exudes|radiates|listens|waits|hosts|teaches
        |knows|thinks|believes|hopes|poses|means|always|perhaps|belongs|comes)(?!\w))[a-z]+s
    (?!(looking|leaning|standing|sitting|streaming|coming|shining|glowing|facing|hanging|spilling
        |cascading|flowing|tumbling|peeking|lighting|clothing|evening|morning|ceiling|building|railing
        |painting|falling|pouring|tapering|fading|seated|going|lying|curling|trailing|extending|rising
        |filtering|seeping|reading|speaking|talking|singing|sticking|showing|bleeding|wrapping|casting
        |melting|dripping|raking|bouncing|reflecting|wearing|opening|lettering|shading|king|ring|string
        |wing|evening|spring|thing|nothing|something)(?!\w))[a-z]+ing (away|up|down|around|past|toward
        |towards|into|out|off|through|across|forward|backward|forwards|backwards)
    (and|then) ({adverb})(?!(looks|leans|lights|curls|clouds|sits|stands|shoulders|glasses|hands|eyes)
        (?!\w))[a-z]+s (up|down|away|around|into|off|past|through|forward|toward|towards|at)
    (never|keeps) (stops )?moving
    (<break>|<burst!>|<crack!>|<flash!>) (into |out )?(an? )?(\w+ )?(smile|grin|laugh|laughter|frown
        |tears|smirk)
    (something|someone|somebody|\w+) (is )?(flying|running|walking|rushing|zooming|racing) (past|by
        |across|through)
    <nod>
    <walk>
    <run>
    <jump>
    <dance>
    <pirouette!>
    <twerk>
    <moonwalk>
    <leap>
    <skate!>
    <skateboard!>
    <surf>
    <juggle>
    <prance>
    <pace!> {way}
    <limp>
    <tiptoe>
    <dash!> {way}
    <sneak!> {way}
    <slide!> {way}
    <roll!> {way}
    <float!> {way}
    <fly> {way}
    <wobble>
    <recoil>
    <convulse>
    <shudder>
    <wince>
    <wriggle>
    <writhe>
    <rock!> (back and forth|gently|slowly|side to side|on|in (time|{own} chair))
    <hobble>
    <scurry>
    <curtsy>
    <cartwheel>
    <somersault>
    <grimace!>
    <pose!> for
    <march>
    <stroll>
    <stride!>
    <strut>
    <trot>
    <rush!> {way}
    <hurry> {way}
    <slam!> {her} \w+
    <bang!> {her} \w+
    <storm!> {way}
    <tap> {own} (foot|feet|toes)
    <stomp>
    paces
    pacing (back|up|around|the)( and forth| and down)?
    <sway>
    <swing>
    <spin>
    <twirl>
    <rotate>
    <bounce>
    <bob!>
    <jog>
    <sprint>
    <crawl>
    <climb>
    <hop>
    <skip!>
    <stumble>
    <shuffle>
    <wander>
    <gallop>
    <swim>
    <shiver>
    <tremble>
    <twitch>
    <fidget>
    <squirm>
    <flinch>
    <jerk>
    <jolt>
    <blink>
    <wink>
    <sip>
    <chew>
    <drink>
    <eat>
    <laugh>
    <giggle>
    <chuckle>
    <cough>
    <sneeze>
    <yawn>
    <approach>
    <enter>
    <exit>
    <arrive>
    <hug>
    <kiss>
    <lunge>
    <duck!>
    <kneel!>
    <bow!>
    <cook!>
    <headbang>
    <glance>
    <peek>
    <flutter>
    <flicker>
    <drift>
    <swirl>
    <whirl>
    <ripple!>
    <sparkle!> (and|then) \w+
    <move>
    <advance!> {way}
    <retreat!>
    <turn!>
    turned (away|around|to face|back) (and|then|to)
    head turns?
    (<tilt!>|<shake!>|<drop!>|<lower!>|<bow>|<duck>|<lift!>|<raise!>|<cock!>|<wag>|<toss>
        |<throw>) {own} (head|chin|hair|eyes|gaze|face|body|hips|shoulders)( back)?
    (<shake!>) (with|in|from) \w+
    <shake!>
    (<raise!>|<lift!>|<arch!>|<lower!>|<knit!>|<furrow!>|<wiggle!>) ({own} |an? |one )?(left |right )?
        (eye)?brows?
    (eye)?brows? ({adverb})(<raise!>|<lift!>|<rise>|<furrow!>|<knit!>|<arch!>|go up)
    eyes? ({adverb})(<dart>|<widen!>|<roll!>|closes|closing|opens|opening|<narrow!>|<wander>|<scan>
        |<shift>|<follow>|<well!>|<fill!>|<look!>)
    (head|chin|shoulders?|body|hips|chest|hair|gaze|face) ({adverb})(<tilt!>|<shake!>|<drop!>|<lower!>
        |<lift!>|<raise!>|<rise>|<heave>|<fall!> and|<shift>|<lean!>|<whip>|<turn!>|<roll!>|<slump>)
    (<roll!>|<close!>|<open!>|<narrow!>|<widen!>|<shut!>|<squeeze!>|<avert!>) {own} (eyes|gaze)
    head (bobs?|shakes?|tilts?|nods?) (and|as|while|with|at|to|on)
    head (shake|shaking|tilting|bobbing|nodding)
    leans (in|forward|forwards|back|closer|toward|towards|over|to)
    leaning (in|closer|toward|towards|back and)(?! an? )
    (rises|rising|rose) (up|from|to (her|his|their) feet)
    (steps|stepping|stepped) {way}
    (<sit> down|<stand> up|<get> up|<sit> up|<bend!> (down|over)|<crouch!> down|<jump> up)
    looks (away|around|up|down|back|over|off|left|right|to the (left|right|side)|from)
    looking (around|back and forth|from \w+ to|left and right|up from|over {own} shoulder)
    (gazes|stares|peers) (around|away|up|down|back|off|out)
    (<pick!>|<put!>|<grab!>|<lift!>|<set!>) up
    (puts|putting|sets|setting) (down|{her} \w+ down)
    <grab!> {her}
    (<reach!>) (for|out|toward|towards|across|into|over)
    (<throw>|<catch!>|<kick!>|<push!>|<pull!>|<drag!>|<carry!>|<toss>|<pour!>|<stir!>|<chop!>) {her}
    (<open!>|<close!>) {her} (door|window|book|laptop|drawer|curtain|box|letter|umbrella)
    <play> (the |a |an |her |his )?(guitar|piano|violin|drums?|keyboard|cello|flute|saxophone|ball
        |instrument)
    strums?(ming)?
    (typing|types|writing|writes|scribbl\w+|drawing|draws) (on|in|down|notes|at|with)
    (flips|flipping|leafs|leafing) (through|pages|the)
    (<ride>|<drive>) ({her} |away|off|through|down|along|past)
    driving
    drives
    (rain|snow|snowflakes?|(autumn )?leaves|petals|confetti|ash|embers|dust|sparks) ({adverb})(<fall>
        |<drift>|<float!>|<fly>|pouring|raining|swirling|blowing)
    (falling|drifting|floating|blowing|swirling|flying) (rain|snow|snowflakes|leaves|petals|confetti|ash
        |dust|particles|sparks)
    (clouds|waves|water|traffic|cars?|people|pedestrians|passers-?by|trees|branches|curtains?|flames
        |fire|smoke|steam|candles?|lights) ({adverb})(<pass>|<roll!>|<rush!>|<crash>|<flow!>|<stream!>
        |<rustle>|<flutter>|<flicker>|<rise>|<flash>|<float!>|<go!>|<blow>|<billow>|<dance>) ?(by|past
        |in|through|behind|up|across)?
    passing (cars|traffic|people|pedestrians|clouds|trains?|crowds?)
    (hair|dress|scarf|coat|cape|curtains?|flags?|fabric|wind|breeze|skirt|veil) ({adverb})(<blow>
        |<flow!>|<fly>|<whip>|<flap>|<flutter>|<billow>|<rustle>)
    blowing (in|through) the (wind|breeze)
    (swinging|flapping|flickering|flashing|pulsing|pulsating|swaying|trembling|shaking|bouncing|spinning
        |rotating) \w+
    flashes
    tears ({adverb})(<roll!>|<stream!>|<fall>|<run>|<flow!>|<drip!>) ?(down)?
    <cry> ?(uncontrollably|harder)
    <sob>
    <weep!>
    <pant!> (heavily|for)
    (<breathe>|breathing) (heavily|deeply|hard|fast|in|out)
    takes? a (deep |long |sharp )?(breath|sip|bite|step|drink|bow|seat|drag)
    taking a (deep |long |sharp )?(breath|sip|bite|step|drag)
    <sigh>
    <gasp>
    ([a-z]+ )?(head|body|facial|eye|eyebrow|shoulder|arm|torso|upper-body|dynamic|sudden|subtle|slight
        |constant|rapid|fluid|natural|graceful|energetic|quick|slow|jerky|nervous|much|lots of
        |background|continuous|smooth|gentle|character|dramatic|restless|swift|sweeping) movements?
    (with|of|in) movement
    movements? (of|in|across|around|back|toward|towards|forward)
    in (full |constant |slow |fluid |rapid )?motion
    (fluid|smooth|natural|dynamic|subtle|slight|head|body|constant|gentle|rocking|circular|sudden|slow
        |fast|background|sweeping|graceful|swaying|continuous|nodding|realistic) motions?
    motion (of|in|across|blur)
    mid-?(stride|step|leap|jump|turn|air|motion|run|gesture)
    on the move
    in action
    action (scene|sequence|shot)
    back and forth
    side to side
    up and down
    """
)

MOTION_INNOCENT = phrases(
    r"""
    (an?|the|his|her|this|deeply|very|quietly|so) moving (?!camera|shot|car|cars|traffic|crowd|train
        |trains|vehicle|mouth|lips|hands|background|clouds|light|lights|water)\w+
    (walking|running|dancing|cooking|climbing|swimming|driving|riding|spinning) (tour|guide|poster
        |magazine|book|brand|blog|vlogger|champion|judge|examiner|journalist|influencer|enthusiast
        |pattern|print)
    (rocking|rolling|swinging|spinning|folding|reclining|swivel) (chair|horse|pin|stock|bench)
    (deeply |very |quietly |profoundly )?moving,? (and \w+ )?(portrait|story|tribute|speech|performance
        |words|testimony|monologue|image|images|picture|drama|scene|piece|eulogy|tale|expression|moment
        |film|account)
    moving( and| yet| but)? (sincere|heartfelt|intimate|emotional|honest|quiet)
    moving[- ]day
    moving (box|boxes|van|truck|company)
    emotionally moving
    moved (to tears|expression|by)
    (visibly|deeply|emotionally|looks?|looking|feels?) moved
    walking[- ](stick|cane|boots|shoes|frame|jacket|poles?)
    walk-?(in|ins|way|ways|through)( closet| wardrobe)?
    (running|jogging|dancing|dance|climbing|swimming|skipping|cooking|driving|drinking|eating|riding
        |jumping|marching|boxing|sleeping) (shoes?|boots|shorts|gear|jacket|gloves?|glass|glasses|track
        |tracks|wall|walls|club|costume|dress|hall|halls|pool|suit|cap|trunks|utensils|area|room|school
        |studio|apron|top|vest|helmet|ropes?|harness|late|band|mate|instructor|teacher|coach|fountain
        |class|show|host)
    ((swing|dance|running|swimming|walking|driving|cooking|climbing)[- ])?(instructor|coach)
    running (head|text|joke|late|water|along|across|through|from|down|the length of)
    (ran|runs|run) (along|down the wall|across the wall|the length of)
    (chief|cook)s?
    cooks
    wingback
    rippling muscles
    swing(ing)? (sixties|sofa|door|era|jazz|band|seat)
    swinging (sixties|60s|door)
    turning (point|forty|thirty|fifty|sixty|grey|gray|age|\d+)
    turns of
    turned-?(up|out|down)
    (head|face|body|shoulders) (is |are )?(slightly |gently |just |half )?turned
    shaking hands
    climbing (roses?|ivy|plants?|vines?)
    (spinning|rotating|revolving) (wheel|top|class|instructor|door|stool|chair|fan)
    skips? bin
    bow(s|ed)? ?(tie|window|windows)
    (hair|pink|red|silk|satin|ribbon|blue|white|black|velvet) bows
    bowed (strings?|legs)
    eating disorder
    hugging (her|his|the|their)? ?(figure|silhouette|waist|body|neck)
    (form|figure|body)[- ]hugging
    entered into
    laugh(ing)? lines
    laughing eyes
    laughter
    kissed
    (sun|wind|rain)-?(kissed|swept|blown)
    advanced
    drifting apart
    driving force
    hard-?driving
    rising (sun|star)
    (approach|exit|enter)(s|es|ed)? (sign|door|key)
    approaching (middle age|forty|fifty|sixty|seventy|retirement|\w+ties)
    (fire)? ?exit(s)? sign
    arrived at
    motion (picture|pictures|graphics|capture|design|designer|sensor|sickness)
    blinking cursor
    ripple glass
    looks (up to|down on|back on|over thirty|over forty)
    jumper
    (dancer|runner|swimmer|walker|jogger|driver|climber)s?
    marching band
    (swan|river|street|barn|tap|ballroom|salsa) ?dance
    drinking in
    falling (over|on|across|to|past|around|onto|down|in|just) (her|his|their|the|one|soft|loose|waves
        |shoulder)
    """
)

GESTURE = phrases(
    r"""
    <hold!> up
    <show!> off {own}
    <knock> on
    <light!> {her} (cigarette|candle|match|pipe|cigar)
    <strum> ?{her}?
    (picks|pours|passes|tosses|flips|grabs|writes|draws|stirs|chops|slices|folds|unfolds|knocks|snaps
        |drums|taps|unwraps|hands|twirls|spins|shuffles|counts|signs|plays|unbuttons|zips|removes
        |takes off|puts on|takes out|picking|passing|tossing|flipping|grabbing|stirring|chopping|slicing
        |unwrapping|twirling|shuffling|counting|unbuttoning|removing|taking off|putting on|taking out
        |peeling|peels|kneading|kneads|knitting|knits|sewing|sews|painting|polishing|polishes|wiping
        |wipes|washing|washes|shaking|juggling|swirling|swirls|flicking|flicks|squeezing|squeezes
        |clutching and|gripping and) (up |down )?{her} [a-z]+
    fingers (fluttering|flutter|drumming|tapping|snapping|dancing|typing|trembling|pointing|counting)
    g(u)?es?t?ur(e|es|ing|s)
    we see (her|his) hands (move|gesture|wave)
    ((animated|expressive|excited|dramatic|emphatic|wild|big|broad|sweeping|lively|small|open|quick
        |frantic|theatrical|natural|energetic|subtle|enthusiastic|welcoming|exaggerated|nervous|hand|arm
        |with|using|passionate|bold|large|confident|slight|calm|gentle|rapid) )*gestures?
    <gesture>
    gesticulat\w+
    ((excited|animated|expressive|wild|quick|fast|rapid|frantic|energetic|nervous|enthusiastic|lively
        |dramatic|subtle|small|big|broad|sweeping|emphatic|gentle|graceful) )*(hands?|arms?|fingers?
        |finger) (movements?|motions?|signals?|waving|flailing|clapping|waves?|talking)
    (hands?|arms?|fingers?|fists?) ({adverb})(<move>|<wave>|<fly>|<flail>|<dance>|<swing>|<shake>
        |<tremble>|<reach!>|<rise>|<spread!>|<open!> and|<open!> wide|<tap>|<drum!>|<emphasize>
        |<emphasise>|<accentuate>|<punctuate>|<chop!>|<sweep!>|<clench!>|<fidget>|<gesture>|<raise!>
        |<lift!>|<come!> up|going)
    (<move>|<wave>|<raise!>|<lift!>|<shake>|<swing>|<flail>|<spread!>|<throw>|<clasp!>|<clap>|<rub>
        |<wring!>|<flap>|<extend!>|<open!>|<cross!>|<uncross>|<fold!>|<unfold>|<lower!>|<drop!>|<use!>
        |<clench!>|<stretch!>|<point>|<tap>|<snap>|<drum!>|<wag>|<wave>|<jab!>|<pump!>|<wiggle!>|<put!>
        |<bring!>|<place!>) (up |out )?({her} )?(own |left |right |index |two )?(hands?|arms?|fingers?
        |fists?|thumbs?|palms?)
    (talking|speaking|talks|speaks|explaining|explains|counting|counts) (with|on) ({own} |both )?(hands
        |arms|fingers)
    <wave> (at|to|hello|goodbye|hi|bye|enthusiastically|happily|cheerfully|them|everyone|excitedly|back
        |off|around|{own} \w+)
    {she} waves
    {person} ({adverb})waves
    (and|then|smiles and|nods and) waves
    waving
    <clap>
    <applaud>
    <point!> (at|to|toward|towards|out|up|down|directly|straight|{own} \w+)
    pointing
    <shrug>
    <salute!>
    <beckon>
    facepalms?
    high-?fives?
    thumbs[- ]up
    <scratch!> {own} \w+
    (<brush!>|<tuck!>|<push!>|<sweep!>) ({her} )?(stray )?(strand|strands|lock|curl|hair) \w+
    (<touch!>|<stroke!>|<wipe!>|<rub>|<brush!>|<tuck!>|<adjust!>|<straighten!>|<pat>|<tap>|<fix!>
        |<push!>|<cover!>|<slick!>|<play> with|<run> (a hand|{own} (hand|fingers)) through|<fiddle> with
        |<toy!> with) (back )?{own} ([a-z]+ )?(face|hair|chin|cheeks?|forehead|nose|beard|glasses|tie
        |jacket|collar|sleeves?|microphone|ear|neck|chest|mouth|lips|eyes|tears|temples?|hands|pen|ring
        |necklace|watch|cuffs?|hat)
    <slap!> ({her} )(table|desk|knee|thigh)
    <pound!> ({her} |on )(table|desk|fist|lectern|podium)
    <tap> ({own} |the |on )+\w+
    (using|in) sign language
    body language
    gives? (a|an) (\w+ )?(nod|wave|shrug|thumbs|bow|salute|wink)
    giving (a|an) (\w+ )?(nod|wave|shrug|thumbs|bow|salute|wink)
    with a (\w+ )?(nod|wave|shrug|wink|salute)
    """
)

GESTURE_INNOCENT = phrases(
    r"""
    (hair|ocean|sea|beach|sound|radio|heat|light|loose|soft|long|short|blonde|brown|dark|natural|gentle
        |auburn|glossy) (in )?waves
    points? of (light|view|interest)
    shrug (cardigan|sweater|jacket)
    cropped shrug
    gesture drawing
    pointing (device)
    """
)

CAMERA = phrases(
    r"""
    (truck|boom|pedestal|crane|track|arc|dolly|pan|tilt|jib|swing) (left|right|up|down|in|out|forward
        |back|around)
    we (?!see|are|have|hear|can|look|know)[a-z]+ (in|closer|out|back|around|toward|towards|up|down|from
        |to|past|through|over|into|away|on)
    (the )?(framing|frame|angle|perspective|point of view|pov|focus|image|picture) ({adverb})(<tighten>
        |<widen>|<shift>|<change>|<rotate>|<pull>|<push>|<wobble>|<shake>|<drift>|<slide!>|<rise>
        |<drop!>|<jump>|<close!> in|<move>)
    closer and closer
    (wobbly|unsteady|jittery|jerky|swaying|swinging|wandering|roaming|restless|floating|spinning
        |circling|following|panning|trembling|bouncing) (camera|cam|footage|shot|frame|view|lens
        |phone footage|video)
    (ending|ends|starting|starts|opening|opens) (on|in|with) (a |an )?(extreme |wide |tight |medium )?
        (close-?up|wide|shot|detail)
    (from|starting) (a )?(wide|long|medium|full) (shot )?(to|into) (a )?(close|tight|medium|extreme)
    we ({adverb})(<zoom>|<pan>|<tilt!>|<move>|<follow>|<track!>|<push>|<pull>|<dolly>|<circle!>|<orbit>
        |<glide>|<drift>|<sweep!>|<swoop>|<float>|<rise>|<descend>|<travel>|<cut!>|<creep>|<fly>
        |<slide!>|<close!> in|<back!> (away|off)|<go!> (in|closer|into|from)|<come!>|<get!> closer
        |<dive!>|<spin>|<rotate>|<inch!>)
    (cam|camra|camera|shot|frame|view|lens|picture) (gets|getting|goes|going|comes|coming|closes
        |closing) (closer|nearer|in|around|into|tighter|wider|from|toward|towards)
    (slowly |gradually |then )?(closing|moving|drifting|creeping|gliding|floating|flying
        |sweeping) (in )?(in|closer|towards?|around|past|over) (on |to |at )?({own} |the )?(face|eyes
        |mouth|subject|lips|crowd|room|speaker|city|set)
    (vertical|horizontal|lateral|side|circular|360|360-degree|slow|fast) (camera )?(move|movement|sweep
        |spin|rotation|slide|glide|turn)
    (change|switch|shift) (of )?(angle|shot|view|perspective)
    focus (goes|moves|jumps) (from|to)
    (re-?focus|refocus|refocuses|refocusing|rack-focus)(es|ing)?
    (blurs|blurring) (in|out|into)
    snap-?zoom|crash-?zoom|zo+m+(s|ing)?[- ](in|out)
    (the |a |our )?(camera|viewpoint|lens|view|shot|frame|drone|perspective) (is |then |view |angle )?
        ({adverb})(<zoom>|<pan>|<tilt!>|<move>|<follow>|<track!>|<push>|<pull>|<dolly>|<circle!>|<orbit>
        |<rotate>|<glide>|<drift>|<sweep!>|<swoop>|<float>|<rise>|<lower!>|<descend>|<crane>|<shake>
        |<rack!>|<travel>|<roll!>|<cut!>|<widen>|<tighten>|<shift>|<swing>|<spin>|<turn!>|<creep>
        |<inch!>|<fly>|<ease!>|<slide!>|<arc!>|<trail>|<approach>|<close!>|<jerk>|<whip>|<start>|<begin>
        |<linger!>|<hold!> then|<reveal!>|<advance!>|<bob>|<wobble>|<climb>|<back!>|<come!>|<go!>
        |<dive!>|<truck!>|<pivot!>|<transition>|<switch!>|<jump>|<settle!>)
    ({adverb})((slow|fast|quick|smooth|gentle|gradual|subtle|dramatic|sudden|rapid|cinematic|dynamic
        |sweeping|steady|crash|digital|dolly|camera|creeping|long|snap) )*zooms?( (in|out|into|toward
        |towards|on|onto|to))*
    zooming
    ((slow|fast|quick|smooth|gentle|gradual|subtle|dramatic|sudden|rapid|cinematic|dynamic|sweeping
        |steady|whip|camera|horizontal|vertical) )+(pans?|tilts?|pushes|push|pull|dolly|tracking|orbits?
        |arc|crane|track|truck)
    (pans?|panning|panned) ({adverb})(across|left|right|to|over|up|down|around|from|in|out|past|along
        |away|toward|towards|shot|between|back|off)
    panning
    whip[- ]pans?
    tilt(s|ing)?[- ](up|down) (from|to|on|shot|reveal|toward|towards|over|the)
    tilting (shot|camera)
    dolly(ing)?( |-)(in|out|zoom|shot|forward|back|left|right|move|movement|around|toward|towards|track
        |to|past)
    (dolly|tracking|trucking|crane|jib|orbiting|orbit|arc|steadicam|gimbal|panning|push-in|pull-back
        |flyover|fly-through|travelling|traveling|follow|following|whip|moving|rotating|sweeping|gliding
        |drone|roving|swooping|circling) (shots?|footage|moves?|movements?|takes?|sequences?|cameras?)
    dolly
    steadicam
    gimbal
    hand-?held (camera|shot|footage|shake|style|camerawork|look|feel|movement|video|filming)
    shaky[- ]?(cam|camera|footage|handheld|shot)?
    (fly|flies|flying)[- ]?(through|over|by)
    (orbit|orbits|orbiting|circling|circles) (around|the|her|his|shot)
    <orbit>
    push(es|ing)?[- ]in
    pull(s|ing)?[- ](back|out|away|focus)
    push(es|ing)? (slowly |closer |gently )*(in|toward|towards|closer)
    rack(s|ing)?[- ]focus(es|ing)?
    focus ({adverb})(<shift>|<pull>|<rack>|<transition>|<change>|<move>)
    (camera|lens) (movements?|motions?|moves?|work|pans?|shakes?|rolls?|drift|push|tracking|zooms?
        |tilts?|sways?|swings?|glide|sweep|rotation|rotations|orbit|tracking|transitions?|dolly)
    (smash |jump |match |quick |hard |fast )?cuts? (to|back to|between|away)
    cutting (to|between|back)
    (smash|jump|match|quick)[- ]cuts?
    cross-?fades?
    (cross-?)?dissolv(e|es|ing) (to|into)
    fad(e|es|ing)[- ](in|out|to|into|from|away)
    (smooth |scene |seamless |quick |slow )*transition(s|ing|ed)? (to|into|between|from)
    (scene|shot|camera) (transitions?|changes?)
    (multiple|alternating|changing|shifting|several|different) (camera )?(angles|shots|cuts)
    reverse shot
    shot[- ]reverse[- ]shot
    time-? ?lapse
    hyper-?lapse
    (vertigo|ken burns|parallax) (effect|motion|movement)
    parallax
    (one|single)[- ]take
    roving
    dutch (roll|tilting)
    """
)

CAMERA_INNOCENT = phrases(
    r"""
    (steadicam|camera|gimbal|drone|crane|dolly|jib|tracking|zoom) (operator|operators|grip|pilot
        |repairman|technician|driver|engineer|parton|specialist|assistant|shop|store|club|collector
        |collection|bag|strap)
    dolly parton
    hello dolly
    zoom (lens|lenses|call|calls|meeting|meetings|background|interview|window|webinar|h\d)
    (on|over|a|via) zoom(?! (in|out|into|toward|shot|on))
    telephoto zoom
    \d+-\d+ ?mm zoom
    (frying|cake|baking|sauce|sauté|roasting|cast-iron|peter) pans?
    pan[- ](flute|pipes?|fried|seared)
    (lens|camera) (flare|sharpness|shake-free|left|right|ready)
    camera-?(ready|person|man|woman|left|right|shy)
    (looking|looks|turned|facing|speaking|speaks|talking|talks|smiling|smiles|direct|directly)( directly
        | straight| right)? (at|to|into|toward|towards) (the )?(camera|lens)
    tilt-?shift
    parallax-free
    (fade|faded) (haircut|hairstyle|cut|denim|jeans)
    fading (light|paint|wallpaper|daylight|tan)
    (skin|low|high|taper|mid) fade
    hand-?held (microphone|mic|radio|device|fan|mirror)
    pushed[- ](in|back)
    pulled[- ](back|away|up)
    hair pulled
    (well|sharply|close|crisp) cut
    cut (to (fit|the|her|his)|in a)
    shots? (on|with|at|in|from|by|through)
    gimbal-free
    """
)

PACING = phrases(
    r"""
    (speed|fast|motor)-?(talking|talker|mouth|mouthed)
    (talks|talking|speaks|speaking) (a lot|nonstop|non stop|like crazy|in a rush|without (breathing
        |pause|a break|stopping|breaks)|like an auctioneer|like a machine gun)
    (in|with) (short|quick|rapid|long|fast|little|staccato) bursts
    (sluggish|plodding|languid|lightning|dragging|breakneck|snail) (speech|delivery|voice|words|talk
        |pace|talking)
    syllable by syllable
    (long|short|pregnant|brief|dramatic|two-second|second-long) (pause|silence|gap)s? (between|after
        |before|for|in)
    (in no hurry|at leisure|auctioneer speed|tongue-twister speed)
    words? ({adverb})(<tumble>|<spill>|<pour>|<race>|<rush>|<fly>|<flow!>|<drag>|<crawl>)( out)?( fast)?
    (rattles|rattling|reels|reeling) off
    (races|racing|rushes|rushing|hurries|plows|speeds|speeding|blasts|tears|rips) through
    (gabbl|babbl|jabber|drawl|prattl)\w*
    (fast|quick|rapid|slow|lightning-fast|machine-gun|breathless) (bars|verses|lines|answers|questions
        |flow|rhymes|syllables|lyrics|talk|talks|delivery|speech|reply|replies|intro|pitch)
    (at|with) (breakneck|top|full|high|lightning|double|half|normal|great|record) (speed|pace|tempo
        |velocity)
    (super|very|really|too|so) (fast|slow)
    (unusually|incredibly|extremely|painfully) (fast|slow)
    (drags|dragging|draws|drawing|stretches|stretching) (out )?(her|his|their|every|each|the) (words?
        |vowels?|syllables?|sentences?)( out)?
    (slowe?le?y|qu?ick?k?e?ly|rapidely)
    (takes|taking) (her|his|their) time
    (with|leaving) (long|short|brief|dramatic) (pauses|gaps|silences|breaks)
    one word at a time
    word by word
    (too |very |extremely |really |so )?(quickly|rapidly|hurriedly|briskly|swiftly|speedily|hastily
        |breathlessly|unhurriedly|haltingly|hesitantly|frantically|leisurely)
    (very |really |extremely |too )?slowly
    {speaking} ([a-z]+ ){0,3}(fast|faster|slow|slower|quicker|nonstop|non-stop|at length|in bursts)
    ({speed}(,| and| but)? )+([a-z]+,? (and )?){0,2}(speech|talk|talking|talker|speaking|speaker
        |delivery|pace|paced|dialogue|rap|rapping|tempo|rhythm|voice-?over|narration|narrating|monologue
        |cadence|conversation|words|singing|chatter|patter|reading|sentences|phrasing|beat|song
        |breathing)
    (measured|deliberate|steady|even|relaxed|frantic|frenetic|energetic|conversational|urgent|moderate
        |clipped|staccato|halting|rhythmic|careful) (and [a-z]+ )?(pace|tempo|pacing|cadence|rhythm
        |speed)
    (at|in|with) (a|an) ([a-z]+,? ){0,3}(pace|tempo|speed|cadence|rhythm)
    (fast|quick|slow|rapid|brisk|steady|well|even|evenly|measured|frantic|high|swift|hurried|un
        |leisurely|breathless|lightning)-? ?(paced|talking|spoken|speaking|tempo|moving|fire|speed
        |motion|mo)
    rapid-?fire
    (speech|vocal|dialogue|talking|speaking|narrative) (pace|pacing|rate|speed|tempo|rhythm|cadence)
    pacing
    tempo
    cadence
    staccato
    {speed}(er)? (movements?|motions?|actions?|head|smile|glance|nod|turn|blink|breath|breaths)
    (dramatic|long|short|brief|thoughtful|frequent|pregnant|awkward|occasional|meaningful|deliberate
        |slight) pauses?
    pauses?(?! button)
    pausing
    paused
    (without|no) (a )?(pause|pausing|stopping|taking a breath)
    <hesitate>
    <stutter>
    <stammer>
    (speeds?|speeding|slows?|slowing) (up|down)
    (picks?|picking) up (speed|the pace)
    accelerat\w+
    decelerat\w+
    (in a|with) (hurry|haste|rush)
    hurr(y|ies|ied|ying)
    rushing
    <rush!> (through|over|words|{her})
    (a )?mile a minute
    words? per minute
    double[- ]time
    (every|each) (few )?seconds?
    drawn[- ]out
    """
)

PACING_INNOCENT = phrases(
    r"""
    fast[- ](lens|lenses|glass|prime|aperture|food|film|shutter|drying)
    slow[- ](shutter|cooker|cooked|fashion)
    un-?hurried (elegance|look|expression|calm|mood|face|air|manner|demeanou?r|atmosphere)
    hurried (brush\w*|sketch\w*)
    (quick|fast)-dry(ing)?
    (rush|rushed) (matting|seat|mat|chair)
    """
)

TEMPORAL_WORDS = phrases(
    r"""
    one by one
    one after (another|the other)
    (a little |moments |minutes |seconds |much )?later(?! (years|life|in life|period|work|career))
    midway
    half-?way through
    (after|before) (that|which)
    (once )?again
    during (the|her|his) (speech|song|line|clip|shot|monologue|video|story|scene|take)
    from (dawn|day|dusk|morning|winter|summer|spring|night) (to|till|until|into) \w+
    in the final
    little by little
    bit by bit
    (and )?then
    suddenly
    gradually
    eventually
    finally
    abruptly
    momentarily
    continuously
    continually
    constantly
    repeatedly
    periodically
    occasionally
    (all )?at once
    instantly
    afterwards?
    meanwhile
    subsequently
    simultaneously
    in the meantime
    little by little
    over time
    step by step
    from time to time
    now and then
    again and again
    over and over( again)?
    first,
    next,
    at first
    at the (start|beginning|end)( of the (video|clip|scene|shot|film|sentence|line|speech|song))?
    in the (beginning|end)
    (halfway|midway) through
    by the end
    throughout the (video|clip|scene|shot|film|sequence|speech|take|line|whole|entire)( \w+)?
    (for|after|within|in|at|during|over) (the )?((first|last|next|about|around|exactly|only|a|final) )*
        (few|couple of|several|one|two|three|four|five|six|seven|eight|nine|ten|\d+(\.\d+)?)?[ -]?
        (seconds?|minutes?)(?! (per|of))
    (after|for) a (moment|while|beat|second|pause|minute)
    a (moment|second|beat) later
    (\d+|two|three|five|ten) seconds? (in|later|long)
    (at|from|until|by|after) 0?\d:\d\d(?! ?(am|pm|a\.m|p\.m|o'clock))
    0?0:\d\d
    \[?\d+(\.\d+)?s?[ -]{1,3}\d+(\.\d+)? ?s(ec|ecs|econds?)?
    (the )?(first|last|second|final) (half|part|seconds?|beat) (of )?
    by the (time|last|final)
    (bit by bit|moment by moment|all of a sudden|in an instant|in the blink of an eye|as time passes
        |shortly after|soon after|right after|later on|from now on)
    """
)

TEMPORAL_VERBS = phrases(
    r"""
    (goes|going|went) (on|out)(?! stage| a)
    (turning|turns) (into|to) (night|day|tears|a smile|a frown|laughter|anger|stone|dust)
    (starts|started|starting) (out|off)
    (ends|ending) (up|in|on|with)
    (wears|wearing) off
    (smile|grin|frown|expression|joy|anger|laugh|laughter|light|colou?r|calm|calmness|fear|happy|sad
        |sadness) (fading|turning|changing|melting|shifting|growing|giving way|dissolving|morphing
        |breaking|vanishing|dying) ?(to|into|in)?
    (from) \w+ to (sad|angry|happy|calm|joyful|furious|crying|laughing|smiling|serious|sadness|anger|joy
        |tears|rage|night|day)
    (ages|aging|ageing) (from|into|rapidly|before)
    <begin> (to|with|by|\w+ing|crying|in|calm\w*)
    <start> (to|with|by|\w+ing|off|out|in)
    <stop> (to|\w+ing|and)
    stops
    <continue> (to|\w+ing)
    continues
    keeps? (on )?(?!talking)\w+ing
    <finish> (\w+ing|with|by|{her})
    <end> (with|by|up|in)
    <become>
    became
    <transform> ?(into|to)?
    <morph> ?(into|to)?
    (changes|changing|change) (to|into|from|expression|{own})
    (changing|shifting|evolving) (facial )?(expressions?|emotions?|moods?|lighting|light)
    (expression|mood|face|smile|emotion|tone|lighting|light|background|scene|color|colour|eyes|voice
        |anger|joy|energy|tension|features) ({adverb})(<change>|<shift>|<soften!>|<harden!>|<darken!>
        |<brighten!>|<fade!>|<appear!>|<disappear>|<grow!>|<widen>|<spread!>|<turn!>|<transition>
        |<build!>|<intensify>|<vanish>|<melt>|<evolve>|<dissolve>|<drop!>|<fall!>|<creep>|<form!>
        |lights up|<go!> (from|to))
    (gets|getting|grows|growing) (more |increasingly |louder|angrier|sadder|happier|softer|darker
        |brighter|closer|faster|excited|emotional|agitated|quieter|calmer|tense)
    (louder|angrier|closer|softer|faster|brighter|darker|slower) and (louder|angrier|closer|softer
        |faster|brighter|darker|slower)
    more and more
    increasingly
    <burst!> (into|out)
    <break> (into|down|out)
    <appear!> (from|in|on|out|behind|beside)
    <disappear>
    <vanish>
    fades
    <shift!> (from|to|into|between)
    shifts
    <alternate!> (between|from)
    <switch!> (between|from|to)
    <go!> (from|on to)
    moves? on to
    <react> ?(to)?
    <respond> (to|with|by)
    <wait!> (for|until|to)
    <followed!>
    followed by
    leading up to
    """
)

TEMPORAL_CLAUSES = phrases(
    r"""
    (just )?as {she} \w+
    as (the|a|an|his|her|their) (\w+ )?{person} (is|are|\w+s)
    as (the|his|her|their) (words|lights|lyrics|tears|notes) \w+
    as (if|though) {she} \w+ing
    while ({she} |the \w+ |still )?(is |are |was )?\w+(ing|s)
    whilst \w+
    when ({she}|the \w+|\w+ing|talking|speaking) ?\w*
    whenever \w+
    before ({she} \w+|(?!evening|morning)\w+ing|the \w+ (\w+s|begins))
    after ({she} \w+|(?!evening|morning)\w+ing|the \w+ (ends|stops|begins))
    until \w+
    once ({she}|the \w+) \w+
    every time \w*
    each time \w*
    """
)

TEMPORAL_INNOCENT = phrases(
    r"""
    then-\w+
    (since|until|by|back) then
    (end|start) of the (day|table|hall|room|street|corridor|century|line)
    at the end of (a|the|her|his) (\w+ )?(day|table|hall|room|street|corridor|bar|bench|desk|pier)
    light (falls?|falling) (on|across|over|from|softly|gently|through)
    background (fades|falling|falls|fading) (off|away|into|to)( \w+)?
    (light|background|colou?r|lighting) (fading|falling|shifted|graded)
    before dawn
    becoming (hair\w*|colou?r|dress|style|hat|suit|outfit|haircut)
    (a )?(beginning|ending)s?
    smile lights up
    """
)

MOUTH_IN_TIME = phrases(
    r"""
    (licks|licking|bites|biting|purses|pursing|smacks|smacking|presses|parts|moves|moving|opens|opening
        |closes|closing|gritting|grits|clenching|grinding|grinds) (and \w+ )?({own} |the )?(lips?|mouth
        |teeth|jaw|tongue)
    (lips|mouth|jaw) (is |are )?(never|always|constantly) \w+
    (chewing|chews) (on |over )?({own} |the |every )?(words|syllables|vowels|gum|lip|lips)
    (mouth|lips|jaw) (wide|tight|round|open|closed) (on|at|for|with) (the |every |each )?(vowel|vowels
        |word|words|note|notes|beat|beats|syllable|syllables|high|long)
    (mouth|lips) (going|gone) (wide|round|tight|slack)
    (lips|mouth|jaw|tongue|teeth) ({adverb})(going|parts?|opens|closes|moves?|forms?|shapes?|works?
        |meets?|flaps?|chatters?|chattering|working|stretch|widens?|narrows?|presses|press) (with
        |between|on|around|as|to|for|and|up|in|at|wide|when|before|after|again|every|each|the|an?|open
        |shut|together|apart|over|out|like|slightly|very|so|quickly|fast)
    (mouth|lips|jaw|tongue|teeth|lip|lower lip|upper lip) (is |are |then |wide )?({adverb})(opens
        |opening|<move>|<form!>|<shape!>|<part!>|closes|closing|<press!>|<purse!>|<pucker!>|<curl!>
        |<quiver>|<tremble>|<drop!>|<sync>|<stretch!>|<round!>|<widen!>|<snap>|<touch!>|<meet!>
        |<clench!>|<flap>|<twitch>|<match!>|<follow>|<articulate>|<enunciate>|<pronounce>|<twist!>
        |<turn!>|<mouth!>|<shut!>|<come!>|<go!>|<rise>|<lower!>|<chew>)
    (opens|opening|closes|closing|moves|moving|shuts|shutting|stretches|stretching|shapes|shaping|parts
        |parting|purses|pursing|presses|pressing|licks|licking|bites|biting|puckers|puckering|smacks
        |smacking|curls|curling|rounds|rounding|clenches|clenching|drops|dropping) {own} (mouth|lips?
        |jaw|teeth|tongue|lower lip|upper lip|bottom lip)
    (opens|closes|moves) (her |his |their )?(mouth|lips)
    (opening and closing|open and close|opens and closes)
    (with|on|for|at|after) (every|each) (\w+ )?(word|words|syllable|vowel|beat|note|consonant|phrase
        |line|sentence|sound|lyric)s?
    (every|each) (word|syllable|vowel|consonant|phoneme)
    (in|into) (perfect |exact |tight )?(time|sync|rhythm|step|synchrony|synchroni[sz]ation|tempo) (with
        |to)
    to the (beat|rhythm|music|tempo)
    (matching|matches|following|follows) (the |her |his |every |each )*(words?|audio|sound|speech|rhythm
        |syllables?|voice|music|beat|song|lyrics|dialogue)
    synced
    <synchronize>
    <synchronise>
    lip-? ?sync(s|ing|ed|hed|hing|hs)?
    mouths (the|every|each|along|his|her)
    mouthing
    (exaggerated|rapid|fast|quick|slow|big|large|constant|rhythmic|over-?pronounced|wide|repeated
        |continuous|precise|dramatic|quickly) (mouth|lip|jaw|tongue) (movements?|motions?|shapes?
        |opening)
    forms? an? (o|oh|ooh|ah|round)
    (jaw|mouth) (dropping|drops)
    tongue (out|sticking|flicks?)
    sticks? out {own} tongue
    """
)

MOUTH_INNOCENT = phrases(
    r"""
    (lip|lips|mouth|jaw)(line)? (is |are )?(slightly |softly |gently |barely )?(parted|closed|open
        |pursed|curled|pressed|shaped|rounded|relaxed)
    mouth shapes?
    lip-? ?sync (video|film|friendly|ready|quality|content|close-?up|portrait)
    """
)

QUOTES = re.compile(
    r"""
    "[^"]*\w[^"]*"
    | (?<!\w)'(?!\d0s)[^']*\w[^']*(?:\w'\w[^']*)*'(?!\w)   # apostrophes within are none of its ends
    | `[^`]*\w[^`]*`
    """,
    re.VERBOSE,
)

QUOTED_NAMES = re.compile(
    r"""
    (?<!says[ ]) (?<!say[ ]) (?<!saying[ ]) (?<!said[ ]) (?<!asks[ ]) (?<!whispers[ ]) (?<!shouts[ ])
    (?<!:[ ]) (?<!:) (?<!line[ ]) (?<!words[ ]) (?<!word[ ]) (?<!phrase[ ]) (?<!whispering[ ])
    (?<!shouting[ ]) (?<!singing[ ])
    (?<!sings[ ]) (?<!yells[ ]) (?<!speaks[ ]) (?<!speaking[ ]) (?<!reading[ ]) (?<!says,[ ])
    (["'])
    (?!hello|hi\b|hey|good(?:bye|\ )|bye|welcome|thank|yes|no\b|please|sorry|stop|help|wow|oh\b|okay|ok\b)
    (?!(?:[\w'-]+\ )*(?:i|i'm|you|we|we're|my|your|our|it's|let's|don't|is|are|am|me|us|this|today|now)\b)
    [\w&-]+ (?:\ [\w&-]+){0,2} \1
    """,
    re.VERBOSE,
)
"""One to three quoted words that nobody says: "film noir" lighting."""

QUOTED_CALLS = phrases(
    r"""
    (says|saying|say|said|shouts|shouting|whispers|whispering|asks|asking|replies|exclaims|announces
        |yells|sings|singing|announcing|tells (us|the \w+)|text|caption|subtitle|words|the words?
        |the line|speaks the (words?|line)) ?[:] ?\S+
    (dialogue|dialog|line|lines|script|transcript|voice-?over|quote|lyrics?|speech|she|he|spoken|speaker
        |narrator|man|woman|host|caption|subtitles?)( says| line| text)? ?: ?\S+( \S+)?
    (says|saying|said|whispers|shouts|whispering|shouting) (hello|hi|hey|goodbye|bye|thank you|thanks
        |yes|no|sorry|welcome|good morning|i love you|i am|i'm|we are|that|please|stop)
    """
)

SEVERAL_PEOPLE = phrases(
    r"""
    (jury|congregation|squad|cast|orchestra|gang|mob|fans|soldiers|dancers|neighbou?rs|worshippers
        |protesters|tourists|waiters|customers|diners|roommates|parents|grandparents|teens|teenagers
        |bridesmaids|groomsmen|politicians|debaters|workers|nurses|players|musicians|villagers|kids
        |relatives|siblings|sisters|brothers|housemates|shoppers)
    (man|woman|boy|girl|person|friend|colleague|wife|husband|child|baby|kid|partner|guest|someone
        |somebody|figure|assistant|student
        |coworker) (standing |sitting |seated |walking |visible |blurred )?(behind|beside|next to|at
        |by) (her|him|them|{own} side)
    panel of \w+
    both (of them|faces|mouths|people|actors|hosts|friends|sisters|brothers)
    \d+ ?(girls|boys|men|women|people|persons|guys|kids|children|friends|characters|actors|speakers
        |hosts|ladies)
    (two|three|four|both|several|many) (of them|guys|ladies|heads|folks)
    (duet|threesome|ensemble|bride and groom|mother and \w+|father and \w+|husband and wife|parents
        |newlyweds|co-?hosts|interviewer and \w+|bandmates)
    (man|woman|girl|boy|guy|lady|host|singer|actor|actress) (and|with|next to|beside|hugging|facing
        |arguing with|talking to|interviewing) (another|an?|the|his|her|their) (\w+ )?(man|woman|girl
        |boy|guy|lady|friend|wife|husband|child|son|daughter|baby|guest|mother|father|dad|mom|kid|boss
        |colleague|patient|student|client)
    (two|three|four|five|six|several|many|multiple|some|both|pair of|couple of|group of|numerous
        |dozens of|a few|lots of|other|various|different|crowd of) (\w+ ){0,2}(people|persons?|men|women
        |friends|colleagues|speakers|actors|actresses|characters|guests|children|kids|girls|boys|faces
        |hosts|anchors|presenters|singers|students|teachers|coworkers|co-workers|panelists|panellists
        |musicians|performers|reporters|strangers|adults|teenagers|siblings|sisters|brothers|individuals
        |onlookers|bystanders|pedestrians|customers|soldiers|dancers|twins|newsreaders|interviewers
        |narrators)
    (a |the )?(couple|crowd|crowds|audience|duo|trio|quartet|choir|twins|family|team|band|bandmates
        |group)(?! (photo|jacket|logo|shirt|tattoo|ring|heirloom|collar|t-shirt|room|portrait of a (man
        |woman)))
    groups? of
    each other
    one another
    side by side
    (man|woman|girl|boy|mother|father|husband|host|anchor|interviewer|teacher|doctor) and ({her} )?
        (\w+ )?(man|woman|girl|boy|daughter|son|wife|husband|friend|child|baby|guest|partner|interviewee
        |student|patient|colleague)
    (with|and|beside|next to|facing|to|opposite) ({own} |another |a )(\w+ )?(friend|wife|husband
        |daughter|son|colleague|partner|co-?host|guest|sister|brother|companion|boyfriend|girlfriend
        |interviewer|mother|father|child|baby|person|man|woman|student|patient|co-anchor)
    (people|onlookers|bystanders|pedestrians|passers-?by|colleagues|coworkers|classmates|students|guests
        |friends|faces|others|backing singers|extras|spectators|shoppers|commuters|women|men|kids
        |children)('s)?
    (an)?other (person|man|woman|speaker|character|face)
    """
)

SEVERAL_PEOPLE_INNOCENT = phrases(
    r"""
    (for|to|of|about) (children|kids|people|women|men|students|families|friends|others|guests)
    (people|family|choir|band|team|crowd|group|couples?|panel|students?|twins?) (person|singer|member
        |leader|soloist|director|conductor|therapist|counsel\w+|manager|coach|doctor|name|nurse|show
        |chairman|lawyer)
    (choir|band|team|crowd|couples|family|children|women|men|people)'?s'? (singer|robe|book|author
        |doctor|uniform|shirt|jersey|jacket|hoodie|magazine|wear|clothes|champion|room)
    (no|without|empty of|free of|nobody|not) (other )?(people|audience|crowd|onlookers|others)
    (people|men|women|children|students|kids|family|friends|guests|couple|band|team|group|audience)('s
        |s') \w+
    (to|for|at|facing|addressing) (an |the |her |his )?(unseen |invisible |off-?screen )?audience
    (men|women|children)swear
    family (man|doctor|home|photo|photos|picture|pictures|portrait|lawyer|business|room)
    (watch|wrist|wedding|head|hair|hat|rubber|arm|waist)[- ]?band
    (control|wood|wooden|wall|solar|led|light|acoustic|instrument|glass|foam|side) panels?
    (group|team|band|crowd|panel) (leader|member|jacket|shirt)
    couples? (therapist|counsel\w+)
    """
)

CLUTTER = phrases(
    r"""
    (busy|crowded|bustling|chaotic|messy|hectic|teeming|jam-packed|overcrowded|untidy)
    (fairground|funfair|carnival|bazaar|flea market|junk ?yard|junk shop|hoard|times square|rush hour
        |christmas market)
    (plastered|covered|lined|hung|stuffed|loaded|littered|cluttered|packed) (in|with) (posters|stickers
        |graffiti|photos|pictures|paintings|boxes|books|toys|trophies|tools|gadgets|trinkets|clutter
        |plants|flags|notes|junk|stuff)
    (filling|crowding|covering|littering|all over|scattered (across|over|on|around)
        |cluttering) (the |every |her |his )?(whole |entire )?(frame|room|background|shelves|shelf|desk
        |walls?|table|floor|screen|scene|surface|space)
    (all around|everywhere|on every (wall|surface|shelf|side)|wall-to-wall|floor to ceiling|jumbled
        |jumble of|mess of|heaped|strewn|crammed|overflowing|overstuffed|piled)
    (an? )?(dozen|dozens|hundred|hundreds|mountain|mountains|heap|pile|stack|loads|tons|load|jungle
        |collection) (of )?(\w+ )?(screens?|phones?|cables?|boxes|books|posters|toys|papers|plants
        |bottles|lamps|signs|monitors|candles|flags|photos|pictures|frames|paintings|things|objects
        |stuff|balloons|instruments|guitars|clothes|wires|props)
    \w+, \w+, \w+(, \w+)*,? (and \w+ )?(everywhere|all around|all over|behind (her|him|them) on every)
    clutter(ed)?
    (busy|crowded|bustling|chaotic|messy|noisy|hectic|packed|jam-packed|overcrowded|lively|distracting
        |complex|elaborate|ornate|untidy|disorgani[sz]ed) ([a-z]+ ){0,3}(background|backdrop|street
        |streets|market|marketplace|room|office|kitchen|desk|shelves|shop|store|cafe|café|bar|city
        |square|station|scene|set|restaurant|workshop|newsroom|environment|surroundings|bazaar
        |intersection|studio|crowd|garage|hallway|airport|classroom|party|background|bedroom|table|wall
        |bookshelf|bookshelves|interior)
    (background|room|desk|shelves|table|backdrop|office|studio|kitchen|workshop|street) (behind (her|him
        |them) )?(is |are )?(full of|filled with|covered (in|with)|packed with|crammed with|stuffed with
        |overflowing with|crowded with|littered with|teeming with|busy)
    (full of|filled with|packed with|crammed with|overflowing with|littered with|piles of|stacks of
        |dozens of|hundreds of|lots of|heaps of) ([a-z]+,? ){0,2}(toys|posters|boxes|props|objects|signs
        |books|papers|people|gadgets|decorations|screens|monitors|neon|stuff|things|junk|tools|clutter
        |furniture|plants|balloons|lights|equipment|bottles|paintings|items|stickers|figurines
        |knick-?knacks|dishes|clothes|souvenirs|products)
    (bustling|chaotic|messy|hectic|busy) (with|and)
    (neon signs|flashing lights|knick-?knacks|bric-a-brac)
    """
)

CLUTTER_INNOCENT = phrases(
    r"""
    messy (hair|bun|curls|bangs|fringe|beard|braid|ponytail|updo)
    busy (executive|mom|mum|dad|mother|father|man|woman|professional|manager|nurse|doctor|chef)
    crowded teeth
    (not|un|less) ?(busy|crowded|messy)
    (un|de)-?cluttered
    clutter-?free
    """
)

HIDDEN_FACE = phrases(
    r"""
    (hood|hat|cap|brim|hair|fringe|bangs|veil|visor|helmet|goggles) (is |are )?
        (pulled |falling |hanging |drawn |hiding |shading |covering |low )+(low |down )?(over )?
        ({own} )?(whole |entire )?(face|mouth|eyes and mouth)
    face (is )?(in|lost in|swallowed by|deep in) (deep |full |total |complete |the )?(shadow|shadows
        |darkness)
    (facing|looking) (the wall|away|out of the window|out the window|the other way|the sea|the crowd
        |backwards?)
    (turned|turning) (away|her back|his back|around)
    (cropped|cut off|framed) (above|at|below) the (mouth|neck|nose|lips|chin|shoulders|eyes)
    (top|upper) half of (the |{own} )?(face|head)
    (back|backs) (to|towards?) (us|the camera|the viewer|camera)
    (hands|eyes|legs|feet|shoes) only
    (pulled|held|wrapped|drawn|raised|tied|up|covering|over) (up )?(over|across|around
        |covering) ({own} |the )?((nose|chin|cheeks) and )?(the )?(lower face|mouth|lips|face
        |lower half)
    (face|mouth|lips|head) (\w+ )?(behind|under|inside|beneath|below|out of|away from
        |turned from) (an? |the |{own} )?(\w+ )?(mask|helmet|scarf|veil|hand|hands|visor|microphone|hood
        |hat|frame|camera|book|menu|fan|shadow|balaclava|phone)
    (only|just) (the |{own} )?(back|hands|eyes|legs|feet|silhouette|outline|shoulders|torso|eyes visible)
    (face|mouth|lips) (cannot|can't|can not|is not|isn't|are not|not) (be )?(seen|visible|shown)
    (no|without) (face|mouth) (visible|shown|seen)
    (headless|back of (the |{own} )?head|rear view|back-?view|from above and behind|full-face helmet
        |motorcycle helmet|space helmet visor down|visor down)
    (tiny|small|distant) (figure|in the frame|silhouette)
    (seen |shot |viewed |filmed |view |photographed )?from (behind|the back)
    (her |his |their )?back (is )?(turned )?(to|toward|towards) (the )?(camera|viewer|us|lens)
    back (view|turned)
    (face|mouth|lips|features) (is |are |partly |partially |completely |mostly |entirely |fully |half )*
        (hidden|covered|obscured|concealed|masked|blurred|out of frame|turned away
        |in (deep |full |complete )?shadow|not visible|invisible|behind|unseen|veiled|cropped|lost)
    (hiding|covering|obscuring|concealing|covers|hides|obscures|conceals|blocking
        |blocks) ({own} |the |most of |half of )*(lower |whole )?(face|mouth|lips)
    (hand|hands|scarf|microphone|mug|cup|book|bandana|mask|veil|phone|fan|glass
        |fingers) (held |pulled |placed |pressed |raised |up )?(over|covering|in front of|hiding|across
        |blocking|against) ({own} |the )?(lower )?(face|mouth|lips)
    (surgical|medical|face|gas|ski|full-face|protective|n95|dust|plague|hockey|theatre|theater|carnival
        |venetian) ?-?mask
    (wearing|in|behind|with) a (\w+ )?(mask|balaclava|full-face helmet|motorcycle helmet|gas mask|veil
        |niqab)
    masked
    balaclava
    faceless
    (in|as a|a|dark|black|backlit) silhouette
    silhouetted?( against| figure| of)?
    (extreme |very )?(wide|long|establishing|full-? ?body|full-? ?length|aerial|distant)[- ](angle )?
        (shot|view|portrait|framing)
    (far|seen) (away|in the distance|from afar|from a distance)
    in the (far )?distance
    turned away from (the )?(camera|viewer|lens)
    (facing|looking) away from (the )?(camera|viewer|lens)
    """
)

HIDDEN_FACE_INNOCENT = phrases(
    r"""
    mask (pulled|pushed|hanging|lowered|hangs) (down|below|under|under the|off|up on|around)
    (surgical|medical|face|gas|ski|protective|n95|dust) ?-?mask (\w+ )?(pulled|pushed|hanging|lowered
        |hangs|taken|removed|below|under|in (her|his) hand|around)
    masked (background|edges?|out)
    (mask|helmet|veil|balaclava|scarf) (maker|shop|collection|on the wall|off|removed|lifted|pushed (up
        |back))
    (hair|eye|face|clay|sheet)-? ?mask(ing)? (glow|treatment)
    slim silhouette
    (elegant|tailored|clean|fitted) silhouette
    lit from behind
    (light|lighting|backlight|backlit|sun|sunlight|rim light
        |glow) (coming |streaming |shining )?from (behind|the back)
    (mountains?|city|skyline|hills|trees|lights|sea|horizon|buildings?
        |bokeh) (blurred |softly )?in the (far )?distance
    """
)

FACE = phrases(
    r"""
    (face|faces|faced|facial|visage|mouth|mouths|lip|lips|lipstick|lip-?gloss|teeth|tooth|braces
        |dentures|smile|smiles|smiling|grin|grinning|jaw|jawline|cheeks?|cheekbones?|chin|dimples?|beard
        |bearded|goatee|moustache|mustache|stubble|clean-?shaven|complexion|freckles|freckled|portrait
        |portraits|headshot|head-?shot|head and shoulders|shoulders[- ]up|shoulder[- ]up|chest[- ]up
        |waist[- ]up|bust shot|mugshot|selfie|passport photo|school photo|close-?ups?|close up|ecu|mcu
        |talking head|expression|expressions|expressive|expressionless|frown|frowning|smirk|scowl|pout
        |articulation|enunciation)
    (talking|speaking|talks|speaks|singing|sings|presenting|addressing|narrating|turned|facing|looking
        |looks|delivering|explaining|chatting) (\w+ ){0,3}(to |at |into |towards? )?(the )?(camera|cam
        |viewer|viewers|lens|audience|us)
    """
)

TALKING = phrases(
    r"""
    (talk\w*|speak\w*|spoke|say\w*|said|dialogue|dialog|speech|deliver\w*|narrat\w+|sing\w*|interview\w*
        |articulat\w+|lip movement|mouth movement|convers\w+|voice\w*|present(er|ing)\w*|anchor
        |instructor|explain\w*|monologue|recit\w+|address\w*|tell(s|ing))
    """
)

URGENT = phrases(
    r"""
    urgent|urgently|urgency|frantic|frenetic|excited|excitedly|agitated|energetic|energetically
        |breathless|hectic|hyperactive|panicked|panicky|feverish|high-energy|rapid|rapid-fire|fast
        |hurried
    """
)

UNHURRIED = phrases(
    r"""
    calm|calmly|relaxed|serene|serenely|sleepy|drowsy|unhurried|leisurely|slow|measured|meditative
        |tranquil|languid|soothing|peaceful|peacefully
    """
)

LIVELY = phrases(
    r"""
    excited|excitedly|enthusiastic|enthusiastically|exuberant|ecstatic|thrilled|overjoyed|elated
        |passionate|passionately|lively|animated|vivacious|bubbly|euphoric|exhilarated|high-spirited
    """
)

FLAT = phrases(
    r"""
    monotone|monotonous|deadpan|emotionless|expressionless|robotic|impassive|affectless|unemotional
        |flat (voice|tone|delivery|expression)
    """
)

WHISPERED = phrases(
    r"""
    whisper(ed|ing|s|y)?|sotto voce
    """
)

NOT_OF_THE_PERSON = phrases(
    r"""
    (\w+ ){1,2}(background|backdrop|studio|room|setting|light|lighting|palette|colou?rs?|tones?|glow
        |street|city|sea|lake|lens|lenses|shutter|food|glass|film|interior|garden|beach|landscape)
    """
)
"""An adjective here tells of the place or the light: "calm blue background" is no delivery."""
