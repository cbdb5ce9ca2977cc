"""What the camera and the cut do."""

from __future__ import annotations

from lipwright.prompt.phrases import phrases

CAMERA = phrases(
    r"""
    (camera|shot|frame|lens|view) ({adverb})(breathes?|breathing|pulses?|pulsing|sways?|swaying|wanders?
        |wandering|roams?|roaming|explores?|exploring|hovers?|hovering|leaves?|leaving|passes|passing
        |crosses|crossing|peers|peering|looks (up|down|around))
    (start|starts|starting|begin|begins|beginning) (from|at|on
        |with) (the |her |his |a )?\w+,? (and |then )+(go|goes|going|move|moves|moving|end|ends|ending
        |rise|rises|travel|finish|pull|pan|tilt)\w*
    (video|clip|film|shot|footage|animation|scene|gif) ({adverb})(loops?|looping|repeats?|repeating
        |begins?|starts?|opens?|ends?|closes?|finishes|plays?|rewinds?|speeds|slows|pauses|fades|cuts)
    (glitch|smooth|seamless|quick|fast|hard|soft|creative|morph|zoom|wipe|swipe|flash|light-leak|spin
        |slide) transitions?
    (intercuts?|intercut with|intercutting|cross-?cutting|cross-?cut|cutaways?|cut-?aways?|b-roll
        |split edit|l-cut|j-cut|match cut|quick edits?|insert shots?|shot reverse shot|coverage from)
    (swish|whip|crash|snap|flash|roll|sweep|slow|quick|fast|circular|diagonal|vertical
        |horizontal)[- ](pan|pans|zoom|zooms|tilt|tilts)
    (split[- ]screen|picture[- ]in[- ]picture|wipe transition|iris (in|out)|star wipe
        |page turn transition)
    ken burns
    (dynamic|moving|floating|roaming|active|energetic|lively|kinetic|restless|animated|drifting|shaking
        |unsteady|handheld|swooping|flying|travelling|traveling|rotating|spinning|circling|nervous
        |crazy) (camera|cam|camera ?work|cinematography|shot|shots|framing|angles?|camera angles?
        |perspective|viewpoint)
    (multi|different|various|alternating|changing|shifting|several|multiple)[- ]?(camera )?(angles?
        |angle edit|shots|cuts|views|cameras)
    (fast|quick|rapid|hard|jump|smash|match|quick|sharp|snappy|frequent|rhythmic|several|many|multiple
        |abrupt|frenetic|music[- ]video) (cut|cuts|cutting|edits?|editing|montage)
    montage
    bullet[- ]time
    (start|starts|starting|begin|begins|beginning|open|opens|opening) (on|in|from|with|at
        |as)? ?(an? |the )?(extreme |very )?(wide|long|medium|tight|full|establishing|close)( shot
        | angle)?(?! (lens|aperture|smile|grin|eyes))
    (end|ends|ending|finish|finishes|closing) (on|in|with|at
        |as) (an? |the |her |his )?(extreme |very )?(wide|long|medium|tight|full|close-?up|lips|eyes
        |mouth|face|detail)
    (slider|glidecam|ronin|dolly|jib|crane|drone|gimbal|snorricam|spidercam|cablecam)[- ]?(shot|footage
        |move|movement|flight|work)
    (first-person|pov|point of view) (walk\w*|run\w*|mov\w+|approach\w*|driv\w+|fly\w*)
    pov,? (walking|running|moving|approaching|flying|driving)
    (revolves?|revolving|rotates?|rotating|orbits?|orbiting|spins?|spinning|circles?|circling|arcs?
        |arcing|swoops?|swooping|glides?|gliding|flies|flying|sails?|sailing|sweeps?|sweeping|travels?
        |travell?ing|drifts?|drifting|floats?|floating|creeps?|creeping|inches|inching|races
        |racing) (slowly |smoothly |gently )?(around|round|past|over|through|toward|towards|across|along
        |into|in on|up to|closer to|down to|away from|above) (the |her |his |a )?(subject|singer|speaker
        |actor|actress|face|head|man|woman|crowd|scene|room|set|stage|table|body|person|character|model
        |city|street|corridor|hall)
    (get|gets|getting|move|moves|moving|come|comes|coming|go|goes|going|draw|draws|drawing|step|steps
        |edge|edges|crawl|crawls|inch|inches) (slowly |ever |gradually |much |a little )?(closer|nearer
        |tighter)
    (reveal|reveals|revealing) (the |a |an |her |his )?(room|crowd|scene|city|set|stage|audience|face
        |classroom|whole|full|rest|background|landscape)
    (zoomed?|zooms|zoom) ?(-| )?(in|out|into|toward|towards|on|onto|effect|to|through|past|move|shot
        |transition|burst)(?! (call|lens|meeting|lenses))
    (screen|image|picture|frame|view|footage|video|shot|scene) (shakes|shaking|wobbles|wobbling|zooms
        |zooming|pans|panning|rotates|rotating|flips|flipping|spins|spinning|tilts|tilting|fades|fading
        |cuts|cutting|dissolves|dissolving|blurs|blurring|glitches|glitching|scrolls|scrolling|slides
        |sliding|moves|moving|changes|changing|switches|switching|jumps|jumping|opens|closes)
    (speed|motion)[- ]?(ramp|ramps|ramping)
    slow[- ]?(mo|motion|motions)
    (fast|quick)[- ]?forward
    (loop|looping|loops|looped) (video|animation|clip|shot|motion|seamlessly)?
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
    (ending|ends|starting|starts|opening|opens) (on|in
        |with) (a |an )?(extreme |wide |tight |medium )?(close-?up|wide|shot|detail)
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
    (the |a |our )?(camera|viewpoint|lens|view|shot|frame|drone
        |perspective) (is |then |view |angle )?({adverb})(<zoom>|<pan>|<tilt!>|<move>|<follow>|<track!>
        |<push>|<pull>|<dolly>|<circle!>|<orbit>|<rotate>|<glide>|<drift>|<sweep!>|<swoop>|<float>
        |<rise>|<lower!>|<descend>|<crane>|<shake>|<rack!>|<travel>|<roll!>|<cut!>|<widen>|<tighten>
        |<shift>|<swing>|<spin>|<turn!>|<creep>|<inch!>|<fly>|<ease!>|<slide!>|<arc!>|<trail>|<approach>
        |<close!>|<jerk>|<whip>|<start>|<begin>|<linger!>|<hold!> then|<reveal!>|<advance!>|<bob>
        |<wobble>|<climb>|<back!>|<come!>|<go!>|<dive!>|<truck!>|<pivot!>|<transition>|<switch!>|<jump>
        |<settle!>)
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
    fpv
    drone ({adverb})(rush|dive|swoop|flight|fly-?by|descent|ascent|approach|pass)(es)?
    (dutch |camera |slow )?(tilt|roll) (rolling|turning|levell?ing|going) (to|into|back)
    (picture|image|frame|view|shot|footage|horizon) ({adverb})(<sway>|<bob>|<tremble>|<lurch>|<jolt>|<judder>)
    (it|the picture|the image) (swings|whips|pans|zooms|tilts|pushes|pulls|moves) (to|in|into|over|across
        |closer|back)
    as if (held|filmed|shot|carried) by
    natural (hand|camera) ?-?shake
    (camera|hand|phone) ?-?shake
    (the |our |a )?(camera|cam|viewpoint|point of view|pov|perspective|lens) (is |then )?({adverb})
        (?!(is|has|was|does|looking|looks|watching|facing|faces|showing|shows|seeing|sees|staying|stays
        |holding|holds|framing|frames|capturing|captures|resting|rests|sitting|sits|standing|stands|remaining
        |remains|being|featuring|features|keeping|keeps|filling|fills|glass|angles?|settings?|focusing|focuses
        |focus|lens|lenses|straps?|bags?|flares?|pressing|showings|during|positioning|placing|lighting
        |operators?
        |rigs?|mounts?|fogs?|caps?|stands?|makes|giving|gives|recording|records|filming|films|shooting|shoots
        |throughout|catches|catching|sharpness|rendering|renders|thus|as|this|towards|besides|across|his|hers
        |lights|bodies|crews|setups?|hoods?|phones?|barrels?|elements|blurs?|shots?|portraits?|pics|pictures
        |photos
        |perspectives|level|distance|height|captions|styles|looks|types|models|rolls|tests|eyes|lines)(?!\w))
        [a-z]{3,}(ing|(?<!s)s)
    ((?<=, )|(?<=^)|(?<=[.;:] )|(?<=then ))(slow |slowly |quick |fast |gentle |hard |quickly |gently )?(push
        |whip|pan|zoom|dolly|truck
        |crane|tilt|glide|drift|fade|dissolve|snap|pull|creep|swing|boom|orbit|travel|move|switch|jump|cut
        |track
        |rack|crash|tracking|pushing|moving|flying|gliding|craning|orbiting|travelling|traveling|swooping
        |swinging
        |creeping|pulling) (to|into|in to|in on|onto|toward|towards|around|past|along|back to|out to|over to
        |up to
        |across|through) (a |an |the |her |his |their )?[a-z]+
    reframe|reframes|reframing
    (re-?)?focus(es|ing)? (pulls?|racks?|slides?|travels?|drifts?|breathes?|breathing|hunts?|hunting)
    (camera|lens|shot|frame) (crawl|creep|float|bob|swing|rise|descent|flight|walk|crane|flyover|dive
        |breathing)
    (slow|gradual|dramatic|sudden|quick|grand|final|big|delayed|smooth) (reveal|reveals|unveiling|approach
        |descent|ascent|flyover|fly-in|fly-out|crawl|creep|circle|orbit)
    ((?<=, )|(?<=^)|(?<=[.;:] )|(?<=then ))(follow|track|trail|chase|circle|orbit|approach) (him|her|them
        |the \w+|our \w+|a \w+) (down|up|through|across|along|around|into|out|past|as|from|while|to|slowly
        |closely)
    aerial (drone|footage|view moving|sweep|tracking)
    hand-?held(?= *($|[,.;!?]))
    focus (shifts?|changes?|pulls?|racks?|hunting|breathing|transitions?)
    (cross |slow |film |soft )?dissolve(?= *($|[,.;!?]))
    turntable (shot|rotation|view|video|animation|render|spin)
    (circling|orbiting|following|tracking|trailing|approaching) (him|her|them|the (subject|speaker|singer
        |face|actor|man|woman))(?= *($|[,.;!?]))
    from (different|various|several|many|all|multiple|changing) (sides|angles|directions|views|viewpoints
        |perspectives)
    reverse angle
    (tilts?|rolls?|rolling|leans?) to (the|one) side(?= *($|[,.;!?]))
    (dash|body|helmet|go-?pro|action) ?-?cam(era)?(?! (on|mounted on) (his|her) helmet)
    (go-?pro|found) footage
    (frame|picture|image|footage|video) ({adverb})(jitters|judders|stutters|skips|glitches)
    (smooth|slow|gentle|quick|lateral|steady|subtle) slides?( (left|right|in|out|across|over))?(?= *($
        |[,.;!?]))
    (travelling|traveling|roving|wandering|swooping)(?= *($|[,.;!?]))
    (long|single|unbroken|continuous) take
    (oner|one-shot|boomerang|rewind|rewinding|looping|wipe|wipes|fade-in|fade-out|fades|cuts)(?= *($|[,.;!?]))
    punch-?(ing)? ?-?in( on| to)?
    (crop|zoom|framing) (tightens|widens|changes|moves|shifts|loosens)
    (edits?|edited|cuts?|cutting) (on|to) (the|every|each) (beat|music|rhythm|word)
    (\d+ ?(degrees?|deg|°)? ?)?(slow |fast |full |half |half-|smooth |continuous |gentle )?orbit(s
        |al)?(?! of (the|an?) eye)
    (the|this|our|a) (shot|frame|framing|picture|view|angle|composition|crop|image) ({adverb})(?!(extends
        |belongs|adds|speaks|compares|leads|looks|owes|reminds|gives|refers|relates|fits|suits|comes|rests
        |sits|ends|shows|focuses|has|is|was|as|this|is|holds|remains|stays|keeps|centres|centers|includes
        |contains|features|favours|favors|captures|emphasi[sz]es|stops|lens|crops|cuts|seems|feels|appears
        |works|fills|takes|lives|details|lights|portraits|faces|glass|frames|angles|sizes)(?!\w))[a-z]+s (to
        |into|until|in|out|up|down|back|around|past|from|toward|towards|away|as|for|off|over|along|across
        |onto|with)
    from (a |the )?(far|distance|distant|afar|wide|macro|long|left profile|right profile|front|side|profile
        |medium|full|head|feet|shoes|eyes|hands|top|bottom|ground|left|above|below|behind)( view| shot)? (to
        |into|till|until) (a |an |the |her |his )?(up close|close|close-?up|near|wide|macro|tight
        |right profile|left profile|profile|front|face|mouth|lips|back|head|feet|top|right|left|full)
    (camera|cam) ({adverb})(never rests|on (a|the) (swing|slider|dolly|crane|drone|jib|rail|rails|track
        |gimbal|shoulder|bike|car|boat)|tour|handheld|held by)
    (bird|drone|plane|eagle|helicopter) (swoops?|flight|flying|dive|ride) ?(view|shot)?
    (spin|spinning|glide|shoulder|run|chase|crash|hover|orbit|spider|sky|rolling|circling|travel) ?-?(cam
        |camera)( feel| look| shot)?
    (revolving|rotating|turning|circling|orbiting|drifting|roving|sliding|rising|sinking|approaching|changing
        |shifting) (view|viewpoint|angle|perspective|frame|framing|shot|camera)
    frame-? ?(in|out) (from|to)
    (gradual|slow|gentle|soft|fast|quick|smooth|steady|slight|subtle) (close-?in|move-?in|pull-?out
        |pull-?back|push-?in|push|creep|crawl|dolly|zoom|approach|tilt|pan|drift|glide)(?! (button|in hair))
    (like|as) a drone
    on a (slider|dolly|jib|crane|gimbal|steadicam)
    walk-and-talk
    (macro|wide|long|close|tight|near|far|medium) to (wide|macro|close|tight|near|far|medium|close-?up
        |full)(?! (lens|zoom|spectrum))
    (tilt|pan|push|zoom|focus|slow|dolly) (reveal|reveals|transition)
    (mirror|whip|spin|morph|glitch|flash|zoom|swipe|smash|mask|match) (transition|transitions|cut)
    (iris|lens|aperture) ({adverb})(opening|closing|opens|closes)
    (stabili[sz]er|stabili[sz]ation) off|image wobble|wobble|wobbles
    whip(?= *($|[,.;!?]))
    inching (closer|nearer|in|forward)
    (wobbly|shaky|jerky|unsteady) (phone )?(video|footage|clip|shot|image|picture)
    (full )?\d+ ?(degrees?|deg|°) (around|about|turn|spin|move|orbit|rotation|arc|sweep|circle)
    (frame|camera|shot|view|lens|picture) to ({adverb})(inch|move|pan|zoom|push|pull|creep|drift|glide|circle
        |orbit|tilt|track|follow|slide|go|come|travel|turn|rotate|rise|sink|swing)( (sideways|past|in|out|up
        |down|around|along|closer|back|away|toward|towards|to|left|right))*
    """
)

CAMERA_INNOCENT = phrases(
    r"""
    (non-stick|hot|iron|copper|frying|deep) pans?
    background (fades|fading|blurs|blurring|dissolves|dissolving|falls|melts|melting) (off|away|into|to
        |in|out)?( \w+)?
    (blurs|blurring|fades|fading|dissolves|dissolving|melts) (softly |gently )?into (the )?(dark
        |darkness|shadow|shadows|black|bokeh|haze|mist|blur|grey|gray|white|background)
    (close-?up|portrait|wide|medium) (shot|angle|lens|framing) (on|with|at)
    (hoop|loop|looped) (earrings?|scarf|tie)
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
    zoomed[- ]in (crop|detail|framing|composition|portrait|close-?up|look at)
    (smile|grin|frown|scowl|laugh|light|colou?rs?) ({adverb})(fades?|fading) (in|out|to|into|away)
    (no|without|free of|zero) (camera|hand|phone) ?-?shake
    (gold|panning) (panning|dish|pan)
    panning (dish|for gold|gold)
    (mouth|lips|eyes|arms|jaw|smile|hands) (\w+ )?open wide
    camera on (a |the )?(tripod|fixed|table|stand|desk|stable)
    (no|without) (wobble|transition|transitions)
    """
)
