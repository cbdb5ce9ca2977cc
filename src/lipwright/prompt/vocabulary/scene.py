"""Who and what is in the picture."""

from __future__ import annotations

from lipwright.prompt.phrases import phrases

SEVERAL_PEOPLE = phrases(
    r"""
    (class|classroom|bus|room|hall|church|table|bench|row|stadium|theatre|theater|bar|café|cafe|train
        |car|boat|house|street|square|office) (full )?of (\w+ )?(students|pupils|children|kids|people
        |men|women|passengers|guests|fans|workers|customers|friends|soldiers|worshippers|drinkers|diners
        |spectators)
    panel (discussion|debate|show|talk)
    surrounded by (\w+ )?(pupils|students|children|people|friends|fans|reporters|colleagues|family
        |onlookers|admirers|employees|soldiers|others|classmates|dancers|kids|guests|patients|voters
        |players|actors)
    (among|amongst|amid|amidst|between|in front of|before|with|facing|addressing|leading|joined by
        |flanked by|followed by|next to|beside|behind) ((a|an|the|her|his|some|many|several|two|three
        |four|five|six|other|young|small|large|cheering) )*(voters|pupils|students|children|people
        |friends|fans|reporters|colleagues|classmates|crowd|audience|group|team|jury|congregation
        |dancers|kids|guests|patients|players|actors|bodyguards|workers|villagers|worshippers|shoppers
        |commuters|strangers|relatives|sisters|brothers|bandmates|soldiers|men|women|girls|boys
        |passengers|customers|clients|employees|interns|nurses|doctors|lawyers|officers|monks|nuns
        |tourists)
    (boy|girl|man|woman|child|kid|lady|guy|teacher|customer|barista|nurse|doctor|patient|host|guest
        |singer|guitarist|lawyer|client|boss|employee|king|queen|prince|princess|knight|cop|suspect
        |priest|bride|groom|mother|father|son|daughter|brother|sister|husband|wife|grandmother
        |grandfather|grandma|grandpa|interviewer|interviewee|actor|actress|waiter|waitress|coach|player
        |pilot|student|professor|salesman|salesperson|buyer|seller|anchor|reporter|presenter|therapist
        |baby|friend|poet|chef|dancer|detective|journalist|politician) (and|with|versus|vs\.?|facing
        |opposite|beside|next to|near|meets|meeting|hugging|kissing|arguing with|talking (to|with)
        |speaking (to|with)|listening to|interviewing|teaching|comforting|consoling
        |holding) (an? |the |her |his |their |another |one )?(\w+ )?(boy|girl|man|woman|child|kid|lady
        |guy|teacher|customer|barista|nurse|doctor|patient|host|guest|singer|guitarist|lawyer|client
        |boss|employee|king|queen|prince|princess|knight|cop|suspect|priest|bride|groom|mother|father
        |son|daughter|brother|sister|husband|wife|grandmother|grandfather|grandma|grandpa|interviewer
        |interviewee|actor|actress|waiter|waitress|coach|player|pilot|student|professor|salesman
        |salesperson|buyer|seller|anchor|reporter|presenter|therapist|baby|friend|poet|chef|dancer
        |detective|journalist|politician|granddaughter|grandson|niece|nephew|neighbou?r|assistant
        |co-?anchor|co-?host)(?!('s|s'| voice| role| costume| outfit| look| uniform))
    (someone|somebody|others|another|a second|a third|second|third
        |other) (person |man |woman |speaker |face |figure |character |actor |people )?(else )?(stands
        |standing|sits|sitting|walks|walking|waits|waiting|listens|listening|behind|beside|next to
        |in the background|at the back|visible|watches|watching|nearby|looks on|looking on)
    (dialogue|conversation|argument|debate|interview|discussion|duel|scene|chat|duet|exchange|quarrel
        |date|meeting) (between|among|of two)
    (whole|entire|large|big|happy) (family|team|class|crew|cast|choir|band|squad|office|village|gang)
    (lovers|spouses|rivals|partners|buddies|pals|mates|girlfriends|boyfriends|workmates|schoolmates
        |teammates|castmates|panelists|panellists|hosts|singers|presenters|anchors|actors|speakers
        |podcasters|rappers|officers|detectives|lawyers|monks|nuns|businessmen|businesswomen|executives)
    (a |the )?(pair|trio|quartet|couple|crowd|mob|throng|horde|gang|squad|troupe|gathering|panel|duo
        |audience|queue|line) of (\w+ )?(people|persons|men|women|\w+ers|\w+ors|friends|girls|boys|kids
        |students|fans|soldiers|musicians|lovers)
    (everyone|everybody|all of them|they both|the both|(the|these|those) (two|three|four)( of (them|us)
        | (people|men|women|friends|speakers|hosts|actors|faces|lovers|brothers|sisters))?(?= *(,|$|\.
        |talk|are|in|at|on|facing|stand|sit)))
    (two|three|four|five|six|seven|eight|nine|ten|2|3|4|5|6)[- ](person|people|man|woman|shot|hander
        |way) ?(shot|scene|interview|portrait|conversation|debate|show)?
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
    (man|woman|girl|boy|mother|father|husband|host|anchor|interviewer|teacher
        |doctor) and ({her} )?(\w+ )?(man|woman|girl|boy|daughter|son|wife|husband|friend|child|baby
        |guest|partner|interviewee|student|patient|colleague)
    (with|and|beside|next to|facing|to|opposite) ({own} |another |a )(\w+ )?(friend|wife|husband
        |daughter|son|colleague|partner|co-?host|guest|sister|brother|companion|boyfriend|girlfriend
        |interviewer|mother|father|child|baby|person|man|woman|student|patient|co-anchor)
    (people|onlookers|bystanders|pedestrians|passers-?by|colleagues|coworkers|classmates|students|guests
        |friends|faces|others|backing singers|extras|spectators|shoppers|commuters|women|men|kids
        |children)('s)?
    (an)?other (person|man|woman|speaker|character|face)
    (among|amongst|amid|amidst|between|surrounded by|flanked by|joined by|accompanied by|together with
        |alongside) ({her} )?
        (\w+ ){0,2}(supporters|followers|voters|rivals|peers|elders|mourners|dancers|players|singers|actors
        |partners
        |journalists|photographers|paparazzi|protesters|dignitaries|courtiers|servants|recruits|troops
        |apprentices
        |diners|guards|ministers|senators|sailors|fishermen|farmers|miners|nuns|monks|priests|toddlers
        |infants|puppets
        |robots|zombies|clones|mannequins|heads|bodies|visitors|staff|crew)
    (with|and|beside|behind|in front of|of|among|amongst|facing|between|around|next to|near) (
        {her} |some |two |three |four |other |many |several |young |old |little |more )*(backing |fellow )?
        (vocalists|dancers|musicians|drummers|guitarists|violinists|singers|actors|nurses|doctors|students
        |pupils|kids|children|soldiers|sailors|farmers
        |workers|officers|lawyers|jurors|judges|reporters|journalists|photographers|assistants|engineers
        |scientists|teachers|chefs|cooks|waiters
        |customers|passengers|tourists|travellers|travelers|neighbours|neighbors|cousins|aunts|uncles|nephews
        |nieces|grandchildren|grandsons
        |granddaughters|bystanders|villagers|monks|nuns|priests|players|teammates|opponents|boxers|wrestlers
        |runners|cyclists|riders|coworkers
        |employees|executives|managers|bosses|clients|patients|guests|hosts|presenters|anchors|models|brides
        |grooms|bridesmaids|toddlers|babies
        |teenagers|adults|strangers|lovers|spouses|rivals|bandmates|bodyguards|policemen|policewomen|cops
        |firefighters|miners|knights|warriors
        |pirates|witches|angels|clowns|puppets|ladies|gentlemen|lads|lasses|guys|folks|listeners|viewers
        |spectators)(?!('s|s'|'))(?! (union|club|guild|mess|uniform|robe|coat|cap|hat|home|room))
    half a dozen \w+s
    (single |young |proud |new )?(father|mother|dad|mom|mum|man|woman|nurse|grandmother|grandfather) (holding
        |carrying|hugging|cradling|rocking|feeding|with) ({her} )?(\w+ )?(baby|infant|child|toddler|newborn
        |kid|son|daughter)
    (strangers|grandkids|grandchildren|nephews|nieces|cousins|panel|queue|procession|parade|rally|co-?host
        |co-?anchor|trio|onlooker|bystander)(?= *($|[,.;!?]))
    (a second|the second|a third|the third|one more) (person|man|woman|face|speaker|figure|character|actor)
    (protest|wedding|carnival|funeral) (march|procession|parade|party|crowd|guests)
    (dinner|birthday|garden|house|cocktail) party(?= *($|[,.;!?]))
    (face to face|holding hands|hand in hand|arm in arm|back to back|cheek to cheek)( with)?
    (baby|infant|toddler|newborn|child) (in|on) ({own} )?(arms?|lap|hip|knee|knees|shoulders)
    (male|man|men) and (female|woman|women) (\w+)
    (he and she|she and he|him and her|her and him|you and me|man plus woman|man \+ woman)
    (with|and) ({own} |a |the )(\w+ )?(dog|cat|car|house) and (wife|husband|son|daughter|friend|child|kids
        |girlfriend|boyfriend)
    (someone|somebody|anyone|a person|people) else
    (girls|boys|ladies|gentlemen|guys|men|women|elders|pupils|recruits|cadets|pensioners)( (in|on|at) (a|the
        |two) (row|rows|line|bench|table|stage|choir|group))?(?= *($|[,.;!?]))
    the (judges|jurors|kids|boys|girls|guys|elders|guests|others|parents|bosses|witnesses|band|crew|staff)
    """
)

SEVERAL_PEOPLE_INNOCENT = phrases(
    r"""
    (kids|children|women|men|people|students|friends|guests|boys|girls)'s? \w+
    team (usa|gb|america|england|germany|france|japan|colours|colors|red|blue|sky|jersey)
    (team|squad|gang|class|choir|band|crew|jury|panel|cast|crowd|congregation|audience|family|couple
        |couples|group|duo)(-| |'s |s' )(captain|leader|chief|manager|jersey|colours|colors|shirt|hoodie
        |jacket|doctor|photo|favourite|favorite|pleaser|pleasing|therapist|ring|name|logo|member
        |director|mascot|cap|kit|badge|ring|clown|president|spirit|room|tee|poster|uniform|foreman
        |forewoman|warm-up|surfer|funding)
    (team|crowd|family|couple|group|audience|band|class)-\w+
    (seen|known|loved|trusted|admired|used|watched) by (\w+ )?(people|millions|everyone|fans|students
        |children)
    (actors|singers|lovers|players|officers|rappers|detectives|lawyers|monks|nuns|presenters|hosts
        |anchors|speakers|executives)'? (studio|club|guild|lane|union|mask|cap|robe|uniform|mess|agency
        |desk|habit|wig|bench|lounge|chair|gown|badge|coat|hat)
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
    family (man|doctor|home|lawyer|business|room|heirloom|album)
    family (photo|photos|picture|pictures|portrait)( frames?)? (on|hanging|framed|blurred|behind|in the back)
    (watch|wrist|wedding|head|hair|hat|rubber|arm|waist)[- ]?band
    (control|wood|wooden|wall|solar|led|light|acoustic|instrument|glass|foam|side) panels?
    (group|team|band|crowd|panel) (leader|member|jacket|shirt)
    couples? (therapist|counsel\w+)
    (a )?couple of (freckles|moles|strands|rings|hairs|curls|pimples|wrinkles|scars|lines|buttons|candles
        |books|plants
        |lamps|lights|highlights|catchlights|earrings|piercings|steps|feet|inches|metres|meters|stops|years
        |decades|days
        |weeks|months|hours|teeth|tattoos|flowers|pictures|frames|shelves|trees|clouds|props|objects|things
        |details)
    (like|as) (real |other |most |normal |ordinary )?(people|humans|persons|men|women|kids|children) (do|does
        |are|have|would)
    (kids?|children's) (room|bedroom|playroom|corner|channel|show|menu|book|drawing)
    (choir|band|team|crowd|class|group|family|crew|cast|jury|audience)s?'?s? (robe|robes|gown|blazer|scarf
        |colou?rs?|jersey|kit|tie|bus|badge|hall|stall|stalls)
    (one|half) of (the |a pair of |two )?(\w+)
    (with )?(an? |the )?(patient|guest|host|model|student|friend|doctor|teacher|child|partner|mother|father
        |family) (look|expression|face|smile|gaze|manner|tone|voice|attitude|air|eyes|badge|pass|house
        |demeanou?r|style)
    (to|at|for|toward|towards|facing|addressing) (the |our |his |her |all |unseen |dear )?(viewers|listeners
        |spectators|audience|folks|guys)
    (choir|school|chorus|altar|band|cabin|farm) (boy|girl|kid|master|mistress|singer)
    (dinner|birthday|garden|house|cocktail) party (dress|outfit|look|hat)
    (wood|instrument|control|oak|wall|wooden|side|solar|acoustic|led|light|white|blue|dark|grey|gray|plain
        |door|carved) panel
    (family|couple|couples|team|band|crowd|group)'?s?'? ?-?(crest|massage|tree|heirloom|recipe|bible|silver
        |estate|barrier|control)( \w+)?
    (men|women|boys|girls|ladies|gentlemen)'s?'? (\w+)
    (band|bands|line|lines|row|rows|group|pair|trio|crowd|family) of (freckles|light|lights|gold|silver
        |colou?r|lace|fur|buttons|pearls|moles|stubble|shadow|shade|trees|lamps|earrings|glasses|wrinkles
        |candles|hats|books|flowers|stars|plants)
    """
)

CLUTTER = phrases(
    r"""
    hoarder('s)? \w+
    (racks|rows|piles|stacks|shelves|heaps|boxes|crates|bundles|bags|mounds|towers|rails|tables
        |walls) of \w+,? (\w+,? )?(and )?\w+(?= *(,|$|\.|behind|around|everywhere|in the|on the|all))
    (total|complete|utter|absolute|pure|creative|organi[sz]ed|visual) (chaos|mess|clutter|disorder
        |jumble|disarray)
    \w+ (stalls|stands|booths|vendors), \w+
    (lots|loads|tons|masses|plenty|bunches|hundreds|thousands|dozens|scores|heaps|piles|stacks|rows
        |mountains|collections|countless|innumerable|many|numerous|various|all sorts|all kinds|assorted
        |random|a million) (of )?(\w+,? ){0,2}(objects|things|items|details|decorations|posters|toys
        |books|signs|lights|lamps|bottles|boxes|plants|papers|props|screens|monitors|cables|wires|photos
        |paintings|trinkets|ornaments|gadgets|tools|instruments|knick-?knacks|souvenirs|flags|banners
        |balloons|stickers|figurines|antiques|junk|clutter|stuff|equipment|shelves|jars|dishes|pots
        |clocks|mirrors|statues|pictures|frames|candles|flowers|fabrics|carpets|cushions|garlands
        |products|magazines|trophies|awards|shoes|hats|bags|clothes|costumes|machines|computers
        |keyboards|cameras|animals|creatures|patterns|textures|colou?rs)
    (shelves|shelf|desk|table|walls?|floor|room|counter|bench|cabinet|closet|attic|basement|studio
        |background|backdrop|corner|bookcase|workbench|stall|shop|kitchen|garage|cellar
        |market) (behind \w+ |in the back )?(\w+ )?(crammed|stuffed|packed|loaded|littered|piled|stacked
        |bursting|overflowing|overloaded|jammed|strewn|covered|cluttered|crowded|teeming|bristling
        |heaped|filled to the brim)
    (hectic|chaotic|cluttered|busy|messy|crowded|crammed|overloaded|overdecorated|over-decorated|jumbled
        |junk-filled|overfilled|disordered|dense) (\w+ )?(background|backdrop|scene|scenery
        |setting|surroundings|environment|room|wall|composition|collage|detail|details|decor|décor
        |pattern|patterns|interior|shop|stall|shelf|shelves|desk|table|street|market|kitchen|workshop
        |garage|attic)
    (very|highly|extremely|insanely|hyper|overly|super)[- ]?(detailed|busy|ornate|crowded|complex
        |decorated) (\w+ )?(background|backdrop|room|scene|setting|environment|wall|surroundings
        |interior)
    (maximalist|horror vacui|i spy|where's wal(ly|do)|collage of|mosaic of|hodgepodge|mishmash|jumble
        |tangle|maze of|labyrinth of|sea of|avalanche of|explosion of|riot of) ?(\w+ )?(background|room
        |interior|things|objects|screens|cables|colou?rs?|posters|books|people|signs|wires|photos
        |patterns|toys|lights)?
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
    (?<!eyes )(?<!face )(?<!expression )(?<!smile )(?<!voice )(?<!gaze )(surrounded (by|with)|full (of|with)
        |(filled|crammed|packed|covered|crowded|stuffed|littered|piled|stacked|heaped) (in|with)|amid|amidst
        |among|between) {thing}, {thing}(,|,? ?and) {thing}
    (toys|books|clothes|papers|boxes|bottles|cables|tools|magazines|dishes|rubbish|trash|laundry) (all )?(
        over|across|everywhere|about|around)
        (the |{her} )?(place|floor|room|bed|desk|table|shelves|sofa|counter|walls?)?
    (stuffed|filled|packed|crammed|full|piled|stacked|loaded) (right |up )?to (the )?(bursting|brim|ceiling
        |rafters|overflowing|roof)
    (hanging|lying|standing|scattered|strewn|stacked|piled) (everywhere|all over|all around|on every \w+
        |in every \w+)
    on every (shelf|surface|wall|side|inch|corner|branch|table|hook)
    (\w+ )?(posters|plants|lamps|photos|photographs|books|toys|pots|pans|jars|plates|bottles|boxes|clocks
        |dolls|mirrors|vases|maps|screens|monitors|cables|mugs|cups|stickers|papers|tools|paints|brushes
        |candles|flags|signs|balloons|records|guitars|instruments|machines|wires|gears|bikes|tyres|tires|cans
        |rags|crates|trophies|paintings|pictures|figurines|antiques|globes|skulls|shells|stones|baskets|hats
        |shoes|clothes|fabrics|ribbons|garlands|ornaments|lights|speakers|keyboards|synths|cushions|carpets
        |chairs|ladders|buckets|hams|sausages|fruits?|vegetables|fish|fridges|saws|wood|cars|shops), (\w+ )?(
        posters|plants|lamps|photos|photographs|books|toys|pots|pans|jars|plates|bottles|boxes|clocks|dolls
        |mirrors|vases|maps|screens|monitors|cables|mugs|cups|stickers|papers|tools|paints|brushes|candles
        |flags|signs|balloons|records|guitars|instruments|machines|wires|gears|bikes|tyres|tires|cans|rags
        |crates|trophies|paintings|pictures|figurines|antiques|globes|skulls|shells|stones|baskets|hats|shoes
        |clothes|fabrics|ribbons|garlands|ornaments|lights|speakers|keyboards|synths|cushions|carpets|chairs
        |ladders|buckets|hams|sausages|fruits?|vegetables|fish|fridges|saws|wood|cars|shops)(,|,? and) (
        \w+ )?(posters|plants|lamps|photos|photographs|books|toys|pots|pans|jars|plates|bottles|boxes|clocks
        |dolls|mirrors|vases|maps|screens|monitors|cables|mugs|cups|stickers|papers|tools|paints|brushes
        |candles|flags|signs|balloons|records|guitars|instruments|machines|wires|gears|bikes|tyres|tires|cans
        |rags|crates|trophies|paintings|pictures|figurines|antiques|globes|skulls|shells|stones|baskets|hats
        |shoes|clothes|fabrics|ribbons|garlands|ornaments|lights|speakers|keyboards|synths|cushions|carpets
        |chairs|ladders|buckets|hams|sausages|fruits?|vegetables|fish|fridges|saws|wood|cars|shops)
    (wall|bank|rows?|array|grid|stack|pile|heap|tower|mountain) of (\w+ )?(posters|plants|lamps|photos
        |photographs|books|toys|pots|pans|jars|plates|bottles|boxes|clocks|dolls|mirrors|vases|maps|screens
        |monitors|cables|mugs|cups|stickers|papers|tools|paints|brushes|candles|flags|signs|balloons|records
        |guitars|instruments|machines|wires|gears|bikes|tyres|tires|cans|rags|crates|trophies|paintings
        |pictures|figurines|antiques|globes|skulls|shells|stones|baskets|hats|shoes|clothes|fabrics|ribbons
        |garlands|ornaments|lights|speakers|keyboards|synths|cushions|carpets|chairs|ladders|buckets|hams
        |sausages|fruits?|vegetables|fish|fridges|saws|wood|cars|shops)
    littered (\w+ )?(floor|desk|table|room|ground|street|bench|counter)
    (garage|workshop|kitchen|attic|shed|studio|stall|shop|store|room|cityscape|market|street|lab|laborator\w+
        |office) (with|full of) {thing}, {thing}(,|,? and) {thing}
    ((colou?rful|total|visual|utter|happy|complete) )?chaos
    trinkets
    times? square
    rush[- ]hour (\w+)?
    (lots|plenty|loads|tons|so much|too much|a lot) (of things )?(going on|happening)
    (desk|table|room|walls?|shelf|shelves|floor|counter|stall|shop|bench|corner|studio|kitchen|background
        |backdrop|behind (her|him|them)|ceiling|cart|van|cabin|cellar|attic) (?!in front)({adverb})(
        \w+ ){0,2}(under
        |beneath|in|with|of|by|behind|between|among) {thing}, {thing}(,|,? and) {thing}
    (buried|drowning|sunk|swamped|lost) (under|in|beneath|among|by) (\w+ ){0,2}(paper|papers|receipts|books
        |boxes|toys|clothes|files|folders|stuff|things|junk|work|notes|cables|dishes|tools|props|cushions
        |plants)
    (boxes|books|papers|crates|files|bottles|toys|shelves|posters|things|stuff|plants|clothes) (right )?(
        up )?to the (ceiling|roof|rafters|top)
    (full|overfull|overloaded|crammed|busy|heaving|groaning|laden|crowded) (shelf|shelves|bookshelf
        |bookshelves|table|desk|counter|closet|wall|room)
    (laundry|toys|clothes|papers|boxes|cables|books|dishes|tools|posters|wires|bottles|rubbish) and (\w+ )?(
        toys|clothes|papers|boxes|cables|books|dishes|tools|posters|wires|bottles|rubbish|laundry|signs)
    (wires|cables|clothes|signs|lamps|things|flags|pans|pots|ropes|tools) (hanging|dangling|lying|scattered
        |piled|stacked)(?! (light|lamp))
    (christmas|birthday|party|halloween|festive|wild|many|rich|heavy) (decorations?|decor|ornaments)( (
        everywhere|all over|all around))?
    (busy|crowded|dense|wild|noisy|mad) (wallpaper|wall|patchwork|forest|jungle|mass|tangle|collection|mix
        |heap|sea) of \w+
    so (much|many) (stuff|things|junk|details|objects|signs|clutter|going on)
    hoarded \w+
    every (inch|surface|shelf|wall|corner|spot) (is )?(covered|full|filled|packed|taken|used|decorated
        |crammed)
    """
)

CLUTTER_INNOCENT = phrases(
    r"""
    busy (pattern|print|tie|shirt|dress|fabric|scarf|tweed|wallpaper)
    intricate (pattern|embroidery|lace|jewel\w*|tattoo|detail|details|braids?)
    messy (hair|bun|curls|bangs|fringe|beard|braid|ponytail|updo)
    busy (executive|mom|mum|dad|mother|father|man|woman|professional|manager|nurse|doctor|chef)
    crowded teeth
    (not|un|less) ?(busy|crowded|messy)
    (un|de)-?cluttered
    clutter-?free
    (calm|order) (in|amid|in the midst of) (the )?chaos
    (face|head|portrait|smile|mouth|lips|she|he|close-?up) ({adverb})(filling|fills) (the )?(
        whole |entire |upper |lower )?(frame|screen)
    (background|room|desk|backdrop|office|studio|kitchen|workshop|street|space|air|frame|scene
        |window)( is)? (filled with|full of|covered (in|with)) (light|soft|warm|air|sun|sunlight|warmth|calm
        |white|golden|morning|daylight|shadow|shadows|mist|haze|smoke|silence|colou?r|cool|gentle|bright|dim
        |evening|candlelight|glow|blue|amber|dust)( \w+){0,2}
    full (table|desk|wall) (light|lamp|width|length)
    rush-hour (traffic )?(lights?|glow|red|sky)
    """
)

HIDDEN_FACE = phrases(
    r"""
    (close-?up|macro|detail|shot|photo|picture|view|portrait
        |image) (shot )?of (the |a |an |his |her |two |old |some |wrinkled |bare )*(hands?|feet|foot
        |shoes?|boots|fingers?|eye|legs?|back|neck|ear|arm|arms|keyboard|microphone|guitar|clock
        |building|street|landscape|city|table|book|radio|phone|flower|food|car)(?! (and
        |with) ({own} )?(face|mouth|lips|smile))(?= *(,|\.|;|$|on|in|at|playing|typing|holding|with|by
        |under|against|of))
    (blurry|blurred|smudged|pixelated|pixellated|censored|hidden|obscured|covered|invisible|unseen
        |indistinct|shadowed|masked|veiled|averted|cropped|half-hidden|out-of-focus|unlit
        |unrecogni[sz]able) (face|faces|mouth|features|lips)
    (face|mouth|features|head|lips) ({adverb})(not in frame|out of (frame|focus|shot|view|sight)
        |off-?screen|in darkness|in the dark|in shade|pixelated|cropped (off|out)|turned aside|bowed
        |down|not shown|not seen|buried in|swallowed|concealed|obscured|hidden|averted|covered
        |wrapped)(?!( to| at)? (earth|slightly))
    (no|without a|without any|without) (visible |clear )?(face|mouth|person|people|human|humans
        |lips)( visible| seen| shown| in (it|frame))?
    (person|man|woman|figure|speaker|girl|boy|character|actor|hero) (far away|far off
        |in the (far )?distance|in the fog|on the horizon|from above|from afar|at a distance
        |out of focus)
    (bird's-eye|birds-eye|bird's eye|top-down|overhead|aerial|satellite|drone|worm's-eye|extreme wide
        |ultra-?wide|very wide|establishing|panoramic) (view|shot|angle|perspective|framing|panorama)
    (seen|shown|shot|viewed|filmed|photographed|standing|sitting|facing|looking
        |turned) (entirely |completely |fully |only )?(from (the )?(back|behind|above|afar|far away|far)
        |away|backwards|to the wall)
    (cap|hat|hood|hair|visor|sunglasses|goggles|scarf|veil|mask|helmet|cloth|towel|bandage|bandages
        |newspaper|book|phone|hand|hands|microphone|mic|megaphone|flowers|bouquet|mug|cup|glass|fan
        |smoke|beard|collar|turtleneck) (that )?({adverb})(covers?|covering|hides?|hiding|obscures?
        |obscuring|conceals?|concealing|blocks?|blocking|masks?|masking|shadows|shadowing|over|across
        |in front of|before|pulled (up |down |low )?over|up to
        |up over) (half |most |part |all |the |of )*(her |his |their |its |the )?
        (whole |entire |lower |bottom )?(face|mouth|lips|nose and mouth|features|chin and mouth|nose
        |eyes)
    (only|just|nothing but) (the |her |his |their )?(eyes|forehead|hair|hands?|back|shadow|feet|legs
        |silhouette|outline|torso|neck|ear|nape)( (is|are))? ?(visible|seen|shown|in frame
        |showing)?(?= *(,|$|and|in|of|visible|seen|shown))
    (shadow|outline|silhouette|reflection|back|nape|shape|torso|body) of an? (\w+ )?(man|woman|person
        |girl|boy|figure|speaker|singer|head)
    (ski|carnival|halloween|clown|fencing|welding|oxygen|diving|horror|wrestling|luchador|vendetta
        |guy fawkes|rubber|paper|full|half|cloth|sleep|bandit|ninja|face)[- ](mask|masks|helmet|hood
        |shield)
    (burqa|niqab|ski-?mask|face ?shield|welding helmet|astronaut helmet|diving helmet|knight'?s helmet
        |full helmet|closed visor|bag over|paper bag on)
    (hood|hat|cap|brim|hair|fringe|bangs|veil|visor|helmet
        |goggles) (is |are )?(pulled |falling |hanging |drawn |hiding |shading |covering |low )+
        (low |down )?(over )?({own} )?(whole |entire )?(face|mouth|eyes and mouth)
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
    (only|just) (the |{own} )?(back|hands|eyes|legs|feet|silhouette|outline|shoulders|torso
        |eyes visible)
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
    (extreme |very )?(wide|long|establishing|full-? ?body|full-? ?length|aerial
        |distant)[- ](angle )?(shot|view|portrait|framing)
    (far|seen) (away|in the distance|from afar|from a distance)
    in the (far )?distance
    turned away from (the )?(camera|viewer|lens)
    (facing|looking) away from (the )?(camera|viewer|lens)
    (vr|virtual reality) (headset|goggles|helmet)
    (only|just) see (the |her |his )?(nape|back|hands|hair|shoulders|feet|eyes|legs)
    (hiding|covering|hides|covers|veiling|masking) ((the|her|his|its) )?(whole|entire|lower|bottom
        |most of the|half the|half of the) (face|mouth)
    mask on(?= *($|[,.;!?]))
    (hands?|feet|eyes?|shoes|keyboard|back) close-?up
    close-?up (of|on) (a|an|the|two|her|his) (\w+ )?(hand|hands|foot|feet|eye|ear|back|shoe|shoes|keyboard
        |paper|pen|page|microphone|instrument|glass|ring)(?! (and|with) {own})(?= ?(,|\.|;|$|\w+ing|on|in|at))
    extreme wide
    (?<=, )(from (high |far |directly )?(above|behind|afar|the back|far away|overhead)|bird'?s[- ]eye
        |overhead|top-down)( view| shot)?(?= *($|[,.;!?]))
    out[- ]of[- ]focus (face|mouth|features|person|woman|man)
    (glasses|sunglasses|hat|cap|hood) and (a )?(\w+ )?mask
    (hooded|cloaked|anonymous|shadowy|masked|veiled|blurry|blurred|faceless|distant) (\w+ )?(figure|person
        |man|woman|silhouette|shape)
    (can't|cannot|can not|don't|never|barely|hardly) see (the |{own} )?(face|mouth|lips|features)
    (bandana|scarf|mask|collar|cloth|shirt|blanket|turtleneck|hand|hands) (over|across|up to|covering) (
        {own} |the )?(nose|mouth|lips|chin|lower face)
    (chin|mouth|face|head|lips) (cropped|cut) (off|out)
    (profile|face|features|mouth|head) (lost |hidden |left |entirely |fully )?in (
        total |full |complete )?darkness
    (reflection|shadow|outline|silhouette) (only|alone)
    (only )?(her |his |a |the )?shadow on (the|a) wall
    (features|face|mouth) (lost|drowned|swallowed|vanishing|dissolved) (in|by|into)
    (hides|hiding|covers|covering|conceals|obscures|masks|blocks) (the |{own} )?(features|face|mouth|lips)
    (hidden|covered|obscured|concealed|masked|blocked|veiled|swallowed|shielded) (\w+ )?(by|behind|under|in
        |with) (her |his |their |the |a |an )?(\w+ )?(hair|hood|hat|mask|veil|scarf|hands?|book|newspaper
        |smoke|shadow|darkness|helmet|microphone|fan|collar|sunglasses|camera|fog|flowers|curtain)
    under (a|the) (paper bag|sheet|blanket|hood|bag|mask|veil|helmet)
    (only|just) (a|the|her|his) (\w+ )?(torso|body|hand|hands|back|neck|silhouette|arm|legs?|shoulder|outline
        |eye|eyes|shadow)(?= *($|[,.;!?]))
    (face|mouth|features) (is|becomes|are|turns|reduced to|as) (just |only |but )?(a |an )?(blur|smear|smudge
        |silhouette|shadow|outline|dot|blank)
    (hands|feet|fingers) (holding|playing|typing|kneading|writing|gripping) (a|an|the|on|in)? ?(\w+ )?only
    (tiny|small|lost|minuscule|a speck|a dot) in (the|a) (landscape|frame|picture|distance|crowd|desert|hall
        |field|snow|scene|view|room)
    dark outline
    camera behind (her|him|them|the \w+)
    (hood|hat|cap|veil|mask|visor|brim|balaclava|goggles) (is )?(pulled |drawn )?(
        low |down |lowered |shut |closed |over |on )+({own} )?(face|eyes|mouth|head)?(?= *($|[,.;!?]))
    helmeted
    """
)

HIDDEN_FACE_INNOCENT = phrases(
    r"""
    (no|without|without any) (other |more )?(people|person|human|humans|one)( else)? (behind|around
        |beside|nearby|in the background|in sight|else|near|next to|in view)
    (face|features|head|mouth) (is |well |fully )?(out of|free of|clear of
        |away from) (the |any )?(shadows?|hair|mask|scarf|veil|microphone|mic|hand|hands|hat|helmet
        |phone|frame edge)
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
    half (of )?({own} |the )?face (is )?(lost |hidden |left )?in (soft |deep |warm )?shadows?
    (lit|light|key|lamp|sun|sunlight|lighting|glow) (\w+ )?from (high )?(above|overhead)
    shadow on (the|a) wall behind
    (clouds?|sky|sun|moon|birds?|ships?|boats?|houses?|village|church|tower|forest|desert|fields?|ocean|river
        |road|storm|bridge|castle|windmill|lighthouse) (\w+ )?in the (far )?distance
    (helmet|hood|hat|mask|visor|goggles|cap|veil) (down|off|under|tucked|in (her|his) hand|on (the|a|her
        |his) (knee|lap|table|arm|hip|ground|head|hair)|up|open|pushed|resting)( (under|on|behind|below) (
        the |her |his )?\w+)?
    (no|without|open|open-face|bike|bicycle|construction|hard|miner's|safety|pith|fireman's|firefighter's
        |cycling|riding|climbing|ski) (\w+ )?helmet
    hood down(?! over)
    (hat|cap|brim) low(?! over)
    (background|backdrop|setting|scene|foreground) features
    faceless (clock|watch|dial|mannequin|doll|statue)
    masked (singer|ball|avenger|tape)
    (silhouette|outline|shadow|shape|reflection) of (a|an|the) (\w+ )?(tree|trees|city|skyline|mountain
        |mountains|building|church|bridge|hill|hills|window|lamp|plant|palm|branch|leaf|leaves|chair|jacket
        |dress)
    """
)

FACE = phrases(
    r"""
    (grins|smirks|smirking|pouting|scowls|scowling|beaming|snarl|snarling|smiled|frowns|face|faces|faced
        |facial|visage|mouth|mouths|lip|lips|lipstick|lip-?gloss|teeth|tooth|braces|dentures|smile
        |smiles|smiling|grin|grinning|jaw|jawline|cheeks?|cheekbones?|chin|dimples?|beard|bearded|goatee
        |moustache|mustache|stubble|clean-?shaven|complexion|freckles|freckled|portrait|portraits
        |headshot|head-?shot|head and shoulders|shoulders[- ]up|shoulder[- ]up|chest[- ]up|waist[- ]up
        |bust shot|mugshot|selfie|passport photo|school photo|close-?ups?|close up|ecu|mcu|talking head
        |expression|expressions|expressive|expressionless|frown|frowning|smirk|scowl|pout|articulation
        |enunciation)
    (talking|speaking|talks|speaks|singing|sings|presenting|addressing|narrating|turned|facing|looking
        |looks|delivering|explaining|chatting) (\w+ ){0,3}(to |at |into |towards? )?(the )?(camera|cam
        |viewer|viewers|lens|audience|us)
    grillz|fangs|gums|jowls|muzzle|snout|gold grills|dental|gap-?tooth(ed)?|toothy|toothless|bucktooth(ed)?
        |five o'clock shadow|acne
        |(embarrassed|puzzled|surprised|worried|pained|startled|relaxed|bemused|shocked|dazed
        |determined|resigned|haunted|frightened|troubled|guarded|knowing|pleading|piercing|searching
        |mocking|brooding|smouldering|withering|questioning|longing|menacing|sulky|smug|stunned
        |terrified|hopeful|doubtful|playful|cheeky|contented|pensive|sombre|somber|fierce|tender|vacant
        |blank|deadpan) look|sideburns|mutton chops|soul patch
    (stern|kind|warm|calm|serious|friendly|tired|sad|happy|proud|gentle|worried|anxious|earnest|cheerful
        |solemn|sincere|honest|patient|angry|joyful|grave|weary
        |confident|shy|mischievous|determined|thoughtful|wistful|concerned|amused|sceptical|skeptical|sly
        |haughty|bored) (look|air about (her|him))
    """
)
