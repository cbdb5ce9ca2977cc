"""How somebody talks, and words of it that the sound may contradict."""

from __future__ import annotations

from lipwright.prompt.phrases import phrases

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
