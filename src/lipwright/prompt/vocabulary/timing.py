"""Pace of speech; order, onset, duration and change."""

from __future__ import annotations

from lipwright.prompt.phrases import phrases

PACING = phrases(
    r"""
    never (pauses|pausing|stops|stopping|breathes|breathing|slows|takes a breath|stops talking)
    (slow|fast|quick|rapid|brisk|hurried|unhurried|swift)(,| and| but|, yet| yet)? (\w+ )?(pronunciation
        |enunciation|articulation|elocution|diction|recital|rendition|vocals?|lullaby|ballad|song|rhyme
        |count|reading|talk|words|voice|delivery|speech|replies|answers|explanation)
    (deliberately|slowly|quickly|rapidly|evenly|steadily|carefully|breathlessly|briskly
        |leisurely) (paced|spoken|delivered|read|told|sung|timed|recited|narrated|said|pronounced)
    (unhurried|leisurely|hurried|rushed|breathless|rapid|brisk|slow|fast|quick|lazy
        |sluggish) (storytelling|telling|story|lecture|sermon|explanation|narrative|presentation|rant
        |chat|banter|rapping|poem|verse|reply|voice|tongue|talker|prayer|announcement|auction\w*
        |commentary|recital|recitation|instructions|exchange|back-and-forth)
    (speak|speaks|speaking|talk|talks|talking|says|sings|singing|raps|rapping) (\w+ and )?(quick|fast
        |slow|rapid|loud and fast|hurried|rushed)
    (words|sentences|syllables|lines|lyrics|phrases|voice|speech) ({adverb})(pour|pours|pouring|tumble
        |spill|gush|fly|race|rush|flow|drag|drip|roll|come) ?(out|off|forth|fast|slowly|quickly|from
        |over|in)?
    (in|with) (an? |her |his )?({adverb})(very |really )?(rapid|fast|quick|slow|hurried|rushed
        |breathless|brisk|unhurried|leisurely|halting|drawling|clipped|staccato|rhythmic|singsong
        |sing-song|monotonous rhythm) (voice|tone|way|manner|fashion|tongue|delivery|speech|style|drawl
        |accent|cadence)
    (chatter|chatters|chattering|jabbers|jabbering|babbles|babbling|blabbers|gabbles|rambles|rambling
        |rants? on|ranting on|prattles|prattling|gushes|gushing|blurts|blurting|drones? on|droning on
        |drawls|drawling|stutters|stuttering|stammers|stammering|mumbles quickly|rattles)( away| on
        | out)?
    (rhythmic|rhythmical|metered|measured|even|uneven|choppy|halting|broken|fluent|flowing|continuous
        |uninterrupted|non-?stop|endless|steady|syncopated|sing-?song) (speech|delivery|talk|talking
        |speaking|voice|words|narration|rap|reading|recitation|chant|chanting|flow)
    (beats?|words?|syllables?) per (minute|second)
    \d+ ?(bpm|wpm)
    (taking|takes|with|without|needs) (his|her|their|no|many|few|short|long|little|brief)? ?(pauses?
        |breaks?|breaths?|breathers?)( between| after| before)?
    (lingers|lingering|dwells|dwelling|pauses|pausing|stops|stopping|hesitating|hesitates|stumbles
        |stumbling|trips|tripping) (on|over|after|between|before|at) (each|every|the|her|his|words?)
    (tempo|speed|pace|rate|rhythm|cadence) of (speech|voice|speaking|talking|delivery|the words|words
        |the sound|the song)
    (beat|breath) (between|after|before)
    (gets?|getting|getting) (faster|slower|quicker)
    (faster|slower|quicker) (and|than|now|at|toward|towards|with)
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
    (\d+([.,]\d+)? ?x|\d+([.,]\d+)? times|double|triple|half|twice|\d+ ?%|normal) (the )?(
        usual |normal |original )?
        (speed|tempo|pace|rate|faster|slower|quicker|as fast|as slow)( speed)?
    at x ?\d+([.,]\d+)?
    {speaking} ([a-z]+ ){0,2}(rhythmically|fluently|fluidly|continuously|ceaselessly|incessantly|evenly
        |metronomically|deliberately|monotonously)
    (chants?|chanting|raps?|rapping|prays?|praying|counts?|counting|whispers?|whispering|preach(es|ing)?
        |lectur(es|ing))
        (\w+ )?(rhythmically|slowly|quickly|rapidly|fast|evenly|steadily)
    (speech|voice|words|delivery|talk|narration|monologue|sentences|reading|singing|dialogue|articulation
        |diction) (is|are|being|sounds?|goes|comes|stays|remains) ({adverb})
        (very |quite |too |so |really )?(quick|fast|rapid|slow|brisk|hurried|rushed|clipped|unhurried
        |breathless|leisurely|sluggish|steady|staccato)
    (without|with|no|in great|in) (any |much |great )?(haste|hurry)
    (breakneck|headlong|galloping|torrential|rattling|machine-gun|nonstop|non-stop|rapidfire|quickfire
        |quick-fire) (\w+ )?(monologue|speech|delivery
        |talk|talker|talking|patter|dialogue|narration|words|rant|comedian|comic|rap|commentary|commentator
        |host|salesman|sermon|banter)
    at (an? |the )?({adverb})(?!shutter|high shutter)(\w+ )?(speaking |talking |reading )?(speed|pace|tempo
        |cadence)(?! (of|film|lens))
    (torrent|flood|flurry|stream|rush|cascade|barrage|string|avalanche) of (words|syllables|sentences|speech
        |questions|phrases)
    (one|each|every) (word|syllable|sentence|phrase) (at a time|after another|by one|per)
    {speaking} (it|this|them|everything) (\w+ )?(quick|fast|slow|quickly|slowly|rapidly)
    in no (rush|hurry|haste)
    motor-? ?mouth(ed)?
    (auctioneer|dictation|talking|speaking|lecture|reading|rapping|chatting) ?('s )?(pace|speed|style|patter
        |tempo|rate)
    (clipped|hesitant|fluent|choppy|halting|broken|flowing|sing-?song|deliberate|jerky|breathy fast
        |stop-start|monotone) (sentences|phrases|words|rhythm|bursts|syllables)
    (hesitant|hesitating|stop-start|deliberate|drawling|jerky|rushing|galloping) (speech|talk|talking
        |speaking|delivery|words|reading|narration)
    (spits?|spitting|drops?|dropping|fires?|firing|shoots?|shooting|machine-guns?) (out )?(bars|words|rhymes
        |verses|syllables|questions|lines)
    (pours?|pouring|spills?|spilling|gushes|gushing) out ({her} )?(words|sentences|lines|story|speech)
    (short |quick |little |rapid )?bursts of (speech|words|talk|talking|syllables|song)
    at a (crawl|gallop|trot|clip|snail's pace|rush|run)
    speed[- ]talk(ing|er|s)?
    (dramatic|long|short|brief|lots of|many|several|no|few|frequent) (\w+ )?pauses?
    (evenly|rhythmically|regularly|metrically|carefully|widely|closely) (timed|spaced|paced|measured
        |metered) (\w+ )?(words|syllables|phrases|lines|sentences|speech|delivery)?
    at a (good|fair|fast|slow|steady|brisk|decent|lively|leisurely|rapid) (clip|lick|rate|trot)
    (slow|quick|fast|rapid|brisk)(,| and| but) (steady|deliberate|even|clear|careful|measured|loud
        |clipped)(?= *($|[,.;!?]))
    words? (coming |flowing |falling |pouring |tumbling )(thick|fast|out|quickly|slowly)
    in a (slow|fast|quick|rapid|hurried|lazy|brisk|steady|rhythmic) \w+
    (lets|letting|leaves|leaving|gives|giving) (every|each|the|her|his) (phrase|word|words|line|sentence
        |sentences|syllable) (breathe|breathing|hang|room|linger|settle|sink|land|space|time)
    (sentence|word|line|phrase|syllable|question|verse) (after|upon|by) (sentence|word|line|phrase|syllable
        |question|verse)
    without (a |any )?(stop|stops|break|breaks|breath|interruption|gap|gaps|respite)
    (brisk|rhythmic|staccato|legato|allegro|adagio|presto)(?= *($|[,.;!?]))
    at (x ?)?\d+([.,]\d+)? ?(x|times|%)( speed)?
    quick as a (flash|wink)
    {speaking} (\w+ )?with (\w+ )?(and )?(\w+ )?(speed|rhythm|tempo|haste|pauses|breaks)
    (unbroken|constant|steady|endless|continuous|ceaseless|never-ending) (flow|stream|flood|torrent
        |string) of (talk|words|speech|chatter|sentences)
    \d+ (words|syllables|beats|bars|lines) (a|an|per|each|every) (minute|second|min|sec)
    """
)

PACING_INNOCENT = phrases(
    r"""
    (carefully|quickly|slowly|evenly) (timed light|lit|drawn|painted)
    (quick|fast|slow|easy|ready) (smile|grin|wit|glance|eyes|mind|eye|laugh|look)( of| and|,)?
    high-?speed (film|lens|camera|shutter|train|rail|flash)
    (fast|slow|quick)[- ](witted|thinking|growing|drying|food|roasted|burning|burn|baked|brewed|dance
        |release|sync)
    pausing is not
    fast[- ](lens|lenses|glass|prime|aperture|food|film|shutter|drying)
    slow[- ](shutter|cooker|cooked|fashion)
    un-?hurried (elegance|look|expression|calm|mood|face|air|manner|demeanou?r|atmosphere)
    hurried (brush\w*|sketch\w*)
    (quick|fast)-dry(ing)?
    (rush|rushed) (matting|seat|mat|chair)
    (falls?|falling|fades?|fading|drops?|dropping|rolls?) off (\w+ )?(quickly|rapidly|slowly|fast|gently)
    (quickly|rapidly|slowly|swiftly) (falling|fading|drying|aged|tanned|weathered|cured|darkening
        |dimming)( off| away)?
    (slowly|quickly|rapidly) \w+ed (by|in|with|over|on) (the )?(sun|sea|wind|weather|time|age|smoke|salt
        |years|oak)
    at (a )?(high |low |slow |fast |full )?(shutter|film|frame|lens|walking) (speed|pace)
    high-?speed (sync|flash|strobe|lens)
    tempo (runner|run|trainer|bike|cyclist)
    in a (slow|fast|quick|rapid|brisk|lazy|steady) (food|cooker|town|city|shutter|sunday|afternoon|light|lane
        |sea|morning)( \w+)?
    paused (game|video|screen|film)
    """
)

TEMPORAL_WORDS = phrases(
    r"""
    (the )?(first|second|last|final) (half|quarter|part|segment|section|seconds?|moments?|minutes?)( (is
        |shows|has|of the (video|clip|shot|scene|film|line|speech|song)))?
    \d+[- ]?(second|sec|s|minute|frame)s?[- ](hold|pause|beat|delay|shot|clip|close-?up|silence|stare
        |smile|look|transition|fade|intro|outro|gap|wait)
    \w+ ?(->|→|=>|>>) ?\w+
    one by one
    one after (another|the other)
    (a little |moments |minutes |seconds |much )?later( on)?(?! (years|life|in life|period|work|career))
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
    (for|after|within|in|at|during|over) (the )?((first|last|next|about|around|exactly|only|a
        |final) )*(few|couple of|several|one|two|three|four|five|six|seven|eight|nine|ten
        |\d+(\.\d+)?)?[ -]?(seconds?|minutes?)(?! (per|of))
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
    (in|during|for|at) (the )?(very )?(opening|closing|first|last|final|early|ending) (few |couple of )?(
        seconds?|moments?|frames?|beats?|shots?|half|third|part|instant|minute)
    (for|in|after) (just )?(a|one|an) (brief |short |split |tiny |long |single |fleeting )?(moment|second
        |instant|beat|while)
    (two|three|four|a few|several|\d+) (beats|seconds|moments) (of )?(silence|pause|stillness|quiet|nothing)
    \d+([.,]\d+)? ?(-|to|–) ?\d+([.,]\d+)? ?(s|sec|secs|seconds|frames)
    halfway(?! (up|down|between|to|across|unbuttoned|open))
    (night|dusk|darkness|evening|silence|twilight) (falls|falling|descends|comes|comes down)
    seasons? (change|changes|changing|pass|passes|passing|turn|turning|shift)
    immediately
    throughout(?= *($|[,.;!?]))
    (the )?(first|last|final|opening|closing|ending|end) (frame|moment|shot|image)( (is|shows|holds))?
    only to \w+
    (dawning|sudden|slow|growing|gradual) (realization|realisation|recognition|awareness|understanding)
    dawns on (her|him|them)
    freeze[- ]frames?
    story ?(line|arc)
    (each|every|next|this|one more|another|last|first) time(?= *($|[,.;!?]))
    (whenever|afterwards|thereafter|henceforth|presently|shortly|soon)(?= *($|[,.;!?]))
    at the (first|last|final|next|very) (word|words|line|note|beat|second|moment|syllable|chord|bell|frame
        |instant)
    (within|in) (moments|seconds|minutes|an instant|a flash|no time)
    in (quick|rapid|slow|close|short) succession
    (at|in) (regular|irregular|short|long|random|even) intervals
    just as (the|she|he|her|his) \w+
    time (passes|passing|goes by|flies|elapses|moves on)
    (calm|quiet|silence|smile|joy|before|light|dark) before,? (\w+ )?\w+ after
    (at )?first (she|he|they|we|neutral|calm|sad|happy|smiling|serious|quiet|silent|the (face|smile|light|man
        |woman))
    """
)

TEMPORAL_VERBS = phrases(
    r"""
    (smile|grin|frown|look|expression|silence|pause|shot|gaze|laugh|stare|tear|moment
        |scene) ({adverb})(lasts?|lasting|continues|continuing|persists|lingers)
    now (smiling|frowning|laughing|crying|talking|serious|sad|happy|angry|silent),? now
    (that|which) ({adverb})(grows?|spreads?|fades?|appears?|disappears?|builds?|changes?|widens?
        |deepens?|comes and goes|vanishes|softens|hardens|slowly \w+|turns into|becomes?|melts?|breaks)
    (sunrise|dawn|morning|noon|day|winter|spring|youth|childhood|birth|young|boy|girl|joy|calm|light
        |smile|happy|sad|serious|dark|neutral|silence|fear) (to|into|till|until|turning into|turns to
        |through) (sunset|dusk|evening|night|midnight|summer|autumn|winter|old age|death|old|man|woman
        |tears|sorrow|rage|anger|dark|darkness|light|frown|laughter|sad|happy|sadness|fear|shouting
        |despair|smile|relief|shock|surprise)
    now (\w+ ){1,3},? (and )?now
    (burns?|burning|melts?|melting|winds?|winding|cools?|cooling|quiets?|calms?|calming
        |slows?|wears?) (down|out|away|low)
    (runs?|running) (out|low)
    (one|first|second|next|another|each) (moment|second|minute|instant),?
    (sun|moon|night|day|darkness|dusk|dawn|evening|morning|storm|rain|snow|fog|curtain|curtains|lights?
        |spotlight|lamp|lamps|candle|screen|sky|weather|colou?rs?|shadows?) ({adverb})(sets
        |setting (behind|over|slowly)|rises|goes (on|out|off|down|dark|up)|go (on|out|off|down|dark|up)
        |going (on|out|off|down|dark|up)|turns? (on|off|to|into|red|blue|green|dark|grey|gray)
        |comes? (on|up|down)|begins?|starts?|stops?|ends?|approaches|arrives|lifts|clears|breaks|dims?
        |dimming|brightens?|brightening|fades? (in|out|up|down|to)|flicks? on|flares? up|grows?|growing
        |lengthens?|creeps?|moves?|shifts?|changes?|cycles?|pulses?|strobes?|blinks?|blinking)
    (turns|turning|went|goes|going|grows|growing|gets|getting) (pale|red|white|serious|sad|happy|angry
        |old|older|young|younger|cold|dark|silent|quiet|mad|nervous|solemn|grave|sombre|somber|furious
        |emotional|tearful)
    (no longer|not yet|already|at last|any moment|in a moment|in the meantime|by and by|all the time
        |the whole time|all along|every now and then)
    before (each|every|speaking|talking|singing|smiling|that|this|finishing|starting|saying|hearing) ?\w*
    before (a|the|his|her|their) (next |last |first |big |final |final )?(speech|line|song|word|words|answer
        |reply|chorus|verse|drop|punchline|laugh|smile|cut|end|ending|finish|pause|break|beat|scene|take|kiss
        |scream|\w+ing)(?! (room|wall|table|board|desk|chair|mirror|window|light))
    after (each|every|a|the|his|her|speaking|talking|singing|smiling|that|this|finishing
        |starting|saying|hearing) ?\w*
    (upon|on) (hearing|seeing|finishing|saying|entering|arriving)
    (over|across|during|through) the (course|duration|length|span) of
    (switches|switching|alternates|alternating|transitions|transitioning|progresses|progressing|evolves
        |evolving|develops|developing|changes|changing|moves|moving|goes|going|shifts|shifting|varies
        |varying|swings|swinging|cycles|cycling) (between|from|through|into|towards?|over|with|as|to)
    (build|builds|building|built)[- ]?(up)? (to|towards?|into|as|until)
    (climax|crescendo|countdown|finale|outro|intro sequence|opening scene|closing scene|end scene
        |second act)
    (stays|staying|remains|keeps|holds) (\w+ )?(throughout|until|the whole|for the|all the)
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
    (starts?|begins?|opens?|starting|beginning|opening) (\w+ ){0,2}\w+,? (and |then |but )*(ends?|finish
        |finishes|closes?|ending|finishing|closing) \w+
    (emerges|emerging|fades?|fading|dissolves?|dissolving|materiali[sz]es?|rises|rising) (out |up )?(from
        |out of) (the |a )?(dark|darkness|shadows?|black|mist|fog|smoke|white)
    (appears|appearing|emerges|emerging|evolves|evolving|progresses|progressing|unfolds|unfolding|reappears
        |returns|shrinks|shrinking
        |growing|melting away|blooming|developing|intensifies|intensifying|escalates|escalating|builds)(?= *(
        $|[,.;!?]))
    (smile|grin|frown|laugh|laughter|joy|anger|fear|tension|light|lights|excitement|energy|mood|colou?r) (
        {adverb})(deepens|rises|rising|builds|returns|dies|dies away|dies down|subsides|ebbs|swells|blossoms
        |breaks|breaks out|comes back|dissolves|cracks|flickers)
    (starting|ending|starts|ends|begins|beginning|opens|opening|closes|finishing|finishes) (off |out )?(
        neutral|calm|happy|sad|serious|smiling|angry|cheerful|dark|bright|soft|quiet|silent|gloomy|laughing
        |crying|tearful|blank|still|nervous|confident|shy)
    (is|are|gets|being|was) ({adverb})(revealed|unveiled|transformed|replaced|uncovered|shown) (by|to|from|as
        |when|after|at|behind|piece)?
    (\w+s|\w+ing) into (an? |her |his |full |open )?(\w+ )?(smile|grin|frown|laugh|scowl|tears|laughter|rage
        |anger|joy|sadness|fear|smirk|sob|sobs|fury|surprise|delight|panic|calm|darkness|night|day)
    (dusk|dawn|twilight|darkness|night|evening|fog|shadows?|light|gloom|blush|silence) ({adverb})(deepening
        |gathering|approaching|lengthening|thickening|creeping in|closing in|receding|lifting|dissolving)
    (smile|grin|frown|light|look|expression|laughter|colou?r) ({adverb})(comes and goes|comes|goes|flits
        |flickers|plays) ?(and goes|across|over|on)?
    (comes?|coming|came) (to tears|to life|undone|apart|round|around to|to blows)
    (flowers?|rose|roses|bud|buds|blossoms?|tulips?|petals) ({adverb})(blooms?|opens?|blooming|opening|wilts?
        |wilting|close|closes|unfurls?)
    (and )?then ({adverb})(purses|smiles|frowns|closes|opens|stops|turns|speaks|talks|laughs|cries|shouts
        |pauses|stands|sits|leaves|nods|\w+ing)
    """
)

TEMPORAL_CLAUSES = phrases(
    r"""
    as soon as \w+
    the (moment|instant|second|minute) ({she}|the|when|that|his|her) \w+
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
    (worn|wearing|burnt|burned|run|melted) (down|out|away|low)
    before (the|a|an|her|his) (blank|empty|bare|old|large|small|big|tall|low|simple|neutral|blurred
        |closed|open|painted|lit|unlit|single|grand|wide|golden|velvet|heavy|stage|red|shop|glass) \w+
    (slowly|quickly|suddenly) (cooked|dried|drying)
    (already|no longer) (young|grey|gray|white|old|dark|ready|lit|open)
    before (the|a|an|her|his) (camera|wall|window|mirror|backdrop|background|desk|door|curtain|church
        |altar|sea|fire|fireplace|microphone|lens|audience|class|screen|stove|house|cottage|cluttered
        |plain|dark|white|grey|gray|blue|green|red|black|brick|wooden|stone) ?\w*
    after (a|the|an|his|her) (rain|war|storm|show|bath|shower|fight|match|party|style|fashion|manner
        |photograph|photo|painting|painter|shave|swim|run|game|hunt|long|hard|day|work|birth
        |race)( \w+)?
    (sun|moon) (rises|sets) (in|of|on) (the )?(logo|print|painting|wallpaper)
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
    (night|day|morning|late|early|graveyard|double|evening|swing) shifts?
    (at|near|towards?|from) the (end|start|beginning|edge) of (an? |the |her |his |their )?(\w+ )?(night
        |shift|day
        |career|life|week|season|year|summer|winter|war|harvest|tunnel|world|line|road|aisle|marathon|race
        |workday|tour|hallway|nose|party|counter|stage|sofa|pew)
    (gradually|slowly|progressively|increasingly|eventually) (?!\w+ (light|sky|room|scene|face
        |eyes|mood))(darker|lighter|softer|brighter|warmer|cooler
        |blurr?ed|blurrier
        |darkening|lightening|fading|thinning|greying|graying|falling)
    (light|lighting|focus|background|colou?rs?|sharpness|brightness|tones?) ({adverb})(falls?|falling|drops?
        |fades?
        |fading|rolls?|shifts?|transitions?) (off|away|to black|to dark|into|from)( \w+)?
    (as|frozen|caught|captured|held) (if )?(for|in) (a|one) (brief |single |fleeting )?(moment|second|instant)
    in (a|one) (moment|second|instant) of
    (soon|newly|shortly)-to-be
    (lips?|mouth|corners?) (curling|curving|curls?|curves?|tucked|shaped|set|settled) into (an? |her |his )?(
        \w+ )?(smile|grin|frown|smirk|scowl)
    (smile|light|look|expression) (comes|goes) (easily|naturally|through|across well|from within)
    (colou?r|tone|hue|light) shift (to|toward|towards|into|from)
    """
)
