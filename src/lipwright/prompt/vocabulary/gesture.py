"""Hands and arms that move, and what they do."""

from __future__ import annotations

from lipwright.prompt.phrases import phrases

GESTURE = phrases(
    r"""
    (finger|hand|arm|fist|tail|head)[- ](wagging|waving|shaking|pointing|pumping|clapping|snapping
        |rubbing)
    (scratches|scratching|rubs|rubbing|strokes|stroking|touches|touching|wipes|wiping|pulls|pulling|tugs
        |tugging) (at )?(beard|chin|head|nose|hair|ear|ears|neck|forehead|moustache|eyes|face|cheek)
    shush(es|ing)?|shh+
    (finger|index finger) (to|on|across|against) {own} lips?
    (making|makes|proposing|proposes|raising|raises) a toast
    (hands?|arms?|fists?) (up |high |raised |both )?(in the air|in the sky|to the sky|to heaven|overhead
        |above {own} head|in prayer and|spread wide|outstretched and|thrown (up|wide|back))
    (pats|patting|pets|petting|strokes|stroking|scratches|scratching|feeds|feeding|rubs|rubbing|brushes
        |grooms|grooming|hugs|cuddles|cuddling|tickles|tickling) (a|an|the|her|his|their) \w+
    (deals|dealing|shuffles|shuffling|rolls|rolling|flips|flipping|spins|spinning|tosses|tossing|throws
        |throwing|juggles) (a |the |some )?(cards?|dice|coins?|ball|balls|keys|bottle|darts?|chips)
    (swipes?|swiping|scrolls?|scrolling|leafs|leafing|flips?|flipping|browses|browsing|rummages
        |rummaging|riffles|thumbs|thumbing) (through|on|over|down|up|at)
    (underlines|underlining|circles|circling|erases|erasing|marks|marking|crosses out|ticks|ticking
        |draws|drawing|traces|tracing|highlights|stamps|stamping) (a|an|the|each|every|some|his
        |her) (word|line|name|map|number|figure|graph|chart|list|letter|picture|page|board|paper|text
        |form|box|shape|line|circle)
    (pours|pouring|serves|serving|whisks|whisking|kneads|rolls|rolling|cuts|cutting|carves|carving
        |ladles|sprinkles|sprinkling|drizzles|squeezes|shakes) (\w+ )?(milk|water|wine|coffee|tea|dough
        |sugar|salt|bread|meat|soup|sauce|flour|beer|cocktail|cocktails|vegetables|onions|cake|cream|oil
        |drink|drinks)
    thumbs?[- ](up|down)
    (expressive|animated|talking|moving|gesturing|waving|pointing|flailing|restless|busy|fluttering
        |lively|dancing|fidgeting|trembling|shaking|clapping) (hands?|arms?|fingers?)
    (makes|making|doing|does|shows|showing|flashes|flashing|gives|giving|throws|throwing|does a|forms
        |forming) (an? |the |some )?(air[- ]?quotes|peace sign|heart (sign|shape)?|victory sign|v-sign
        |ok sign|okay sign|rock sign|finger hearts?|bunny ears|jazz hands|signs?|hand signs?|a fist
        |fists|the middle finger|middle finger|salute|bow)
    (air[- ]quotes|jazz hands|fist (bump|pump)s?|finger[- ]guns?|double thumbs)
    (crossing|crosses) (himself|herself|themselves)
    (signing|signs) (in|to|with) (asl|bsl|sign|american|british|her|his|the)
    (flicks?|flicking|flips?|flipping|tosses|tossing|sweeps|sweeping|smooths?|smoothing|ruffles?
        |ruffling|twirls?|twirling|braids|braiding|plays with|playing with|pushes|pushing|pulls|pulling
        |slicks|slicking) (back )?(a |the |her |his )?(strand|strands|lock|locks|curl|curls|hair|fringe
        |bangs|ponytail|braid|beard|moustache|hat|glasses|scarf|veil|hood|cap|sleeves?|collar
        |cuffs?)( back| up| down| away)?
    (holding|holds) (up|out|aloft) (an? |the |her |his |one |two |both |three )?\w+
    (reaches|reaching|extends|extending|stretches|stretching|offers|offering|hands|handing|shows|lifts
        |lifting|raises|raising) (out |over |up |forward )?(a |an |her |his |one |the |both )?(hand
        |hands|arm|arms|finger|palm|palms|glass|cup|phone|book|paper|mug|toast)
    (hands?|fingers?|palms?|fists?) ({adverb})(<press!>|<touch!>|<brush!>|<cover!>|<run>|<stroke!>
        |<slide!>|<trace!>|<cut!>|<slice!>|<grip!> and|<flick!>|<snap>|<beat!>|<strike!>|<mark!>
        |<keep> time|<count!>|<draw!>|<paint!>|<conduct!>|<express>|<illustrate!>|<describe>|<speak>
        |<talk>|<follow>|<play!>|<join!>|<meet!>|<part!>|<close!>|<open!>|<turn!>|<circle!>|<slam!>
        |<pound!>|<jab!>|<rub>|<wring!>|<twist!>|<twirl>)
    (puts|putting|lays|laying|places|placing|presses|pressing|brings|bringing|lifts|lifting|raises
        |raising|slaps|slapping|claps|clapping|taps|tapping) ({own} |a |the |one |both )(hands?|palms?
        |fingers?|fists?|arms?|finger) \w+
    (conducting|juggling|kneading|typing|texting|scrolling|sketching|knitting|drumming|stirring|pouring
        |mixing|chopping|slicing|peeling|frying|grilling|hammering|sawing|sewing|ironing|painting her
        |painting his|tying|untying|buttoning|unbuttoning|zipping|unzipping|opening a|opening the
        |closing the|unwrapping|wrapping|packing|unpacking|counting|dealing|shuffling|lighting a
        |lighting his|lighting her|smoking a|smoking his|vaping|clinking|toasting|picking up
        |putting down|setting down|throwing|catching|tossing|spinning a|twirling a|flipping|petting
        |stroking|patting|feeding)(?= *($|[,.;]| (a|an|the|her|his|some|with|on|at|from|into|to|in|for
        |through) ))
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
    (<shrug>|<salute!>|<beckon>)
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
    (shows|showing|presents|presenting|displays|displaying|offers|offering|hands|handing|holds|holding
        |tilts|tilting|turns|turning) {her} (?!face|mouth|profile|smile|teeth|best|side|cheek)(\w+ ){1,3}
        (to|toward|towards|at|up to) (the )?(camera|lens|viewer|viewers|us|audience)
    (counts|counting|ticks|ticking|lists|listing|numbers|checks|checking) (off |them off |it off )?({her} )?
        (\w+ )?(off )?(on|with) {own} (\w+ )?fingers
    (clasps?|clasping|unclasps?|opens?|spreads?|parts?|joins?|folds?|lifts?|raises?|turns?) {own} (\w+ )?
        (hands|palms|arms|fingers) (together|apart|up|open|out|upward|upwards|again|as|when|while)
    in the air with {own} (hands?|fingers?)
    (quotation|quote|speech) marks
    (hands?|palms?|arms?|fists?) (go|goes|going|come|comes|coming|shoot|shoots|fly|flies) (up|down|out
        |together|apart|to)
    (ok|okay|peace|victory|stop|rock|hang loose|shaka|call me) (sign|hand sign|hand)
    <point!> (upward|upwards|downward|downwards|forward|left|right|off|away|behind)
    (chopping|slicing|stabbing|sweeping|circular|waving|pointing|beckoning|stirring) (motion|motions|movement
        |movements|move)
    high[- ]five
    {own} (palm|hand|arm|finger|fist|thumb) (out|up|outstretched|extended) (to|toward|towards|at|in)
    (holds|holding|puts|putting|throws|throwing|sticks|sticking|stretches|raises|extends) {her} (palms?
        |hands?|arms?|fingers?|fists?|thumbs?) (out|up|wide|open|high|apart|together|overhead)
    (presses|pressing|pushes|pushing|clicks|clicking) (a|the|on a|on the) (button|key|pedal|pen|bell|doorbell
        |switch|mouse|remote)
    (waves|waving|holds up|raises) (a|the|her|his) (flag|banner|handkerchief|fan|wand|baton|sign|scarf|sword)
    {speaking} (\w+ ){0,4}(with|using|through) (the|{own}|both|lots of|a lot of|expressive|big) (\w+ )?(
        hands?|arms?|fingers?)
    (toasts|toasting) (with|to|us|the) \w+
    (opens|opening|snaps|snapping|shuts|shutting|closes|closing) (a|the|her|his) (fan|book|umbrella|lighter
        |case|purse|briefcase|laptop|watch|door|box|drawer|lid)
    (hides|hiding) {own} (smile|grin|laugh|mouth|teeth) (behind|with|in) (a|the|her|his|one) (hand|fan|sleeve
        |hands)
    (swats|swatting|jabs|jabbing|stabs|stabbing|prods|prodding|pokes|poking|dabs|dabbing|pecks|waves|paws
        |snatches|grabs|clutches) at (a|an|the|her|his) \w+
    (pinches|pinching|sprinkles|sprinkling|stirs|stirring|grinds|grinding|rolls|spreads) (some |a |the )?(
        salt|sugar|flour|pepper|herbs|spice|spices|dough|butter|paint)
    (touches|touching|tips|tipping|lifts|lifting|doffs|doffing|adjusts|adjusting|tugs|tugging) (the )?(brim
        |edge|corner|rim|tip) of
    (shows|showing|raises|raising|puts up|holds up|holding up|counts) (one|two|three|four|five|ten|his|her
        |some|both|all) (\w+ )?(fingers?|thumbs?|palms?)
    (presents|presenting|hands|handing|offers|offering|accepts|receives|gives|giving) (
        us |me |him |her |over |out )?(an? |the )(award|trophy|medal|certificate|flower|flowers|gift|present
        |rose|card|bouquet|ticket|letter|cup|plate|bill)
    hands? ({adverb})(explain|explains|explaining|talk|talks|speak|speaks|tell|tells|emphasise|emphasize
        |underline|underlines|accompany|accompanies|support|supports|help|helps) (everything|all|the|her|his
        |each|every|along|with|it|what)
    (use|using|lots|plenty|much|a lot) of (the |her |his |their |both )?(hands?|arms?|gestures?
        |hand movements?)
    (italian|expressive|big|wild|typical|hand|secret|military|gang) (hand )?signs?
    (puts?|putting|takes?|taking|pulls?|pulling|slips?|slipping) (on |off )?(her |his |a |the )?(glasses
        |sunglasses|spectacles|hat|cap|gloves?|mask|scarf|coat|jacket|headphones|helmet|ring)( (on|off|up
        |down))?
    fiddl(es|ing) with (a|the|her|his) \w+
    cracking (knuckles|his|her)
    finger to (the |her |his )?lips
    """
)

GESTURE_INNOCENT = phrases(
    r"""
    (hair|bangs|fringe|curls|locks|strands?|freckles|light|sunlight|glow|shadows?|shade|veil|scarf|lace
        |beard|stubble|moustache|tattoos?|makeup|paint|blush|glitter|mask|hat|cap|brim|hood|collar
        |turtleneck|jewel\w*|earrings?|rays?|reflections?
        |neon) (softly |gently |partly |half |lightly |barely )?(covering|covers|touching|touches
        |brushing|brushes|stroking|slicked|kissing|framing|frames|tucked|shaping|shapes|grazing|crossing
        |hiding|wiping) {own} (\w+ )?\w+
    (finger|marcel|victory) (waves?|rolls?)
    (beckoning|inviting|waving) (eyes|look|wheat|hair|grass)
    (hair|ocean|sea|beach|sound|radio|heat|light|loose|soft|long|short|blonde|brown|dark|natural|gentle
        |auburn|glossy) (in )?waves
    points? of (light|view|interest)
    shrug (cardigan|sweater|jacket)
    cropped shrug
    gesture drawing
    pointing (device)
    (deeply |very |quietly |truly )?stirring,? (and )?(\w+ )?(look|performance|speech|portrait|voice|words
        |moment|image|gaze|expression|speech|story|scene|presence|song|tone|testimony|mood)
    waving (blond|blonde|brown|dark|red|black|grey|gray|silver|auburn|golden|long|flag)
    {lying} ({adverb})\w+ing ((up|down|off|out|over|through|across) )?{her} \w+
    (?<!with )(?<!in )(?<!with\x20a )(?<!in\x20a )(?<!with\x20an )(?<!with\x20the ){lying} ({adverb})\w+s ((up
        |down|off|out|over|through|across) )?{her} \w+
    (shaking|shaken|shake) off (the|a|her|his) (cold|past|years|dust|day|night|sleep|shock|gloom)
    (spinning|potter's|rotating) (wheel|top|globe)
    (hugging|fitting|clinging|flattering) (sweater|dress|jumper|top|skirt|shirt|knit)
    """
)
