"""What offends by its grammar, whatever the words: the frames of each rule.

Where `vocabulary` names words, a frame names their kinds, so that it holds for words nobody thought of.
Each line is one frame; read it from left to right, an item a word. This one of GESTURE, shortened,

    ([--]|[P]|and|[B]) <[H] [..] (onto|into|on)> [O]

wants a comma, a person, "and" or a part of the body; then a word of handling, any word, and "onto", "into"
or "on"; then "her" or "his". It points (<>) at all but the first and the last, and so finds

    >>> text = "a barber, lathering foam onto his jaw"
    >>> [text[place.start : place.end] for place in GESTURE.finditer(text)]
    ['lathering foam onto']

in which no word but "onto" is listed with the rule. (?!of) forbids the next word, "?" makes the item before
it optional. The kinds most used: [D] the, her; [P] person; [Q] people; [H] handling; [M] moving; [I] -ing;
[S] -s; [Y] -ly; [J] preposition; [..] any word; [--] punctuation or an end. `grammar` has them all, and turns
frames into regular expressions.

NOT_SHOWN is what only looks like an offence, to whichever rule: purposes, comparisons, what somebody is and
no film shows.
"""

from __future__ import annotations

from lipwright.prompt.grammar import frames

SEVERAL_PEOPLE = frames(
    """
    (in-laws|grandchildren|siblings|cousins|kinsfolk) ([I]|[E]|behind|around|at|on|in|from)
    (horn|string|rhythm|brass|choir|percussion) section (blurred|behind|in|out|at|seated|visible)
    <first (mate|officer|violin|lady)> (at|beside|behind|in) [DO]
    (against|near|facing|by|to|toward|towards|at|from|embracing|hugging|kissing) <[O] (husband|wife
        |mother|father|son|daughter|brother|sister|friend|partner|boss|colleague|child|baby|lover|twin
        |fiancé|fiancée|boyfriend|girlfriend|mate|rival|opponent)> [--]
    <[O] [P]> (hard|busy|deep|fast|half|already|still|just|dimly|faintly|close|also|too|right)
    with (best|close|old|new|good|dear) (friend|friends|mate|mates|buddy|colleague|companion)
    [E] on the (cheek|forehead|lips|head|shoulder|back|hand) by <[DO] [..]? ([P]|[Q])>
    , <[P] (in|among) (the|deep|soft)? (shadow|shadows|background|dark|gloom|haze|blur|distance|rear
        |wings|half-light)>
    by <[O] [..]? [P]> [--]
    <[..]? [Q] (on|at|to)? (either|each|both)> (side|sides)
    <[O] (crew|team|band|gang|staff|entourage|family|squad|posse|troupe|ensemble|colleagues|in-laws|lads
        |girls|boys|brood|flock|choir|congregation|subjects|troops|men)> (behind|around|beside|in|at|on
        |watching|next|with|out|blurred|cheering|waiting|gathered)
    (next to|beside|behind|near|opposite) (him|her|them) (stand|stands|sit|sits|is|stay|stays|wait|waits
        |lies|kneels) <[D] [..]? [..]>
    [O] <[G] (shoulder|shoulders|back|hair|silhouette|profile|knee|knees|hat|cap)> (soft|in|blurred|dark
        |dim|at|out|visible|just|on|half|edging)
    , <[..]? [P] (in|on|at|by) [D] [..]? (background|doorway|corner|distance|seat|mirror|cell)> (behind
        |beside|next|opposite|[--])
    <(photobombed|flanked|joined|watched|held|hugged|kissed|comforted|interviewed|accompanied|followed
        |escorted|embraced|guarded|served|attended|teased|carried|led) by (a|an|the|two|three|some
        |several|her|his) [..]? ([P]|[Q])>
    beside <that of [DO]>
    (me|myself|him|her|us) and (my|his|her|our) <[P]>
    (two|three|several|many|other) (angels|cherubs|ghosts|shadows|statues|figures) [I]
    <(best man|maid of honour|maid of honor|stunt double|body double|passer-by|bystander|onlooker|weather
        girl|line of extras)> (?!'s)([I]|in|at|with|behind|beside|[--])
    (cheeks|heads|faces|foreheads|noses|shoulders) (pressed|leaning|close|touching|bent|put|squeezed)?
        together
    [--] (dad|mum|mom|mother|father|grandma|grandpa|grandmother|grandfather|husband|wife|brother|sister
        |aunt|uncle|boy|girl|man|woman|king|bride|groom|teacher|doctor|nurse|host|chef) (and|&|with)
        (daughter|son|baby|child|sister|brother|wife|husband|grandson|granddaughter|grandchild|niece
        |nephew|girl|boy|woman|man|queen|groom|bride|pupil|patient|guest|waiter)
    <[O] (co-star|costar|opponent|lover|rival|sidekick|accomplice|understudy|classmate|teammate|bandmate
        |roommate|deskmate|co-pilot|copilot|co-host|co-anchor|companion|grandchild|spouse|fiance|fiancee
        |fiancé|fiancée)> (?!is not)(just|half|out|in|beside|behind|across|at|on|near|next|by|[--])
    <(opponent|rival|companion|accomplice|interviewer|interviewee|questioner|hostage|captor) (across
        |opposite|facing|beside|behind|next)>
    [O] <[G] (arm|arms|hand|hands|head|chin|face) (on|around|about|over|in|against|across|next|beside)>
    [--] [..]? <[Q]> [E] (up|at|behind|in|on|along|around|outside)
    (supporters|fans|followers|admirers|disciples|voters|donors) (with|holding|behind|cheering|around
        |waving|in)
    [--] [..]? <([Q]|comrades|staff|personnel|police|folk|folks|clergy|troops|cavalry|infantry|paparazzi
        |onlookers)> (out|behind|in|at|on|around|beside|nearby|cheering|with|[I])
    (someone's|somebody's|stranger's|friend's|mother's|father's|partner's|lover's) <(hand|hands|arm|arms
        |face|head|shoulder|reflection|elbow)>
    (with|and) <[D] [..]? [..]> (beside|next to) [--]
    (with|by) <[O] [..]? (trainer|coach|model|baby|fighter|twin|double|kid|master|kids|twins)> ([--]|[J])
    (beside|behind|opposite|alongside|with|next to|close to|near|against) <[D] [..]? [P]> (standing
        |sitting|seated|out of|in the (back|background|foreground|mirror|distance)|dim|blurred|blurry
        |beside|behind|next to|at|to (her|his) (left|right|side))
    <[D] [..]? [P]> (in|with) [D] [..]? [..] (is|are|was)? (posed|standing|stands|sits|seated|at|on
        |beside|behind) (at|on|by)? (either|each|one|her|his|the) (side|left|right|other)
    <[D] [..]? [P]> (stands|standing|sits|sitting|seated|waits|waiting|is|just|posed|visible|blurred
        |blurry|dim)* (beside|behind|next to|to|on|at|alongside|opposite|over|against) (him|her|them|(her
        |his|either|each|one|the other) (left|right|side|shoulder|elbow))
    [--] <[..]? [..]? [P]> (on|in|at) [D] [..] (beside|behind|next to|near) (him|her|them)
    <[D] [..]? [P]> (half|partly|just|slightly|dim|blurred|blurry|visible|softly)* (out of focus|in (the
        |soft|a soft) (back|background|blur)) (?!of)
    (beside|next to|against|near) <[O] [G]> [--]
    [O] <[G] reflection>
    (and|with|plus|while|beside|behind) <[O] [..]? [..]? [P]> ([--]|(in|on|at|by|beside|behind|near|out
        |sits|stands|leans|listens|waits|watches|looks) )
    <[P] (perched|seated|sitting|sat|asleep|sleeping|cradled|resting|leaning|standing) (on|in|against|at
        |beside|behind|by) [O]>
    <([N]|two|three|four|several|some|many|most|all|both|few) of [O] (?!fingers|teeth|rings|buttons|eyes
        |hands|own|hair|nails|books|works|paintings|tools|medals|curls|best|last|first|old|earrings
        |bracelets|films|songs)[S]>
    <(queue|queues|row|rows|line|lines|ring|circle|huddle|handful|bunch|group|groups|hundreds|thousands
        |dozens|cluster|knot|swarm|clusters) of [..]? (families|[Q])>
    <[D] [P] and [D] [..]? [P]> (?!of)
    <([N]|two|three|four|five|six|several|both|few|other|more) [..]? [Q]>
    """
)

GESTURE = frames(
    """
    , <(shows|presents|demonstrates|unveils|produces|offers|waves|reveals|brandishes)> (a|an|us|the|one
        |two|three) (?!hint|trace|touch|flash|glimpse|bit|little|gap)[..]
    [--] [Y]? <(feeding|threading|passing|guiding|sliding|working|easing|pushing|pulling|laying|placing
        |setting|putting|dropping|dipping|folding) [..]> (under|into|through|onto|across|over|in|on
        |between) [..]
    (arms|hands|fists|arm|hand|fist) <(flung|thrown|thrust|cast|hurled|waved|shaken)>
    (talk|talks|talking|speak|speaks|speaking|explain|explains|explaining|narrating) (a lot|much)? with
        [DO]? [..]? (hand|hands|arms|fingers)
    [..] <(tapped|slapped|drummed|knocked|rapped|banged|clicked|hit|struck|swung|waved|shaken|twirled
        |tossed)> (against|at|on) [..]
    [--] [Y]? <(?!stripes|bands|bars|patches|strokes|straps|spots|streaks|stains|beads|splashes|shadows
        |lines|cracks|folds|veins|smears|smudges|layers|waves|cuts|scratches|locks|rings|pins|tapes
        |bandages|nails|buttons|screws|frames|cables)[h] (across|through|at|into|onto)> [DO]
    [..] <(ringing|banging|hammering|tapping|clinking|clattering|clicking|knocking|rapping|drumming)> (on
        |against|at|into)
    [..] <(?![U])[H]> (over|across|through|along|down|up) (?!to)[..]
    [..] <(going|coming|moving) (up|down|to|into|toward|towards|round|back)>
    [O] [G] <(arm|arms|hand|hands) (tugging|pulling|reaching|patting|stroking|waving)>
    [--] [Y]? <(signing|shaping|moulding|molding|counting|typing|sketching|baking|painting|writing)>
        ([--]|(on|with|at|in) [DO]|[..] (on|at|with|in) [DO])
    <[O] (hand|hands|finger|fingers|fist|palm|palms|arm|arms)> (keeps|keep|does|do|goes|go|comes|begins
        |never|is busy|are busy|are everywhere)
    ([--]|[P]|and|[B]) <[H] [..] (onto|into|on|off|from|over|against|across|through|around|with|in|to)>
        [O]
    ([--]|[P]|and|[P] and|[B]) [Y]? <[H] [DO]>
    ([--]|[P]|and) [Y]? <[I] (us|them|me|someone|somebody|people|you) (into|to|through|toward|towards|in
        |out|over|on|up|down|off|away|closer|past|along)>
    ([--]|[P]|and) <(demonstrating|showing|shows|demonstrates|explaining with) (how|the app|the product
        |[D] (app|product|screen|phone|mobile|tablet|laptop|ring|result|way|steps|trick|card|page|book
        |picture|photo|item|bottle|box|bag))>
    (and|[--]) <doing> (?!(well|nothing|business|fine|okay|ok))[..]
    (is|are|was|[..]) <being (?!young|old|human|alone)[E]>
    (hand|hands|fingers|fist|arm|arms|thumb|palm|palms) [Y]? <[MmHh]>
    [P] [Y]? <[h]> [DO]
    (she|he|they) [Y]? <[h]> [DO]
    (he|she) makes turn
    """
)

MOTION = frames(
    """
    (?!hair|light|curls|curl|curtain|lace|ivy|vine|vines|sunlight|lamp|lamps)[..] <(?![U])[M]> (from|onto
        |off) [DO]
    [I] (him|her|them|us) (upward|upwards|away|along|downward|forward|forwards|past)
    (eyes|lids|eyelids|hands|fingers|arms|feet|heads|fists|brows) [Y]? <(close|shut|rise|lift|drop|turn
        |move|dart|flick|shift|wander|drift|fly|meet|follow|narrow|clench|curl|tap|drum|dance|roll
        |flutter|twitch|snap|sweep|reach|point|wave|clap|shake|tremble|widen|blink)> (on|at|to|with|as|in
        |from|toward|towards|when|over|across|up|down|left|right|[Y])
    (spotlight|searchlight|beam|headlights|torch|lightning|strobe|strobes|sparks|laser|lasers) <[I]>
    [S] <(go|come|turn|fly|move|swing|roll|run|drift|flash|flicker|sway|dance|shake)> (out|on|up|off|down
        |by|past|around|about|overhead|[--])
    (tide|sun|dawn|dusk|night|storm|fog|mist|darkness|evening|morning|rain|snow) (is)? <(coming|falling
        |rising|setting|breaking|dawning|closing|rolling|creeping|gathering|lifting|clearing|approaching
        |moving)>
    [--] [Y]? <(?![U])[MH] [S]> [--]
    [..] <(brightening|dimming|darkening|lightening|flooding|warming|reddening|yellowing|clouding
        |freezing|melting|rotting|decaying|blossoming|blooming|unfolding) [DO]>
    [B] [..]? <(opening|closing|irising|shutting|widening|narrowing|rising|lifting|dropping)> ([--]|and)
    (eye|eyes|pupil|pupils|eyelid|eyelids|lid|lids) [..]? <(opening|closing|irising|shutting|widening
        |narrowing|darting|rolling|dilating|contracting|scanning|sweeping)>
    (he|she) (then|also|just|now|only|always)? [Y]? <(?!face|head|water|man|model|star|top|back|wine|chin
        |hair)[V]> ([DOJ]|[--]|and)
    [P] [Y]? <(?!face|head)[V]> [DO] (?!look|style)
    (he|she|and) (look|looks) <(down|up|away|aside|to (the|her|his) (floor|ground|sky|window|left|right
        |side|ceiling|door|watch|phone))>
    [--] <(eating|munching|sipping|chewing|nibbling|gobbling|slurping|licking|drinking|crunching
        |devouring|swallowing|tasting|biting|swigging|gulping|puffing|sucking)> (?!disorder|habits
        |fountain|glass|gum [--])[..]
    (is|are|was|will|would|should|must|can) (then|also)? (go|come|move|turn|walk|nod|shake|wave|dance|run
        |jump|blink|laugh|leave|enter)
    [S] <[I] and [I]> (?!brown)[--]
    (?!falling|turned)[..] <(growing|coming|popping|poking|breaking|shooting) (in|through|out|up)> [--]
    [S] <(?![U])([MH]|breaking|crashing|melting|shifting|changing)> (from|behind|around|past|over|under
        |down|up|across|through|against|in|on|at) [DO]
    [--] [Y]? <(?![U])[MH]> [--]
    [--] [..]? [..]? <(spread|raised|open|up|down)? and (rising|falling|moving|lifting|turning|swaying
        |opening|closing)>
    (snow|rain|smoke|steam|dust|leaves|petals|confetti|sparks|ash|embers|sand|water|waves|wind|birds
        |clouds) (goes|go|comes|flies)
    [--] [Y]? <(?![U])[I] (it|at|[DO]|[J])>
    [--] [Y]? <(?![U])[H] [S]> [J]
    [--] [Y]? <[mh] (it|him|them|[DO]|(on|off|up|down|away|back) [..]? [S])>
    [..] <(?!shoulders|heads|legs|chins|thumbs|hands|heels|straps|palms)([mhMH]|comes|come|goes|switches
        |switch|levels|well|wells|flicks|coming|going|switching) (up|on|off|out|away|open|shut)> [--]
    [P] [Y]? <[m]> [DOJ]
    (she|he|they) [Y]? <[mM]>
    [..] (is|are|was|were|keeps|keep) [Y]? <[M]>
    (?!hair|curls|light|curtain|curtains|road|beard|ponytail|braid)[..] <[M] (about|around|round|past|by
        |away|off|overhead|to and fro|back and forth|up and down)>
    (flies|bees|wasps|insects|mosquitoes|drone|drones|machine|engine|phone|alarm|bells) <(buzz|buzzing
        |hum|humming|ring|ringing|swarm|swarming)>
    """
)

TEMPORAL = frames(
    """
    (ice cream|snowman|ice|snow|wax|candle|butter|chocolate|lolly|popsicle|make-up|makeup) <(melts
        |melting|drips|dripping|dissolves)>
    (smile|grin|frown|expression|gaze|eyes|brow|light|sky|room|mood|shadow|shadows|scene|world|colour
        |colors|colours|cheeks|anger|joy|resolve|blush|fog|mask|composure|features|crown|moon|sun|candle
        |background|lamp|lights) [Y]? <(?![U])(?!matching|lined|dimming|tinted|glows|framing|shading
        |rounding|clearing|rounds|wrinkling|softening|wearing|wears|ends|lines|shades|blurring|glazing
        |darkening|blending|crinkling|narrowing|hints|masks)[Cc]>
    after (a|an|some|the) (long|short|brief|little|moment's|tense|awkward|heavy)? (wait|pause|silence
        |hesitation|while|beat|delay|breath|sigh|look|glance|cough|laugh|blink|nod)
    (hope|fear|joy|doubt|anger|understanding|grief|panic|recognition|suspicion|relief|disgust|surprise
        |terror|shock|realisation|realization|love) <(dawning|growing|rising|spreading|building|creeping
        |fading|setting|gathering|sinking|arriving|flooding|swelling|mounting|giving way)>
    (that|which|who) <(dies|fades|vanishes|disappears|grows|builds|swells|melts|breaks|cracks|softens
        |hardens|deepens|widens|brightens|darkens|ripens|withers|wilts|rises|sinks|changes|shifts|turns)
        (on|in|into|away|out|up|over|as|to|from|with|slowly|quickly)>
    [..] <(builds|adds|piles|mounts|stacks|grows|builds|comes|wears|ebbs|dies|melts|drops|fades) (up|down
        |away|off|out|over)> (layer|bit|by|as|and|with|over|[--])
    by and by|layer after layer|one by one|a long silence|bit after bit|little after little|word by word
        |line by line|stage by stage|minute by minute|hour by hour
    (colour|color|blood|life|warmth|hope|light|anger|smile) (drains|draining|leaves|leaving|seeps|creeps
        |returns|returning|floods|flooding|fades|ebbs|goes) (from|out|away|back|into|to)
    (ages|aging|ageing|grows|jumps) [..]? [..]? (years|decades|months|days)
    in (the|this) (clip|video|shot|scene|film|animation|sequence) (?!still)[..]? [..]? (becomes|turns
        |goes|changes|then)
    gradually|eventually|all of a sudden|bit by bit|little by little|by degrees|in stages|step by step
        |more and more
    (stage|step|phase|part|scene|act|beat|shot|frame|clip|segment|second|minute) (one|two|three|four
        |[N])(?=[--])
    firstly|secondly|thirdly|lastly|subsequently|to begin with|to start with|from then on|in turn|one
        after another
    by the (chorus|verse|bridge|finish|refrain|punchline|close|curtain|third|second|fourth)
    (lights|lamp|lamps|curtain|sun|spotlight|music|fog) (come|comes|go|goes|go|dim|dims|brighten
        |brightens|flare|flares|snap|snaps) (up|on|off|out|down|in)
    on the (first|second|third|fourth|last|final) (verse|chorus|beat|line|word|note|bar|syllable|refrain)
    (nothing|still|silent|silence|calm|blank|quiet|frozen) for [D] [..]? (second|seconds|moment|moments
        |beat|beats|while)
    (light|sky|background|colour|color|room|mood|scene|wall|screen) (that)? (has|have|had) (turned|gone
        |changed|become|shifted)
    (lower and lower|higher and higher|closer and closer|nearer and nearer|wider and wider|louder and
        louder|faster and faster|slower and slower|bigger and bigger|larger and larger|brighter and
        brighter|darker and darker|smaller and smaller|softer and softer|deeper and deeper|redder and
        redder|sadder and sadder|angrier and angrier|tighter and tighter|younger and younger|older and
        older|longer and longer|further and further|farther and farther)
    """
)

PACING = frames(
    """
    (ponderous|plodding|sluggish|torpid|brisk|hasty|snappy|zippy|rapid-fire|quick-fire|laboured|labored
        |lumbering) (delivery|speech|voice|talk|tempo|reading|manner of speaking|cadence|words)
    (legato|allegro|presto|adagio|largo|andante|prestissimo|staccato) [..]
    no (gaps|pauses|breaks|hesitation|breath|breaths) ([--]|between|in|at)
    ([N]|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty) (words|word|syllables|syllable
        |beats|lines|sentences) (a|per|every|each|to the|at) [..]
    (voice|speech|delivery|tongue|words|talk) (that|which)? [..]? ?(lags|drags|races|gallops|rushes
        |hurries|crawls|trots|plods|flows|tumbles|speeds|slows|quickens|accelerates|dawdles|stumbles
        |halts|trips|runs)
    (at|with|in) (full|top|high|low|double|half|breakneck|great|lightning|record|maximum|warp|dizzying)
        (tilt|speed|pelt|throttle|gallop|tempo|pace|time|steam|rate|velocity)
    (sluggish|sleepy|drowsy|syrupy|treacly|jerky|staccato|clipped|rattling|galloping|plodding|dragging
        |racing|speedy|tripping|halting|stop-start|stop-and-go|start-stop|sing-song|singsong) (slur
        |speech|delivery|voice|tempo|drawl|talk|sentences|phrases|phrasing|words|cadence|rhythm|monologue
        |patter|reading|recital|narration)
    fastly|too fast|very fast|super fast|really fast|so fast|super slow|very slow
    (hurried|unhurried|slow|fast|quick|rapid|brisk|leisurely|swift|hasty|breathless|lazy|measured
        |accelerating) [..]? [..]? (talk|speech|chatter|patter|talking|speaking|delivery|words|banter
        |narration|monologue|dialogue|speaker|talker)
    nineteen to the dozen|a mile a minute|ten to the dozen|mile-a-minute|at a (gallop|canter|trot|crawl
        |jog|sprint|clip)|hell for leather
    (words|syllables|sentences|phrases|lines|pauses|answers) (spaced|measured|clipped|stretched|drawn
        |rushed|crammed|run|running|set|placed|dropped|far) (out|far|apart|together|into|wide|by)*
    (gap|gaps|pause|pauses|silence|silences|space|breath|breaths) (between|after|before) (each|every|the
        |her|his)? (word|words|sentence|sentences|line|lines|phrase|phrases|clause|syllable|syllables)
    (hurried|hurriedly|rushing|rushes|races|racing|galloping|gallops|crawling|plodding|ambling|dawdling
        |barrelling|barreling|rattling|rattles|reeling|breezing|tearing|zipping|speeding|whizzing)
        (through|off|along|over) [..]? [..]? (line|lines|words|speech|script|text|sentence|sentences|list
        |names|numbers|paragraph|poem|verse|news|prices|dialogue|terms|facts|figures|story)
    (speak|speaks|speaking|talk|talks|talking|voice|words|speech|sing|sings|reads|reading) [..]? (without
        |with no|with few|with many|with long) (any|a|a single|ever|once|taking|drawing|stopping
        |pausing)* (for)? (pause|pauses|break|breaks|breath|breathing|air|stop|stops|hesitation|gap|gaps
        |comma|commas|rest|stopping|pausing)
    (like|as) (a|an)? (metronome|machine gun|machine-gun|clockwork|racehorse|snail|waterfall|bullet train
        |express train)
    (speaks|talks|speaking|talking|speech|voice|playback|delivery) (like|at|in)? [N] (speed|playback
        |tempo)?
    (spitfire|rapid-fire|machine-gun|breakneck|lightning|whirlwind|staccato|syrupy|snail-paced|supersonic
        |turbo|speedy|quickfire|motor-mouth|motormouth|blistering|galloping) [..]? (rundown|recap|patter
        |delivery|speech|talk|talking|voice|pitch|recipe|words|rap|verse|explanation|answers|commentary
        |spiel|monologue|dialogue|narration|summary|list)
    """
)

CAMERA = frames(
    """
    (view|picture|image|focus|lens) (goes|comes|moves|travels|gets|going|coming|moving|travelling
        |traveling)
    (seamless|full|slow|complete|continuous|smooth|quick) (360|180|turnaround|revolve)
    (frame by frame|inch by inch|bit by bit|cut by cut) (closer|nearer|tighter|wider|in|out)
    zolly|snorricam|dolly-zoom|contra-zoom|boomerang shot|push-pull
    [..] (jib|steadicam|gimbal|slider|crane shot|dolly) ([--]|to|from|in|out|across|around|toward|towards
        |past|onto|over)
    [..] <(whip|whip-pan|zoom|pan|dolly|tilt) (to|across|onto|toward|towards|past)> [DO]
    tracking (alongside|along|beside|behind|past|around|with|round|in|out|back)
    [A] (jib|crane|drone|dolly|steadicam|gimbal|slider|zoom|pan|tilt|orbit|pullback|pull-back|push-in
        |truck)
    (image|picture|frame|shot|view|horizon|viewpoint|screen|perspective) [Y]? <(?![U])[mMhH]> [J]
    (image|picture|frame|shot|view|horizon|viewpoint|perspective) [Y]? <(tips|tilts|sways|swings|rolls
        |spins|flips|drifts|slides|wobbles|rocks|shakes|turns|jumps)>
    (strobe|quick|fast|rapid|jumpy|frantic|rhythmic|snappy|choppy|punchy|slick|music-video) (edits|edit
        |editing|cuts|cutting)
    (aerial|airborne|drone|dizzying|swooping|spiral|spiralling|spiraling|vertical|lateral|horizontal
        |circular) <(descent|ascent|flight|drop|rise|move|slide|glide|drift|pass|sweep|climb|fall|travel)>
    <(dollying|panning|trucking|zooming|orbiting|craning)> [J]
    (focus|bokeh|depth|sharpness) (racks|shifts|slips|travels|jumps|hops|drifts|wanders|moves|goes|pulls
        |switches|breathes)
    camera (have|has|needs|need|is going) to (?!be|stay|remain|not|hold|show)[..]
    (low|high|left|right|near|far|wide|up|down|front|side|back|top|bottom) to (high|low|left|right|near
        |far|tight|close|up|down|front|side|back|top|bottom|profile) (crane|move|pan|tilt|shot|swing
        |sweep|track|dolly|slide|travel|drift)
    (camera|pov|viewpoint|we) [Y]? [Mm] [DJ]
    (camera|picture|image|shot|frame|view) (should|must|shall|will|can|may|would|to) (always|slowly|also
        |please|just|then)* (?!(be|stay|remain|keep|stand|not|never|hold|look|feel|see|show|face|capture
        |have|carry|read|sit|focus|rest|do|stay|include|fill|contain|suggest|seem|match|use|appear))[..]
    camera (she|he|it)? (is|being|gets)? (carried|handheld|hand-held|moved|swung|shaken|thrown|tossed|on
        the shoulder)
    (from|between) [D]? (extreme)? [F] (shot|body|up)? (and|to|into|through to|then) [D]? (extreme)? [F]
    (360|180|270|ninety|full circle) (degree|degrees|spin|turn)? (around|round) (the|her|his)
    (whip|cut|cuts|cutting|jump|jumps|switch|flick|hop|snap|swing) from [..] [..]? to
    ([--]|[A]) <(slide|glide|drift|push|sweep|swoop|creep|crawl|float|arc|descent|ascent|rise|pull|slam
        |rush|dive|lurch|swing|retreat|approach|travel|move) (past|across|around|along|toward|towards
        |into|onto|over|up to|down to|through|between|in on|back from|away from|out to|from|to)> [DO]
    """
)

CLUTTER = frames(
    """
    [..] [S] , [S] , [S] , [..] [S] [--]
    (full|crowded|crammed|stuffed|packed) (of|with) [..]? [S] and [..]? [S]
    (towers|mountains|heaps|stacks|piles|walls|forests|jungle|sea|avalanche|tangle|clutter|riot|jumble
        |maze|explosion|thicket|chaos|mess|avalanches|mounds|columns|drifts|ocean) of [..]? [S]
    [..] all over (the|every|her|his)? (wall|walls|desk|floor|room|place|table|shelf|shelves|background
        |ceiling|[--])
    (desk|table|room|shelf|shelves|counter|bench|wall|walls|floor|workbench|studio|kitchen|shop|garage
        |attic|cellar) (is)? (completely|totally|all)? (buried|drowning|smothered|choked|swamped|heaped
        |stacked|piled|bursting|brimming|strewn|littered|groaning|overrun|crawling|stuffed|jammed|rammed
        |plastered|papered|lost) (in|under|with|by|beneath|full)
    (rammed|heaving|jam-packed|packed|thronged|swarming|teeming|crammed|overstuffed|overfilled|bustling)
        [..]? (pub|bar|club|street|market|room|hall|square|station|shelf|shelves|desk|shop|stall|stalls
        |kitchen|cafe|café|restaurant|stadium|bazaar|train|bus|carriage|platform|mall|office|classroom
        |attic)
    <[S], [S] and [S]> (behind|around|everywhere|all|in the background|on every|on the)
    """
)

MOUTH_IN_TIME = frames(
    """
    (mouth|lips|jaw|tongue|teeth) [..]? [..]? [..]? [..]? (at|on|with|for|after|before) (each|every) [..]
    [..] per (syllable|word|vowel|phoneme|beat|line|consonant)
    (corner|corners|edge|edges|line) of [DO]? (mouth|lips) [Y]? [MmHh]
    (corner|corners|edge|edges|line) of [DO]? (mouth|lips) [Y]? (twitch|quiver|tremble|lift|drop|curl
        |rise|turn up|turn down)
    (mouth|lips|jaw|tongue|lip|gums) (tip)? [Y]? ([mMhH]|(?![U])[I])
    (gums|jaw|mouth|lips|jaws) (working|busy|at work)
    """
)

QUOTED = frames(
    """
    (line|dialogue|script|voice over|voiceover|voice-over|narration|speech|words|caption|text|subtitle
        |subtitles) : (the|i|you|we|it|he|she|they|this|that|my|your|hello|welcome|please|let|let's|do
        |don't|never|always|come|go|stop|what|why|how|where|when|i'm|we're|it's) [..]
    with (off with|down with|long live|god save|all hail|bon voyage|good luck|good morning|good night)
        [..]
    (subtitled|captioned|labelled|labeled|titled|lettered|inscribed) (with)? : [..]
    the (word|words) <(?!in|of|on|are|is|clear|spoken|blurred|that|he|she|with|come|from|to|out|be)[..]>
        (and [..])? ([--]|and)
    <(bellows|bellowing|hollers|hollering|roars|roaring|barks|squeals|shrieks|shrieking|hisses|hissing
        |croaks|mumbles|mumbling|gasps|gasping|breathes|begs|begging) (?!(in|into|to|at|on|with|from|for
        |of|over|about|through|across|out|orders|and|while|but|as|by|a|an|the|her|his|their|like|softly
        |loudly))[..] [..]?> [--]
    aloud : [..]
    (first|last|opening|closing|only|final|exact|spoken) (words|word|line|lines|sentence) (is|are|being
        |were|was|:)
    (shirt|t-shirt|sign|banner|badge|cap|mug|card|board|screen|neon|tattoo|sticker|label|headline|caption
        |subtitle|subtitles|title) (that)? (spells|reads|reading|says|saying|spelling|announces|proclaims
        |declares) [..]
    <(whispering|whispers|yelling|yells|shouting|shouts|muttering|mutters|murmuring|murmurs|announcing
        |announces|repeating|repeats|chanting|chants|screaming|screams|saying|says|pleading|pleads
        |replying|replies|answering|answers|crying|declaring|declares|exclaiming|exclaims|greeting
        |telling us|tells us|asking|asks) (?!(in|into|to|at|on|with|from|for|of|over|about|through|across
        |softly|quietly|loudly|gently|a|an|the|her|his|their|something|nothing|and|while|but|as|by|style
        |tone|voice|mouth|lips|all|its|voiced|questions|face|expression|[P]|[Q]))[..] [..]?>
    <(her|his|the|their|its) (line|words|message|lyric|lyrics|text|script|caption|greeting|phrase|slogan)
        (is|are|being|reads|goes|would be) (?!(short|soft|calm|clear|not|no|in|blurred|off|visible|sung
        |delivered|to|from|set))[..]>
    <(script|line|text|caption|subtitle|lyrics|dialogue|speech) = [..]>
    in (a|an|her|his)? [..]? (whisper|voice|murmur|shout|drawl|growl|scream|sob) : [..] [..] [..]
    """
)

NOT_SHOWN = frames(
    """
    (mouth|lips|jaw|eyes) [Y]? (shut|set|closed|cut|parted|open)
    never stops (smiling|believing|learning)
    for a living
    plays the [..]? for
    (sort|kind|type) of (man|woman|person|guy|girl|boy|lady|face) :
    laughing (expression|eyes|mouth|face)
    between [O] (lips|teeth|fingers|knees|brows)
    light (must|should|will|may|can) come
    (messy|untidy|wild|chaotic|unruly|busy) [..]? (eyebrows|brows|hair|beard|bun|curls|moustache|fringe
        |bob|braid|ponytail|stubble|teeth|sideburns|locks|bangs|plait|collar|handwriting)
    wall faces the
    one-man-band|children's-book
    used to [..]
    whose [..] (have|has|had|are|is|was|were) [..]? [..]?
    for (his|her) own good
    lights dim (blue|red|green|amber|and|gold|white|pink|orange)
    (mouth|lips) (forming|shaped|making|in|open in) (a|an|one|the) [..]? (o|oval|circle|smile|line|heart
        |bow|round)
    will run on
    so [..] [..] says
    as (if|though) (?!about|we)[..] [..]? [..]? [..]? [..]?
    for (our|my|the|a|an|your|their|this) [..]? [..]? (reunion|wedding|video|ad|page|company|school|team
        |app|channel|ballad|song|track|report|campaign|course|magazine|brochure|website|site|project|film
        |game|course|class|podcast|event|anniversary|slide)
    (want|wants|wish|need|needs|hope|let|lets|for|so|where) (that)? (the|my|our|all)? (people|viewers
        |everyone|customers|students|kids|children|users|patients|clients|parents|fans|players) (to|can
        |will|should|must|could|may|who)
    (audio|wav|sound|track|recording|voice|soundtrack) (drives|carries|leads|does|sets|governs|takes|can
        |should|will) [..]?
    for later
    already [E]
    (light|lights|lighting) (come|comes|coming)
    (dissolves|dissolving|falls|falling|fades|melts|melting|fading|blurs) (into|to|away into) [..]?
        (bokeh|blur|black|darkness|shadow|dark|grey|white)
    (hair|bun|fringe|curls|bangs|bob|beard|braid) (is)? (a)? (little|bit|slightly)? messy
    [P] faces (us|the|me|away)
    (he|she|and) faces (us|the|me)
    running for
    after [I] [--]
    (clear|visible|kind|known|dear|turned|familiar) to (the|all|my|our)? [Q]
    (the|a|one|frying|iron|copper) pan in (the|a|his|her)
    family (reunion|business|farm|crest|bakery|home|recipe|name|estate|history|tree|bible|album|ring|pub
        |shop|dentist|physician|likeness|nose|trait)
    [N] (look|style|era|film|photo|portrait|fashion|vibe|suit|hair|hairdo|decor|glamour)
    (visible|seen|shown|clear|showing|show|readable) when (talking|speaking|singing|she|he)
    mouth (turned|drawn|pulled)? down at
    corner of [DO] mouth
    lips (shut|closed|open|parted|together) [--]
    camera (hanging|slung|around|on (her|his|the|a) (chest|neck|strap|shoulder|table|shelf|tripod)|in
        (her|his|hand)|bag|strap)
    (coach|captain|leader|head|member|singer|manager|chief|founder|mascot|face|voice|conductor|drummer
        |director|mother|father|boss|doctor|fan|star|owner|bassist|guitarist|part) of [D]? [..]? (team
        |band|choir|family|crew|class|group|gang|panel|jury|squad|cast|orchestra)
    (focus|sharp|range|view) from
    fade in (the|its) (colour|colours|color|colors|print)
    until the (shoulder|shoulders|waist|knee|knees|neck|chin|collar|ears|hips)
    busy [..] (print|pattern|fabric|shirt|tie)
    (face|mouth|lips) (be|is)? half in shadow but
    (twirled|waxed|curled|trimmed|clipped|brushed|combed|flicked|swept) (moustache|mustache|beard|hair
        |ends|fringe|eyebrows|brows|back|up)
    come to life
    (wet|chapped|dry|cracked) (lips|mouth)
    on the move in
    (slow|quick|fast)? ,? (moving|slow|fast) (ballad|song|track|waltz)
    (people|viewers|them|everyone) to (read|see|hear|understand)
    (steel|metal|dark|wooden|grey|concrete|flat|fabric|glass|plain) [..]? panel
    (tone|picture|image|face|look|expression|eyes|smile) (should|must|can|may)? (carry|carries|carrying
        |holds|hold|keeps|keep)
    (dolly|orbit|pan|crane|boom|track|tilt|zoom|truck) (fashion|style|station|pipes|pizza|call|girl|dress
        |makeup|parton|asian|books|meeting|bird|box|suit|driver|stop|shoes|mail|jacket)
    """
)

HIDDEN_FACE = frames(
    """
    (shadow|darkness|blackness|void|nothing|hole|blank|static|smoke|fog) where (the|her|his|a|its) (face
        |mouth|features|lips) (is|should be|would be|ought to be)
    only (darkness|shadow|shadows|black|blackness) (beneath|below|under|inside|within)
    (over|up to|above|across|round|around) [O]? nose and mouth
    <[..] [..]? (down|pulled|drawn|held|draped|wound|tied|hanging|lowered)? (over|across) [O] (face|mouth
        |lips)> ([--]|[J]|while|so)
    full-face [..]? (mask|helmet|visor)
    """
)

HIDDEN_FACE_INNOCENT = frames(
    """
    (light|of light|shadow|shadows|glow|hair|strand|strands|fringe|curl|curls|lock|smile|grin|scar
        |freckles|lashes|moonlight|sunlight|flush|blush|glitter|makeup|paint|tan|stubble|beard|look
        |expression|bruise|reflection|reflections|stripe|stripes|sun|firelight|candlelight|haze|rain
        |sweat|powder|sheen|highlight|highlights|gradient|bars|pattern|patterns|rays|ray|tint|wash|cast
        |rim|spread|lamp|neon|texture|wrinkles|lines|birthmark|focus|tears|tear|veil of light|dust) [..]?
        [..]? (over|across) [O] (face|mouth|lips)
    half in shadow but
    (hills|mountains|fields|trees|sea|city|houses|ridge|peaks|clouds|sky|skyline|ships|boats|towers
        |buildings|windmills) (far|far far) away
    """
)
