"""The mouth in time, and words to be said."""

from __future__ import annotations

import re

from lipwright.prompt.phrases import phrases

MOUTH_IN_TIME = phrases(
    r"""
    (lips|teeth|tongue|mouth|jaws?) ({adverb})(smack|click|clack|chatter|quiver|tremble|twitch|pucker
        |purse|part|meet|press|touch|pop|flap|clench|grind|open|close|stretch|round|move) (between
        |together|at|on|with|as|for|again|and|when|to (form|shape|make|say)|in (time|sync|rhythm))
    (mouth|lips?|jaw) (movements?|motions?|shapes?|movement|motion) (that )?({adverb})(follow|match|sync
        |track|mirror|copy|mimic|fit|change|vary|respond|react)(s|es|ing|ed)?
    (mouth|lips?|lip|jaw|tongue|teeth) ?(movements?|motions?|shapes?|positions?|animations?
        |articulations?) ({adverb})(<follow>|<match!>|<sync>|<change!>|<track!>|<correspond>|<fit!>
        |<mirror!>|<copy>|<mimic>|<respond>|<react>|<adapt>|<go!> with|<keep> up|<line!> up|<align!>
        |<shift!>|<vary>)( (the|with|to|along|from|by|for|as)?)?
    (mouth|lips|teeth|jaw) (is |are )?(always |still |constantly |busily )?(chatter|chatters|chattering
        |moving|talking|speaking|going|working|flapping|animating|opening|closing|twitching|quivering
        |trembling|grinding|forming|shaping|pronouncing|chewing)
    (moving|talking|flapping|quivering|trembling|speaking|animated|chattering|twitching|chewing|working
        |smacking|busy|wobbling|opening|closing) (mouth|lips?|jaw|tongue|teeth)(?! (portrait|color
        |colour))
    (animated|animating|animates|animate|drives?|driving|moves?|moving) (the |her |his )?(mouth|lips
        |jaw)
    (mouth|lips) (animation|animations|animated|synced|synchroni[sz]ed|timed|matched|aligned)
    (mouth|lips|lip|viseme|visemes|phonemes?) (timed|timing|matched|matching|synced|in time|aligned
        |mapped) ?(to|with)?
    (visemes?|phonemes?)
    (syncing|synching|synchroni[sz]ing|synchroni[sz]ed|synched|timed|in-sync) (with|to|lips?|mouth
        |speech)?
    (smacks?|smacking|licks?|licking|wets?|wetting|puckers?|puckering|pursing|purses|bites?|biting
        |moistens?|moistening|parts|parting|presses|pressing|curls?|curling|twists?|twisting|stretches
        |stretching|chews?|chewing) ({own} |the |on her |on his )?(upper |lower |bottom |top |dry )?
        (lips?|mouth|tongue|teeth)
    (mouth|lips) (that )?(opens|opening|closes|closing|move|moves|shuts|widen|widens|stretch|pucker
        |press) (and|then|with|wide|on|for|as|when|while|to|in|at|fully|slightly|together|again
        |repeatedly|rhythmically|naturally)
    (licks|licking|bites|biting|purses|pursing|smacks|smacking|presses|parts|moves|moving|opens|opening
        |closes|closing|gritting|grits|clenching|grinding|grinds) (and \w+ )?({own} |the )?(lips?|mouth
        |teeth|jaw|tongue)
    (lips|mouth|jaw) (is |are )?(never|always|constantly) (\w+ing|stops?|still|closes?|opens?|moves?|rests?
        |quiet|in motion|busy)
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
    (mouth|lips?|jaw) ({adverb})(animates?|animating|articulates|reacts?|reacting|responds?|responding|syncs?
        |syncing)
    (forms?|forming|makes?|making|shapes?|shaping|mouths?|mouthing) (an? |the )?(vowels?|consonants?
        |syllables?|words
        |[aeioubpmf]|oh|ooh|ah|ee|e shape|o shape|[aeiou] sound)(s)?( (shape|sound)s?)?(?= *(,|$|\.|then|next
        |and|with|as|for|on))
    (next|then|and then) an? [aeioubpmf] (shape|sound)
    (lips|tongue|teeth|jaw|mouth) ({adverb})(<flutter>|<dart!>|<flash!>|<flick!>|<poke!>|<stick!> out|<pop!>
        |<smack!>|<click!>|never (stop|rest|close|still)|<hang!> open (and|then|when|as))
    mouth (wide|open|round|small|narrow|tight) (for|on|at|with) (an? )?(ah|oh|oo|ooh|ee|eh|uh|mm|vowels?
        |consonants?|[aeiou])(?!\w)
    (visibly |visible |slow |loud |constant )?chewing( of)? (gum|food|bubble ?gum)
    (lip|tongue|cheek) ?-?(biting|licking|smacking|chewing|wagging|clicking|pursing|closures? timed)
    (whistling|whistles|beat-?boxing|beat-?boxes|humming|hums|muttering|mutters|mumbling|mumbles|slurping
        |spitting|gargling)(?! (kettle|wind|bird|teapot|bars|words))
    (teeth|tongue) (showing|appearing|visible) (and|then) (hiding|disappearing|hidden|not)
    (tongue|lips|jaw|mouth) (rolls?|rolling|trills?|trilling|pokes?|vibrates?|vibrating)
    (words|syllables?|vowels?|consonants?|sounds?) (being )?({adverb})(shaped|formed|made|mouthed) (\w+ )?(by
        |with|on) {own} (lips|mouth|tongue)
    (closures?|openings?|shapes?|movements?) (timed|synced|matched|aligned|keyed) (with|to)
    (lip|mouth) (closures?|openings?) (on|for|at|with)
    (lips|mouth|jaw|tongue) ({adverb})(keep|keeps|keeping) (time|up|pace|moving|going)
    (lips|mouth|jaw|tongue) ({adverb})(trace|traces|tracing|spell|spells|spelling|follow|follows|copy|echo
        |mirror|shape|sound out|whisper|whispers|caress|pump|pumps|pumping|chomp|chomps|work|works
        |working)( (each|every|the|along|it|out))?
    (lips|mouth|jaw|face) (must|should|needs? to|has to|have to|will|can) (\w+ )?(move|follow|match|sync|open
        |close|track|animate|go|fit|articulate|speak)
    (perfect|good|exact|tight|precise|accurate|best|great) (lip )?(sync|synch|synchroni[sz]ation)( (of|with
        |to) (the )?(lips|mouth|audio|voice|sound|speech))?
    lips in sync
    (mouth|lips|jaw) (works|pumps|labou?rs|is at work)(?= *($|[,.;!?]))
    (sucking|sucks) (on|at|through|in)
    (pops|popping|blows|blowing|chews|chewing|cracks) (bubble ?gum|gum|bubbles|a bubble)
    (open-close|opening-closing|open/close|open and shut|opening and shutting)
    (rolling|rolls|trilled|trilling|hissing|rounding|popping) (the |her |his )?[a-z]'s
    (chomping|chomps|whistles|slurps|smooching|nibbling)
    """
)

MOUTH_INNOCENT = phrases(
    r"""
    (hair|bangs|fringe|curls|locks|strands?|freckles|light|sunlight|glow|shadows?|shade|veil|scarf|lace
        |beard|stubble|moustache|tattoos?|makeup|paint|blush|glitter|mask|hat|cap|brim|hood|collar
        |turtleneck|jewel\w*|earrings?|rays?|reflections?|neon) (softly |gently )?(shaping|shapes
        |touching|touches|rounding|parting|framing|frames) {own} (\w+ )?(lips?|mouth|jaw|chin)
    (lips?|mouth) (slightly |softly |gently )?(open|closed) (to|in|with|and|as in|as if|for
        |at) (a |an |the )?(speak|sing|singing|smile|talk|gap|natural|relaxed|soft|neutral|half|calm
        |teeth|white|visible|rest|mid|corner|show|reveal|slightly|moist|red|glossy|say)\w*
    (speaking|talking) (mouth|lips) (visible|in focus|clearly)
    (lip|lips|mouth|jaw)(line)? (is |are )?(slightly |softly |gently |barely )?(parted|closed|open
        |pursed|curled|pressed|shaped|rounded|relaxed)( as (if|though)( \w+)?)?
    mouth shapes?
    lip-? ?sync (video|film|friendly|ready|quality|content|close-?up|portrait)
    (lips?|mouth|lipstick|lip colou?r) match(es|ing)? {her} (?!words?|audio|sound|speech|voice|song|lyrics
        |music|rhythm|syllables?|beat|line|lines|dialogue|track|vocals?|recording)\w+
    (teeth|tongue|lips) flash of
    (crisp|clear|natural|good|varied|visible|articulate|clean|soft|defined|realistic|full|beautiful|nice
        |heart|cupid|bow) (lip|mouth) shapes?
    (lips?|mouth) ((slightly|softly|gently|half|just|a little) )?(open|parted|closed|ajar) as (if
        |though)( \w+)?
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

_A_NAME = r"""
    (?!hello|hi\b|hey|good(?:bye|\ )|bye|guten|bonjour|hola|ciao|salut|bienvenid|willkommen|merci|danke
        |gracias|welcome|thank|yes|no\b|please|sorry|stop|help|wow|oh\b|okay|ok\b)
    (?!(?:[\w'-]+\ )*(?:i|i'm|you|we|we're|my|your|our|it's|let's|don't|is|are|am|me|us|this|today
        |now)\b)
    [\w&-]+ (?:\ [\w&-]+){0,2}
"""
QUOTED_NAMES = re.compile(
    rf"""
    (?:style|styled|look|type|kind|called|call|named|nicknamed|dubbed|known\ as|so-called|in\ the\ manner\ of
        |like|as
        |effect|preset|filter|film|inspired\ by|reminiscent\ of|a\ la|mood|genre|aesthetic|grade|palette
        |vibe|reference):?\ (?:of\ )?(?:the\ |an?\ )?
    (["']) {_A_NAME} \1
    |
    (?<!says[ ]) (?<!say[ ]) (?<!saying[ ]) (?<!said[ ]) (?<!asks[ ]) (?<!whispers[ ]) (?<!shouts[ ])
    (?<!:[ ]) (?<!:) (?<!line[ ]) (?<!words[ ]) (?<!word[ ]) (?<!phrase[ ]) (?<!whispering[ ])
    (?<!shouting[ ]) (?<!singing[ ])
    (?<!reads[ ]) (?<!aloud[ ]) (?<!loud[ ]) (?<!asking[ ]) (?<!yelling[ ]) (?<!screams[ ])
    (?<!screaming[ ]) (?<!text[ ]) (?<!caption[ ]) (?<!subtitle[ ]) (?<!subtitles[ ]) (?<!captioned[ ])
    (?<!title[ ]) (?<!announces[ ]) (?<!announcing[ ]) (?<!murmurs[ ]) (?<!murmuring[ ])
    (?<!mouthing[ ]) (?<!mouths[ ]) (?<!tells[ ]) (?<!us[ ]) (?<!answers[ ]) (?<!answering[ ])
    (?<!replies[ ]) (?<!replying[ ]) (?<!repeats[ ]) (?<!repeating[ ]) (?<!screen[ ])
    (?<!message[ ]) (?<!slogan[ ]) (?<!quote[ ]) (?<!lyric[ ]) (?<!lyrics[ ]) (?<!chanting[ ])
    (?<!utters[ ]) (?<!uttering[ ]) (?<!exclaims[ ]) (?<!exclaiming[ ]) (?<!shout[ ]) (?<!whisper[ ])
    (?<!sings[ ]) (?<!yells[ ]) (?<!speaks[ ]) (?<!speaking[ ]) (?<!reading[ ]) (?<!says,[ ])
    (["']) {_A_NAME} \2 (?=[ ][a-z])
    |
    (["']) {_A_NAME} \3 [ ](?:look|style|mood|aesthetic|vibe|lighting|feel|atmosphere|palette
        |grade|staging|pose)\b
    """,
    re.VERBOSE,
)
"""One to three quoted words that nobody says: "film noir" lighting, a look called "clean girl"."""

QUOTED_CALLS = phrases(
    r"""
    (asks|asking|wonders|wondering aloud|demands|demanding|questions
        |inquires) (us |him |her |them |me |the \w+ )?(where|what|why|who|how|when|if|whether|for
        |to) \w+
    (sings|singing|hums|humming|chants|chanting|says|saying|shouts|shouting|screams|screaming) (la|na|oh
        |ooh|hey|yeah|ah|om|ha|ho|blah|hum)( (la|na|oh|ooh|hey|yeah|ah|om|ha|ho|blah|hum))*
    (boy|girl|man|woman|speaker|actor|actress|host|guest|teacher|student|narrator|anchor|reporter|king
        |queen|mother|father|hero|villain|character|person|he|she|doctor|nurse|officer|captain|singer
        |child|person [ab1-9]|speaker [ab1-9]) ?: (i|you|we|my|your|our|it|it's|i'm|we're|you're|don't
        |do|let|let's|please|hello|hi|yes|no|welcome|thank|good|what|why|who|how|where|when|this|that
        |there|here|come|go|stop|wait|never|today|now|oh|ah|well|in|on|the|once|if)(?= \w)( \w+)*
    (says|saying|said|say|whispers|whispering|shouts|shouting|yells|yelling|screams|screaming|calls
        |calling|sings|singing|wishes|wishing|bids
        |bidding) (out )?(us |them |everyone |everybody |all )?(a )?(good (morning|evening|night|day
        |afternoon|luck)|happy \w+|merry \w+|farewell|cheers|congratulations|hooray|help|welcome|hello
        |goodbye|amen|bravo|attention)
    (says|saying|said|tells us|telling us|announces|announcing|explains|explaining|claims|claiming
        |admits|admitting|declares|declaring|swears|swearing|promises|promising|insists
        |insisting) (that )(he|she|it|they|we|i|you|the|this|there|everything|nothing|life|time
        |love) \w+
    (says|saying|say|said|shouts|shouting|whispers|whispering|asks|asking|replies|exclaims|announces
        |yells|sings|singing|announcing|tells (us|the \w+)|text|caption|subtitle|words|the words?
        |the line|speaks the (words?|line)) ?[:] ?\S+
    (dialogue|dialog|line|lines|script|transcript|voice-?over|quote|lyrics?|speech|she|he|spoken|speaker
        |narrator|man|woman|host|caption|subtitles?)( says| line| text)? ?: ?\S+( \S+)?
    (says|saying|said|whispers|shouts|whispering|shouting) (hello|hi|hey|goodbye|bye|thank you|thanks
        |yes|no|sorry|welcome|good morning|i love you|i am|i'm|we are|that|please|stop)
    (text|caption|subtitles?|title|banner|sign|letters|words|lower third|label|placard|headline) ((on|over
        |across|in|at) )?
        ((the |a )?(screen|overlay|frame|bottom|top|corner|picture|wall|shirt) )?(that )?(reads?|reading|says
        |saying
        |spells?|spelling|stating|states) \S+
    (tells?|telling|told|informs?|informing|reminds?|reminding|warns?|warning|assures?|assuring
        |reveals?|explains? to|explaining to) (\w+ ){1,3}(that|why|how|what|where|to) \w+( \w+)*
    (promises|promising|swears|swearing|insists|insisting|argues|arguing|jokes|joking|confesses|confessing
        |announces
        |announcing|declares|declaring|claims|claiming|admits|admitting|explains|explaining) (that|how|why
        |what) \w+( \w+)*
    (?<!that )(?<!which )(?<!look )(?<!smile )(says|shouts|yells|whispers) (?!(it|so|something|nothing|little
        |much|more|everything|anything|with|in|to|at|the|a|an|her|his|their|as|what|without|few|by|for|from
        |into|and|while|goodbye to|grace|over|across|words?|all|too|lines?|\w+ly)(?!\w))[a-z']+
    (says|saying|tells us|gives) (her|his|their|the) names?( is)?
    (introduces|introducing|presents|presenting) (herself|himself|themselves) as
    (answers|answering|replies|replying|responds) (with )?(yes|no|maybe|never|always|i)
    (repeats|repeating) after
    (greets?|greeting|greetings) (us |them |everyone |viewers )?(with )?(good|hello|hi|welcome|hey)( \w+)?
    with the words \w+
    (whispers|whispering|murmurs|murmuring|yells|yelling|shouts|shouting|screams|screaming|cries|crying|calls
        |calling out|mutters) (i|you|we|it's|my|your|don't|go|come|stop|help|run|no|yes|please|wait|look
        |never|why|what|where|who|hey|hurray|hooray)( \w+)*
    (promises|promising|swears|swearing|thinks|thinking|insists|vows|vowing) (he|she|we|they|i|you|it|that
        |to) \w+
    (sings|singing|hums|humming|chants|chanting) (hush|twinkle|happy|silent|amazing|hallelujah|oh|let|row
        |jingle|ave|we|i|you|don't|my|god|all)( \w+)*
    (reads?|reading) (out|aloud) (that|the (news|words|letter|line|text|poem) (that|which|about)|from)
    caption (hello|saying|reads|hi|buy|new|live|sale|now)( \w+)*
    (lines?|text|words?|script|copy|speech|message|lyrics?|dialogue|caption|subtitles?|slogan|sentence|phrase
        |quote|voice-?over|narration)( [a-z]+){0,3} ?: ?\S+( \S+)*
    (say|says|saying|speak|speaks|speaking|utter|utters) (the )?(
        magic |secret |famous |last |final |same |following |first )?(words|word|line|lines)(?! (clearly
        |softly|with))
    (dialogue|dialog|line|script|speech|text|caption|quote|lyrics?|voice-?over|subtitle)( -|–|—| –
        | —) ?\S+( \S+)*
    (shouting|shouts|yelling|yells|screaming|screams|calling|calls out|chanting|chants) (goal|fire|hooray
        |bravo|stop|help|freedom|victory|attention|go|hey|mama|hello|\w+!)
    (whispers|whispering|says|calls|shouts|mentions|speaks) (a|the|his|her) (\w+ )?names?( ?:)?
    (reply|answer|question|response|greeting|message|quote|title|name|motto|slogan|motto) ?: ?\S+( \S+)*
    (announces|announcing|declares|declaring|proclaims|reports|reporting|states|stating) (that |the )?(
        \w+ ){1,3}(is|are|was|has|have|will|closed|opened|won|fell|rose)
    """
)
