"""Bodies and things that move."""

from __future__ import annotations

from lipwright.prompt.phrases import phrases

MOTION = phrases(
    r"""
    (body|shoulders|head|frame|belly|chest|torso|hips|legs|feet) ({adverb})(rocking|shaking|swaying
        |heaving|bouncing|jerking|twisting|turning|moving|trembling|convulsing|vibrating|shivering
        |bobbing|nodding|leaning (in|out|forward|back) and)
    (bounce|spring|swing|sway|wiggle|shake|lilt|skip|strut) in (her|his|the|their) (step|body|walk|hips
        |shoulders|movements?)
    (posture|pose|position|stance|body|head|gaze|weight) (changes?|shifts?|switches|adjustments?)
    (animates?|animating|animated) (the |this |her |his |a )?(face|portrait|picture|photo|image|head
        |body|character|person|man|woman)
    (look|looks|glance|glances|gaze|gazes) (up|down|left|right|away|back|around|aside)(?= *(,|$|\.|and
        |then|at|to|from|into))
    (breaking|breaks) the (surface|silence|pose|stillness)
    (hits|hitting|strikes|striking|beats|beating|kicks|kicking|smashes|smashing|punches|punching) (the|a
        |his|her) \w+
    (head|heads|body|bodies|shoulders|hips|chest|face) (go|goes|going|move|moves|turn|turns|nod|nods
        |shake|shakes|bob|bobs|sway|sways|tilt|tilts|lean|leans|swing|swings|roll|rolls|jerk|jerks
        |bounce|bounces) (left|right|up|down|back|forward|forwards|side|around|to|from|in|with|and
        |slowly|quickly|gently|slightly|a little|a bit)
    (can't|cannot|can not|won't|never) (sit|stand|stay|keep|be) still
    (confident|slow|brisk|heavy|long|proud|easy|quick|steady|bouncy|purposeful|relaxed) (stride|strides
        |gait|walk|steps|footsteps|strut|swagger|jump|leap|spin|nod|bow|turn|shrug|sigh|breath|breaths
        |blink|blinks|wink|glance|glances)
    (sips|sipping|sipped|slurps|gulps) (from|on|at|a|an|the|his|her|some|tea|coffee|espresso|wine|water
        |\w+)
    (between|in between) (the |her |his )?(sentences|words|phrases|bites|sips|breaths)
    (lively|vivid|energetic|animated|expressive|full|realistic|lifelike|life-like|active|believable
        |nonstop|endless|rich|strong|visible|bodily
        |whole-body) (body |head |character |facial )*(movements?|motions?|animations?)
    (pigeons|birds|people|cars|clouds|waves|leaves|crowds|children|dancers|dogs|cats|horses|fans
        |soldiers|bubbles|sparks|snowflakes|fish|bees|flies|passengers|pedestrians
        |workers) ({adverb})(scatter|fly|run|pass|move|walk|cheer|rush|drift|dance|swim|play|jump|march
        |applaud|clap|swirl|float|race|hurry|gather|wander|fall|cross|roll|crash|chase|drive|leave|enter
        |arrive|circle|land|swarm|burst|stream)
    (treadmill|trampoline|carousel|merry-go-round|roller ?coaster|exercise bike|seesaw|swing set
        |pogo stick)
    on (a|the) (moving|speeding|rocking|bouncing|galloping|swaying|running|rolling) \w+
    (beads|earrings|pendant|chain|curls|braids|ponytail|tassels?|bells?|lamp|lantern|necklace|skirt|coat
        |cape|tie|flag|sign|leaves|branches|curtains?|trees|grass|wheat|waves|reeds|flowers|petals
        |feathers|ribbons?|sails?|balloons?|flames?) ({adverb})(swing|swings|sway|sways|bounce|bounces
        |flutter|flutters|flap|flaps|wave|waves|rustle|rustles|move|moves|shake|shakes|tremble|trembles
        |dangle and|jingle|jingles|twirl|twirls|ripple|ripples|billow|billows|dance|dances|spin|spins
        |drift|drifts|float|floats|fall|blow|blows)(?! (over|on|across|past|down to|onto|to) (her|his
        |the|one))
    <swing!> (gently|slowly|back|to|from|in|on|freely)
    (tears?|sweat|rain|raindrops?|water|blood|snow|makeup|paint) ({adverb})(trickles?|trickling|rolls?
        |rolling|runs? down|running down|streams?|streaming|drips?|dripping|slides?|sliding|pours?
        |pouring)( (down|over|off|along|from))?
    (wind|breeze|gust|air|fan) ({adverb})(<ruffle!>|<blow>|<toss>|<tousle!>|<stir!>|<move>|<play!>
        |<catch!>|<sweep!>|<lift!>|<tug!>)
    (fly|bee|wasp|bird|birds|butterfly|moth|insects?|cat|dog|horse|pigeon|seagulls?|crow|drone|plane
        |train|car|bus|boat|balloon|balloons|kites?|leaf|snow|crowd|traffic|waiter
        |stranger) ({adverb})(buzzes|buzzing|flies|flying|lands|landing|circles|circling|passes|passing
        |jumps|jumping|runs|running|crosses|crossing|enters|entering|drives|driving|floats|floating
        |flutters|fluttering|walks|walking|wanders|wandering|rushes|rushing|hovers|hovering|crawls
        |crawling|sails|sailing|appears|falls|moves|moving|swirls|swirling|cheers|cheering)
    (smoke|steam|mist|fog|vapou?r|dust|incense|flames?|fire|sparks?|bubbles|confetti|curtains?
        |shadows?) ({adverb})(curls? (up|from|around|over)|curling|drifts?|drifting|rises|rising|swirls?
        |swirling|dances?|dancing|flickers?|flickering|billows?|billowing|rolls? in|rolling in|creeps?
        |creeping|wafts?|wafting|spirals?|spiralling|spiraling|floats?|floating|burst|bursting
        |rains? down|raining down)
    (settles|settling|sinks|sinking|plops|collapses|collapsing|flops) (back )?(into|in|down|onto)
    (adjusts|adjusting|shifts|shifting|changes|changing|straightens|straightening) (her|his
        |their) (posture|position|weight|seat|pose|stance|gaze)
    (tasting|tastes|licking|licks|sniffing|sniffs|smelling|smells|biting|bites|swallowing|swallows
        |slurping|slurps|spitting|spits|inhaling|inhales|exhaling|exhales|blowing|blows|puffing|puffs
        |swigging|gulping|gulps|munching|munches|nibbling|nibbles) (on |in |out |at |from )?(the|a|an
        |his|her|some|hard|deeply|air|smoke|candles?|bubbles|kisses|slowly|soup|food)
    (brushing|brushes|combing|combs|washing|washes|drying|dries|shaving|shaves|applying|applies|wiping
        |wipes|scrubbing|scrubs|powdering|powders) (her|his|their|the|off|on|away)
    (coming|comes|came|going|goes|went|getting|gets|popping|pops|climbing|peeping|peering|bursting
        |stepping|emerging|emerges|surfacing
        |surfaces) (up |out |back |in |over |down |through |into )+(of |from |the |a )?
    ((subtle|natural|gentle|visible|slow|light|soft|realistic|idle|ambient|slight|tiny|micro|small
        |minimal) )*(breathing|blinking|idle|idling|swaying|head|body|facial|micro)[- ]?(motions?
        |movements?|animations?|movement)
    micro-?(movements?|motions?|expressions? (changing|shifting|flicker\w*))
    (breathing|breathes|breathe) (softly|gently|slowly|naturally|quietly|visibly|in and out)
    (animated|animating|wiggling|wobbling|jiggling|twitching|quivering|shivering) (body|head|shoulders
        |eyebrows|ears|nose|hair|tail)
    (comes|coming|brought|springs|springing|come) (alive|to life)
    (<pivot!>|<swivel!>|<slouch!> down|<straighten!> up|<perk> up|<spring!> up|<flop>|<topple>|<tumble!>
        |<plunge!>|<dive!>|<soar!>|<whirl>|<whip!>|<bolt>|<dart!>|<scamper>|<skitter>|<waddle>|<stagger>
        |<stumble>|<trudge>|<saunter>|<amble>|<swagger>|<parade!>|<prowl>|<creep>)
    (cries|crying) (out|harder|loudly)
    (smiles|grins) (back|at (us|the camera|the viewer|me|him|her|someone)|again|twice|once|briefly
        |slowly|suddenly|and|then)
    ({own} )(smile|grin|frown|blush|laugh|scowl|look) (grows|spreads|widens|vanishes|fades|appears
        |returns|breaks|deepens|drops|freezes|melts|slips)
    (heart|chest|pulse|vein|veins|temple) (beats|beating|pounds|pounding|throbs|throbbing|pulses|pulsing
        |heaves|heaving)
    (opening|closing|shutting) {own} eyes
    eyes ({adverb})(closes|closing|shuts|shutting|(close|shut|open) (and|then|as|when|while|slowly|again
        |briefly|for)|<dart>|<flick!>|<flit!>|<glance>|<drift>|<move>|<search>|<sweep!>
        |<lock!> onto|<roll!>|<flutter>|<water!>)
    ((?<=\bshe )|(?<=\bhe ))({adverb})(?!(is|has|was|does|wears|sits|stands|looks|holds|seems|speaks
        |talks|says|sings|faces|smiles|gazes|stares|rests|leans|appears|lives|loves|likes|keeps|works
        |needs|wants|feels|resembles|remains|stays|delivers|addresses|presents|narrates|explains|tells
        |reads|carries|owns|sports|displays|shows|projects|exudes|radiates|listens|waits|hosts|teaches
        |knows|thinks|believes|hopes|poses|means|always|perhaps|belongs|comes|smirks|grins|beams|frowns|glows
        |scowls|glares|squints|watches|sees|hears|enjoys|prefers|understands|commands|embodies|deserves
        |combines|manages|leads|heads|directs|studies|collects|gives|retains|bears|misses|suffers|resides
        |weighs|measures|dresses|pairs|matches|trusts|serves|represents|evokes|runs|teaches|sells|makes|lacks
        |sits)(?!\w))[a-z]+s
    (?!(looking|leaning|standing|sitting|streaming|coming|shining|glowing|facing|hanging|spilling
        |cascading|flowing|tumbling|peeking|lighting|clothing|evening|morning|ceiling|building|railing
        |painting|falling|pouring|tapering|fading|seated|going|lying|curling|trailing|extending|rising
        |filtering|seeping|reading|speaking|talking|singing|sticking|showing|bleeding|wrapping|casting
        |melting|dripping|raking|bouncing|reflecting|wearing|opening|lettering|shading|king|ring|string
        |wing|evening|spring|thing|nothing|something|jutting|sloping|winding|stretching|spanning|draping
        |dangling|curving|arching|spreading|looming|leading|fanning|spiking|sprouting|poking|protruding
        |flaring|sweeping|slanting|cutting|blurring|receding|dropping|blending|folding|resting|nestling
        |buttoning|tucking|hooking|squinting|glaring|peering|beaming|smiling|gazing|staring|living|growing
        |brimming|radiating|streaking|drawing|engraving|carving|standing|jutting)(?!\w))[a-z]+ing (away|up
        |down|around|past|toward
        |towards|into|out|off|through|across|forward|backward|forwards|backwards)
    (and|then) ({adverb})(?!(looks|leans|lights|curls|clouds|sits|stands|shoulders|glasses|hands
        |eyes)(?!\w))[a-z]+s (up|down|away|around|into|off|past|through|forward|toward|towards|at)
    (never|keeps) (stops )?moving
    (<break>|<burst!>|<crack!>|<flash!>) (into |out )?(an? )?(\w+ )?(smile|grin|laugh|laughter|frown
        |tears|smirk)
    (something|someone|somebody|\w+) (is )?(flying|running|walking|rushing|zooming|racing) (past|by
        |across|through)
    (<nod>|<walk>|<run>|<jump>|<dance>|<pirouette!>|<twerk>|<moonwalk>|<leap>|<skate!>|<skateboard!>
        |<surf>|<juggle>|<prance>)
    <pace!> {way}
    <limp>
    <tiptoe>
    <dash!> {way}
    <sneak!> {way}
    <slide!> {way}
    <roll!> {way}
    <float!> {way}
    <fly> {way}
    (<wobble>|<recoil>|<convulse>|<shudder>|<wince>|<wriggle>|<writhe>)
    <rock!> (back and forth|gently|slowly|side to side|on|in (time|{own} chair))
    (<hobble>|<scurry>|<curtsy>|<cartwheel>|<somersault>|<grimace!>)
    <pose!> for
    (<march>|<stroll>|<stride!>|<strut>|<trot>)
    <rush!> {way}
    <hurry> {way}
    <slam!> {her} \w+
    <bang!> {her} \w+
    <storm!> {way}
    <tap> {own} (foot|feet|toes)
    <stomp>
    paces
    pacing (back|up|around|the)( and forth| and down)?
    (<sway>|<swing>|<spin>|<twirl>|<rotate>|<bounce>|<bob!>|<jog>|<sprint>|<crawl>|<climb>|<hop>|<skip!>
        |<stumble>|<shuffle>|<wander>|<gallop>|<swim>|<shiver>|<tremble>|<twitch>|<fidget>|<squirm>
        |<flinch>|<jerk>|<jolt>|<blink>|<wink>|<sip>|<chew>|<drink>|<eat>|<laugh>|<giggle>|<chuckle>
        |<cough>|<sneeze>|<yawn>|<approach>|<enter>|<exit>|<arrive>|<hug>|<kiss>|<lunge>|<duck!>
        |<kneel!>|<bow!>|<cook!>|<headbang>|<glance>|<peek>|<flutter>|<flicker>|<drift>|<swirl>|<whirl>
        |<ripple!>)
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
    (<raise!>|<lift!>|<arch!>|<lower!>|<knit!>|<furrow!>
        |<wiggle!>) ({own} |an? |one )?(left |right )?(eye)?brows?
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
    (gets|getting|being) \w+ (off|away|around|about|aside)( by| in| from|$)
    (tear|teardrop|drop|leaf|petal|snowflake|feather|bead of sweat|raindrop|curl|strand) ({adverb})(falls
        |falling|rolls
        |rolling|slides|sliding|runs|running|drops|dropping|trickles|trickling|lands|landing|escapes|forms
        |forming)
        (?! (over|across|onto|past) (her|his|the|one) (forehead|eye|brow|shoulder|cheekbone|temple))
    (<explode>|<splash>|<collapse>|<erupt>|<vibrate>|<pulsate>|<oscillate>|<topple>|<whoosh!>|<crumble!>)
    (the|a|an|her|his|one|single) (\w+ )?(gaze|glance|cheek|nose|nostril|eyelid|brow|forehead|chin|shoulder
        |throat|vein|muscle|breath|shiver|smile
        |blush|shudder|expression|head|leg|arm|hand|finger|foot|knee|bus|tram|train|plane|cat|dog|bird|horse
        |fly|door
        |window|curtain|flag|sail|boat|ship|wave|cloud|flame|candle|lantern|lamp|leaf|branch|fan|wheel|clock
        |pendulum
        |ball|coin|kite|balloon|feather|fish|snake|spider|child|ghost|shadow) ({adverb})(travels?|passes
        |slams|swings|opens|closes
        |jumps|leaps|lands|licks|twitches|wrinkles|crinkles|scrunches|flares|pulses|throbs|races|roams
        |wanders|shifts|darts|runs through
        |goes up|goes down|goes off|spins|turns|ticks|flaps|flutters|flickers|gutters|dances|swims|crawls
        |barks|meows|comes (in|by|up|out)|walks
        |runs by|slides|drifts|hovers|trots|creeps|strikes)(?!( (over|down|across|along|from) (her|his
        |the) \w+ (cheek|brow|nose|chin|neck)))
    (flames?|fire|sparks|embers|smoke|steam|waves?|water) ({adverb})(lick|licks|licking|leap|leaps|leaping
        |crackle|crackles|crackling|roar|roars|roaring|bubbles|bubbling|boil|boils|boiling|lap|laps|lapping
        |splash|splashes|splashing|churn|churns|churning)
    (nose|forehead|brow|chin|cheeks?|nostrils?|muscles?) ({adverb})(wrinkles?|wrinkling|crinkles?|crinkling
        |twitches|twitching|scrunches|scrunching|flares?|flaring|puffs?|puffing|dimples) (in|with|as|at|when
        |up|out|slightly)
    (twitchy|panting|contorting|contorts|levitat(es|ing)|hovering|lurching|gliding)(?= *($|[,.;!?]))
    full of (motion|movement|action)
    (leaves|leaving|enters|entering|exits|exiting) (the )?(frame|room|shot|scene|stage|table|picture|screen)
    (backs|backing|moves|moving|comes|coming|goes|going|gets|getting) (away|off|back|up|in|out|over)(?= *($
        |[,.;!?]))
    falling (backwards?|down|over|off|asleep|forwards?|to (the|her|his))(?= *($|[,.;!?]))
    (startled|sudden|little|quick|small|slow|slight|single) (jump|leap|start|step|turn|move|blink|wink|shiver
        |flinch|sway|dance|bounce|wobble|twitch|spin|jerk|jolt|bob|gasp|swallow|gulp)(?= *($|[,.;!?]))
    (yoga|dance|workout|exercise|fitness|stretch|warm-up|karate|tai chi) (flow|routine|moves?|steps|practice
        |session|movements?)
    (blushes|tears up|wakes up|waking up|falls asleep|dozes off|dozing off|loosens up|stiffens up|cheers up
        |comes back|comes in|sits back|stands back)
    (never|can't|cannot|won't|doesn't) (sits?|stands?|stays?|keeps?|be) still
    face animated
    (an?|another|one|little|slight|small|the) (\w+ )?(shake|tilt|turn|nod|bob|toss|jerk|dip|roll) of (the
        |{own} |a )?(head|chin|hair|shoulders?)
    (hardly|barely|never|not) (keep|stay|sit|stand)s? still
    (earrings?|bangles?|keys|chains?|bells?|coins|necklaces?|bracelets?) ({adverb})(<jangle!>|<jingle!>
        |<clink>|<rattle!>|<swing!>|<sway>)
    (head|body|torso|figure|bust|platform|stage) on a (\w+ )?(swivel|turntable|spin|turn)
    (lids|eyelids|eyes) ({adverb})(<grow!>|<get!>|<become>|<brim> over|<overflow!>|<go!>) ?(heavy|wet|wide
        |moist|red|glassy|soft|hard|over)?
    (wheels|rolls|drifts|sails|cycles|whizzes|zooms|speeds|flits|flies|strolls|wanders|hurries|rushes
        |trundles) (past|by)
    (goosebumps|blush|colou?r|redness|rash|flush) ({adverb})(<spread!>|<creep>|<rise>|<appear>|<climb>)
    blushing (deeper|deeply|red|more|again|slowly|as|when)
    (gives|giving|shoots|shooting|throws|throwing|casts|casting) (us|me|him|her|them|the (camera|lens|viewer
        |crowd)) (a|one|the) (\w+ )?(wink|nod|look|glance|smile|grin|wave|kiss|salute|bow|side-eye)
    (hair|veil|skirt|scarf|coat|cape|ribbon|curtain)s? (being )?(lifted|tousled|tossed|blown|ruffled|stirred
        |swept|whipped) (up |around )?by (a|the) (fan|wind|breeze|gust|storm)
    (ship|boat|deck|train|bus|car|plane|carriage|cradle|hammock) ({adverb})(<pitch>|<roll!>|<rock!>|<lurch>
        |<sway>|<shake>|<bump>|<jolt>)
    (make|let|have|keep|add|with|give|want|need|put) (
        the |her |his |some |a |in |more |lots of |a bit of |it )*(body|head|face|shoulders?|hair|character
        |picture|life|image|avatar)? ?(and )?(move|moving|motion|movement|movements|animate|animation
        |alive)( (naturally|a bit|a little|gently|freely|around|slightly|more))?
    """
)

MOTION_INNOCENT = phrases(
    r"""
    (striking|hitting) (the|a) (right|pose|balance|chord|note|tone|contrast|resemblance)
    kneeling
    moving in (tone|mood|feel|spirit|its)
    quietly moving
    jump ?-?suits?
    (passing|moving|speeding|falling|running|flying|dancing) (\w+ )?(frozen|suspended|caught|stopped)
    resting (across|over|on|in|against|under|around|by|behind) \w+
    (necklace|earrings?|ring|jewel|badge|buckle|blade|glasses|medal|brooch|button|hair|cheekbones?
        |chrome|metal|gold|silver|glass|water|eyes?) (that )?(catch|catches
        |catching) (the |some |a )?(last |warm |soft |morning |evening )?(light|sun|sunlight|glint|glow
        |rays?)
    (who |that |he |she |woman |man )?(runs|running|ran|run) (a|an|the|her|his|their
        |this) (small |own |family |little |local |old )*(bakery|shop|store|farm|school|business|company
        |restaurant|cafe|café|bar|pub|hotel|inn|studio|gallery|market|clinic|practice|office|firm
        |workshop|garage|kitchen|stall|library|museum|theatre|theater|news|podcast|channel|show|charity
        |country|city|department|team)
    (trembling|shaking|flickering|rocking|swaying|spinning|drifting|restless|nervous)[- ]?(mood|voice
        |look|air|energy|feel|feeling|tone|style|emotion)
    jump-?suits?
    (nodding|passing) acquaintance\w*
    (dancing|laughing|smiling|twinkling|wandering|flashing|shining|sparkling) eyes
    (scar|scars|line|lines|wrinkles?|seam|crack|freckles|stripe|ribbon|strap|zip|path|vein|veins|tattoo
        |fringe|braid|chain|border|road|wall|beard|nose) (that )?(runs?|running|ran) (\w+ )?(across
        |along|down|from|over|through|up|to|the)
    (light|lamp|necklace|earrings?|jewel|jewels|ring|metal|hair|skin|glass|glasses|silk|satin
        |sequins) (that )?(catch|catches|catching|sparkles?|sparkling|shimmers?)
    (collar|hair|beard|lapels?|building|tower|tree|lamp|quiff) (stands|standing|sticks|sticking|turned
        |turning) up
    (sun|light|daylight|sunlight|moonlight|lamplight|neon|glow|sunbeams?|rays?|beams?) ({adverb})(pours?
        |pouring|streams?|streaming|spills?|spilling|falls?|falling|floods?|flooding|slants?|slanting
        |bounces?|bouncing|filters?|filtering|shines?|shining|wraps?|wrapping|washes|washing|comes?
        |coming|enters?|entering|breaks?|breaking|rakes?|raking|skims?|skimming|plays?|playing) \w+
    (wrinkles?|freckles|hair|locks|curls|veil|lace|beard|dress|gown|cloak|cape|fabric
        |silk) ({adverb})(flows?|flowing|falls?|falling|spills?|spilling|cascades?|cascading|drapes?
        |draping|curls?|curling|frames?|framing) \w+
    (shadows?|shade|darkness|mist|fog|haze|smoke) ({adverb})(stretch|stretches|stretching|falls?|falling
        |hangs?|hanging|lies|lying|fills?|filling)
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
    (animated|moving) (character|cartoon|film|feature|movie|style|figure|series|short|look)(?! (moving
        |dancing|walking))
    eyes ({adverb})(looking|look) (directly |straight |right |calmly |softly |firmly )?(at|to|into|toward
        |towards) (the |us|me)?\w*
    (carpet|shirt|tie|dress|logo|tattoo|print|pattern|brooch|pin|badge|figurine|statue|poster|mural) (of|with
        |showing) (an? |the )?(\w+ ){0,2}\w+
    (light|sun|sunlight|daylight|glow|rays?|beams?|shadows?|neon|lamp|flash|moonlight|glare|reflections?) (
        {adverb})(catches|catching|hits|hitting|strikes|striking|cuts|kisses|kissing|touches|touching|grazes
        |grazing|crosses|crossing|carves|carving) {her} \w+
    (drawing|writing|painting) on (the|a|her|his) (\w+ )?(wall|board|blackboard|shirt|mug|door|easel|skin|arm
        |neck)
    swing (coat|dress|skirt|jacket)
    (gesture|life|line|figure|ink|chalk|charcoal|pencil|technical) drawings? (in|on|with|from)
    nodding (donkey|dog|head toy)
    running (make-?up|mascara|paint|eyeliner)
    dashing(?! (to|off|out|across|through|past|away|into|around))
    (with )?(visible |clear |natural |good |some )?(lip|mouth) (motion|movement|movements)
    (light|lights|sun|sunlight|daylight|glow|rays?|beams?|shadows?|neon|lamp|flash|moonlight|glare
        |reflections?|lamplight|candlelight) ({adverb})(\w+ing|comes|falls|rises|spills|streams|pours|drifts
        |slides|wraps|rakes|cuts|hits|strikes|plays|floods|bounces|reaches) (up|down|across|over|on|onto|from
        |through|into|around|along|past|out|off|in|her|his|the|against|between|toward|towards|behind)
    """
)
