"""Word classes out of WordNet 3.0: printed by `python -m training.prompt_words`, not by hand.

WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. The licence stands in NOTICE.
"""

from __future__ import annotations

PEOPLE = """
    abator abbe abbess abbot abbreviator abdicator abductor abetter abettor abhorrer abiogenist abjurer
    abnegator abolitionist abomination abominator aborigine abortionist abridger abrogator absconder abseiler
    absentee absolver abstainer abstracter abstractor abuser abutter academician accommodator accompanist
    accompanyist accomplice accordionist accoucheur accoucheuse accountant accumulator accused accuser
    achiever acolyte acoustician acquirer acrobat actor actress actuary adapter adder addict addlehead
    addressee adducer adjudicator adjuster adjustor adjutant adman administrator admiral admirer admonisher
    adonis adoptee adopter adorer adulator adulterer adulteress advancer adventurer adventuress adversary
    advertiser advertizer advisee adviser advisor advocate advocator aeon aerialist aeronaut aerophile
    aesthete aesthetician aetiologist affiant affiliate affirmer aficionado aggravator aggregator aggressor
    agitator agonist agriculturalist agriculturist agronomist aide aircraftman aircraftsman aircrewman airhead
    airman airwoman alarmist albino alcalde alchemist alderman algebraist alienator alienee alienist alienor
    aliterate alky allayer allegoriser allegorizer allergist alleviator alliterator allocator almoner
    almsgiver alphabetiser alphabetizer alpinist alternate altoist altruist alumna alumnus amah amalgamator
    amanuensis amazon ambassador ambassadress ambler ambusher ameer amigo amir amora amoralist amorist
    amphisbaena amputator amputee anaesthetist anagnost analogist analphabet analysand analyst anarchist
    anathema anatomist ancestor ancestress anchorite anchorman anchorperson androgyne anecdotist
    anesthesiologist anesthetist angel angiologist angler anglophil anglophile anglophobe animator annalist
    annihilator annotator announcer annoyer annuitant anointer anomalist answerer antagonist anthologist
    anthropologist anthropophagite anthropophagus anticipator antifeminist antihero antipope antiquary aper
    aphorist apiarist apiculturist apologist apostle apothecary apotheosis apparatchik apparition appeaser
    applauder applicant applier appointee appraiser appreciator apprehender apprentice appropriator approver
    aquanaut arb arbiter arbitrager arbitrageur arbitrator arboriculturist arborist archaeologist archaist
    archangel archbishop archdeacon archduchess archduke archeologist archer archimandrite architect archivist
    archpriest argonaut arguer arianist aristocrat arithmetician armiger armorer armourer arouser arranger
    arriver arriviste arrogator arrowsmith arsonist articulator artificer artilleryman artisan artist artiste
    ascender asker aspirer assailant assassin assassinator assaulter assayer assemblyman assemblywoman
    assenter asserter assessee assessor asseverator asshole assignee assignor assimilator associate astrogator
    astrologer astrologist astronaut astronomer astrophysicist atavist athlete attache attacker attempter
    attendee attender attestant attestator attester attestor attorney attracter attractor auctioneer auditor
    augur aunt auntie aunty auspex auteur authenticator author authoress authoriser authorizer autobiographer
    autochthon autocrat autodidact automaton automobilist avatar avenger aviator aviatress aviatrix avower
    ayah ayatollah baas babbler babe baboo babu baby babyminder babysitter bacchant bacchante bachelor
    bachelorette backbencher backbiter backer backpacker backscratcher backslapper backslider backstop
    backstroker backwoodsman bacteriologist baddie badgerer baggageman bagger bagman bagpiper bailee bailiff
    bailor bairn baker balancer baldhead baldpate baldy balker balladeer ballerina balletomane balloonist
    ballplayer bambino banderillero bandit bandleader bandmaster bandsman banker banneret banshee banshie
    bantamweight bard bargainer bargee bargeman barkeep barkeeper barker barmaid barman barnburner barnstormer
    baron baroness baronet barrater barrator barrister bartender barterer barytone basileus basilisk basketeer
    basketmaker basketweaver bassist basso bassoonist baster bather batman batsman batter battler baulker bawd
    bawler beachcomber beadle beadsman bearer beater beatnik beau beautician bedesman bedfellow bedlamite
    bedwetter beefeater beekeeper begetter beggar beggarman beggarwoman beginner beguiler begum behemoth
    beholder beldam beldame believer bellboy belle bellhop bellman bellower bellwether bellyacher benedick
    benefactor benefactress berk berserker besieger bestower betrayer bettor bey bibliographer bibliophile
    bibliopole bibliopolist bibliothec bibliotist bicycler bicyclist bidder bigamist bigot bigwig bilingualist
    billionaire bimbo bimetallist binger biochemist biographer biologist biophysicist birdbrain birder bishop
    biter blabber blabbermouth blackamoor blackguard blackleg blackmailer blacksmith blasphemer blaster
    bleacher bleeder blighter blocker blockhead blogger bloke blowhard blubberer bludgeoner bluecoat
    bluejacket bluenose bluestocking bluffer blunderer blusterer boarder boaster boatbuilder boatman boatswain
    bobby bobbysoxer bodybuilder bodyguard boffin bogey bogeyman bogie bolshie bombardier bombshell bondholder
    bondmaid bondman bondsman bondswoman bondwoman bonehead bonesetter boob booby booger boogeyman bookbinder
    bookdealer booker bookie bookkeeper booklover bookmaker bookman bookseller bookworm boomer boor booster
    bootblack bootlegger bootlicker bootmaker boozer borderer bore borrower bosun botanist botcher
    boulevardier bouncer bounder bowdleriser bowdlerizer bowler bowman boxer boy boyfriend bozo bracero
    braggart bragger brahman brahmin brainiac brainworker brakeman brat bravo brawler breadwinner breaker
    breaststroker breeder brewer briber bricklayer bride bridegroom bridesmaid brigadier brigand broadcaster
    broker broncobuster brother browser bruiser brute buccaneer buckaroo buckeroo buddy buffoon bugaboo
    bugbear bugger bugler bugologist bullfighter bullyboy bumbler bumpkin bungler bunkmate bunny bunter
    bureaucrat burgher burglar burgomaster burgrave bursar busboy bushwhacker businessman businessperson
    businesswoman busker busman buster busybody butcher butler butterball butterfingers buttinsky buyer
    bystander cabalist cabby cabdriver cabinetmaker cabman cacodaemon cacodemon cad caddie cadet cadger caffer
    caffre cager calculator calif caliph calligrapher calligraphist cameraman campaigner camper campmate
    candidate candlemaker candymaker cannibal cannoneer canoeist cantor canvasser capo captain captor capturer
    carabineer carabinier carbineer cardholder cardiologist cardsharp cardsharper careerist caregiver
    caretaker carhop caricaturist carillonneur caroler caroller carouser carpenter carper carpetbagger carrier
    carrottop cartographer cartoonist caseworker cashier castaway caster castrate castrato casualty casuist
    cataloger cataloguer catamite catcher catechist catechumen caterer cattleman cavalryman caveman caviler
    caviller celebrant celebrater celebrator celebrity cellist cenobite censor centaur centerfielder centurion
    ceramicist ceramist chachka chairman chairperson chairwoman challenger chambermaid chameleon champ
    changeling changer chap chapelgoer chaperon chaperone chaplain character chargeman charioteer charlatan
    charmer charwoman chased chaser chatelaine chatterer chauffeur chauffeuse chauvinist chawbacon cheapskate
    cheater chebab checker cheerer cheerleader cheesemonger chef chela chemist cherub chewer chief chieftain
    child chiliast chimneysweep chimneysweeper chink chiromancer chiropodist chiropractor chiseler chiseller
    chit choirboy choirmaster choker chooser choragus choreographer chorine chorister chosen chronicler chum
    chump churchgoer churchman churchwarden churl chutzpanik cicerone cinematographer citizen claimant
    clansman clanswoman clapper clarinetist clarinettist classicist classifier classmate claustrophobe
    clergyman cleric clericalist clerk client climatologist clinician cloakmaker clockmaker clocksmith clone
    closer clothier clown coach coachbuilder coachman coadjutor coalman coaster coastguardsman coauthor coaxer
    cobber cobbler cockatrice cocksucker coconspirator cocotte coddler codefendant coder codetalker codger
    coenobite cofounder cog cognoscente coiffeur coiffeuse coiner collaborationist collaborator colleague
    collector colleen collegian collier colonel colonialist coloniser colonist colonizer coloratura colorist
    colossus columnist comber comedian comedienne comer comforter commandant commander commando commentator
    commie commissar commissionaire commissioner committeeman committeewoman commodore commoner communicant
    communicator companion compatriot compeer compere competitor compiler complainant complainer complexifier
    composer compositor compromiser comptroller comrade conceiver concessionaire concessioner conchologist
    concierge conciliator concubine conductor conductress confectioner conferee conferrer confessor confidant
    confidante confrere confuter congregant congressman congresswoman conjurer conjuror connoisseur conqueror
    conquistador conscript conservationist conservativist conservator consignee consigner consignor consort
    conspirator constable constitutionalist constructivist constructor consul consultant consumer contadino
    contender contestant contestee contester contortionist contrabandist contractor contrapuntist contrarian
    contributor contriver controller controversialist convener conventioneer conversationalist conversationist
    convert conveyancer conveyer conveyor convict cook cooky coolie cooly coon cooperator coordinator cop
    copartner copilot coppersmith copycat copyist copyreader copywriter coquette coreligionist corespondent
    cornerback cornetist cornhusker coroner corsair cosigner cosmetician cosmetologist cosmographer
    cosmographist cosmologist cosmonaut cosmopolite costermonger costumer costumier cotenant cottager cottar
    cotter cottier councillor councilman councilwoman counsel counsellor counselor counterdemonstrator
    counterfeiter counterman counterperson counterrevolutionist counterspy counterwoman countess countryman
    countrywoman courier courser courtesan courtier cousin couturier coward cowboy cowgirl cowhand cowherd
    cowman cowpoke cowpuncher coxcomb coxswain crackerjack crackpot cracksman crafter craftsman cragsman
    crammer craniologist crapshooter crasher crawler creditor creep cretin crewman cricketer crier
    criminologist crimper criollo cripple critic crofter crone crony crook crooner cropper crossbencher
    crosspatch croupier cruiserweight crusader crybaby cryptanalyst cryptographer cryptologist
    crystallographer cub cuckold cuckoo cuirassier culprit cultist cultivator cummings cunctator cunt
    cupbearer curandera curandero curate curator curmudgeon cuss custodian customer cutler cutpurse cutter
    cybernaut cyberpunk cyborg cyclist cymbalist cynic cyprian cytogeneticist cytologist czar czarina czaritza
    dabbler dacoit dad dada daddy daemon dago daimon dairymaid dairyman dakoit dalesman dallier dame
    damoiselle damosel damozel damsel dancer danseur danseuse darkey darkie darky darner dastard dauber
    daughter dauphin dawdler dayboy daydreamer daygirl deacon deaconess deadbeat deadeye deadhead dealer dean
    dearest dearie deary deb debaser debater debauchee debaucher debitor debtor debutante decedent deceiver
    decipherer deckhand declarer decoder decorator decoy defalcator defamer defaulter defeatist defecator
    defector defendant defender defiler defrauder degrader deipnosophist deity delayer delegate deliveryman
    demagog demagogue demander demigod demimondaine demiurge demographer demographist demoiselle demon
    demonstrator denizen dentist denturist departer deponent deportee deposer depositor depreciator depressive
    deputy dermatologist dervish descender deserter designer deskman desperado despoiler despot detainee
    detective determinist detractor developer deviationist devisee deviser devisor devotee devourer diabolist
    diagnostician dialectician diarist dibbuk dichromat dick dickhead dictator diehard diemaker diesinker
    dieter dietician dietitian differentiator digger dignitary dike dillydallier dimwit diner dingbat diplomat
    diplomate diplomatist dipsomaniac director disarmer disbeliever disburser disciple disciplinarian
    discoverer discriminator discussant disentangler disparager dispatcher disprover disputant dissembler
    disseminator dissenter dissimulator distiller distortionist distributer distributor disturber diva diver
    diversionist divider diviner divinity divorcee djinn djinni djinny doc docent docker dockhand dockworker
    doctor dodderer dodger dodo doer doge dogfighter dogmatist dogsbody dolt dominatrix domine dominee dominie
    dominus donee donna donor doofus doorkeeper doorman doormat doppelganger dork dosser dotard doubter
    doughboy doula dowager dowser doxy doyen doyenne draftee drafter draftsman draftsperson dragger dragoman
    dragon dragoon dramatist draper draughtsman drawee drawler dreamer dressmaker dribbler drifter drinker
    driveller driver drooler dropkicker dropout drover drudge druggist drumbeater drummer drunkard dryad
    dualist duce duchess ducky dude dueler duelist dueller duellist duenna duffer duke dulcinea dullard
    dumbass dunce dunderhead dunker dupe dustman dwarf dweeb dweller dybbuk dyer dyke dynamiter dynamitist
    dynast earl earner earthling earthman easterner eater eavesdropper eblis ecdysiast eclecticist ecologist
    econometrician econometrist economiser economist economizer ectomorph edger editor editorialist educatee
    educationalist educationist educator effecter effector effendi egghead egoist egomaniac egotist ejaculator
    ejector elector electrician electrocutioner electrologist electroplater electrotherapist elegist elf
    elitist elocutionist emancipationist emancipator embalmer embassador embezzler embodiment embroiderer
    embroideress embryologist emcee emeer emigrant emigre emigree emir emissary emperor empiricist employee
    employer empress emptor emulator enchanter enchantress encroacher encyclopaedist encyclopedist
    endocrinologist endodontist endomorph endorser energiser energizer enforcer engineer engraver enjoyer
    enlistee enologist enophile enquirer enrollee ensign enterpriser entertainer enthusiast entomologist
    entrepreneur enumerator environmentalist envoy enzymologist eparch epicure epicurean epidemiologist epigon
    epigone epistemologist equalitarian equerry equivocator eradicator eremite escalader escapee escapist
    escapologist eschatologist escort esquire essayer essayist esthete esthetician estimator etcher ethician
    ethicist ethnarch ethnographer ethnologist ethologist etiologist etymologist eudaemon eudemon eulogist
    eunuch evacuee evaluator evangelist everyman evildoer evolutionist examinee examiner exarch excavator
    exchanger exciseman excogitator excursionist excuser executant executioner executor executrix exegete
    exhibitioner exhibitionist exhibitor exile exodontist exorciser exorcist expat expatriate expectorator
    expender experimenter exploiter explorer exponent exporter expositor expounder expurgator exterminator
    extern extoller extortioner extortionist eyeful eyewitness fabricator fabulist facilitator factotum
    faddist faerie faery fag faggot fagot fairy fakeer faker fakir falangist falconer faller falsifier famulus
    fancier fantasist fantasm fantast faqir faquir farmer farmerette farmhand farrier fascista fashionmonger
    fastener fathead father fatso faultfinder faun fauvist fawner fay featherweight fella fellah feller fellow
    felon fencer fencesitter fermentologist ferryman fetishist fiance fiancee fibber fiddler fielder fieldhand
    fieldsman fieldworker fiend fighter figurehead figurer filer filibuster filibusterer filicide fille
    filmmaker finagler finalist financier finder finisher fink firebug firedrake firefighter fisher fisherman
    fishmonger fishwife fixer flack flagellant flak flamen flanker flapper flasher flatfoot flatmate flatterer
    flautist fledgeling fledgling fleer flibbertigibbet flier flirt flogger floorwalker floozie floozy florist
    flouter flunkey flunky flutist flyweight fodder foe foeman fogey fogy follower fomenter fondler foodie
    fool footballer footman footpad footslogger fop forager forbear forebear forecaster forefather foreigner
    forelady foreman foremother foreperson forerunner forewoman forger forgiver fornicator fornicatress
    fortuneteller fossilist fosterling foundling foundress framer fratricide freak freebooter freedman
    freedwoman freeholder freelancer freeloader freeman freethinker freewheeler freewoman frequenter fresher
    friar friend frogman frontbencher frontiersman frontierswoman frotteur fruitcake fruiterer frump fucker
    fuckhead fuckup fugleman fullback fumbler fumigator funambulist functionalist functionary fundraiser
    furrier fusilier fusspot gadabout gadfly gadgeteer gaffer gagman gagster gagwriter gainer galoot
    galvaniser galvanizer gambist gambler gamekeeper gamin gamine ganef ganger gangsta gangster ganof gaolbird
    gaoler garbageman gardener garmentmaker garnishee garroter garrotter gasbag gasman gastroenterologist
    gastronome gatecrasher gatekeeper gatherer gaucho gawk gawker gazetteer geek geezer geisha gendarme
    genealogist generalissimo generalist geneticist genie genitor genius gent gentleman gentlewoman geographer
    geologist geomancer geometer geometrician geophysicist geriatrician gerontologist ghostwriter ghoul
    giantess giggler gigolo gilder gillie ginzo gipsy girl girlfriend git gitana gitano giver gladiator
    glassblower glassmaker glassworker glazer glazier gleaner globetrotter glossarist glutton gnome goalie
    goalkeeper goaltender goatherd gob gobbler goblin godchild goddaughter goddess godfather godmother
    godparent godson goer gofer goffer goldbeater goldbrick goldsmith goldworker golem golfer goliard
    gondolier gondoliere goner gonif goniff goof goofball goon gopher gorger gospeler gospeller gossiper
    gossipmonger gouger gourmand gourmandizer gourmet governess governor goy grabber grader graduate
    grammarian gramps gran grandad grandaunt grandchild granddad granddaddy granddaughter grandee grandfather
    grandma grandmaster grandmother grandnephew grandniece grandpa grandparent grandson grandstander
    granduncle granger grannie granny grantee granter grantor graphologist grappler gravedigger graverobber
    graybeard grazier greaseball greaser greengrocer greenhorn greenskeeper greeter gremlin grenadier greyback
    greybeard griever griffin griffon grifter grind gringo grinner griot groaner grocer groom groomsman grouch
    groundbreaker groundkeeper groundling groundskeeper groundsman groupie groveler groveller grower growler
    grumbler grump grunter gryphon guarantor guard guardian guardsman guerilla guerrilla guesser guest
    guestworker guide guitarist gull gulper gumshoe gunman gunner gunrunner gunslinger gunsmith guru
    guttersnipe guvnor guy guzzler gymnast gymnosophist gynaecologist gynandromorph gynecologist gypsy
    haberdasher habitant habitue hack hacker hadji haematologist haemophile haemophiliac hag haggler
    hagiographer hagiographist hagiologist hairdresser hairsplitter hairstylist haji hajji hakeem hakim
    halberdier halfback hamadryad hammerhead handicapper handler handyman hanger hangman haranguer harasser
    hardliner hardwareman harlequin harlot harmoniser harmonizer harper harpist harpooneer harpooner
    harpsichordist harpy harridan harrier harvester hatemonger hater hatmaker hatter hauler haulier have
    hawker hawkshaw hayseed hazan headcounter headhunter headliner headman headmaster headmistress headsman
    headwaiter healer hearer heartbreaker heartthrob heavyweight heckler hedger hedonist heir heiress hellcat
    hellhound hellion helmsman helot helper helpmate helpmeet hematologist hemiplegic hemophile hemophiliac
    henchman herald herbalist herdsman heretic heritor hermit hero heroine herpetologist hesitater hesitator
    hewer hierarch highbinder highflier highflyer highjacker highwayman hijacker hiker hillbilly hippie hippy
    hipster hire hireling hirer hisser histologist historian historiographer histrion hitchhiker hitman hitter
    hoarder hoaxer hob hobbit hobbledehoy hobbler hobbyist hobgoblin hobo hodman hog hoister holdout holdover
    holidaymaker hombre homebody homeboy homebuilder homegirl homemaker homeopath homeowner homesteader homo
    homoeopath homophile homophobe homunculus honcho honeymooner honker honkey honkie honky honoree hood
    hoodlum hoofer hooligan hoper hornist horologer horologist horseman horseshoer horsewoman horticulturist
    hosier host hostage hosteller hostess hostler hotdog hotelier hotelkeeper hotelman hothead hotshot houri
    housebreaker housebuilder housefather houseguest householder househusband housekeeper housemaid houseman
    housemaster housemate housemother housewife housewrecker hoyden hubby huckster huddler hugger hulk
    humdinger hummer humorist humourist hunk hunter huntress huntsman hurdler hurler husband husbandman hussar
    hussy hustler hydrologist hydromancer hygienist hymie hyperope hypnotiser hypnotist hypnotizer hypocrite
    ianfu iceman ichthyologist iconoclast idealist idealogue ideologist ideologue idiot idler idolater
    idolatress idoliser idolizer ignoramus illusionist illustrator imam imaum imbiber imitator immigrant
    immunologist imp impersonator importee importer imposter impostor impresario improver inamorata inamorato
    incarnation inciter incubus indexer indigen indigene indorser inductee industrialist inebriate infant
    infanticide infantryman infidel infielder infiltrator informant informer ingenue ingrate inhabitant
    inheritor inheritress inheritrix initiate initiator inmate innkeeper innovator inoculator inpatient
    inquirer inquisitor insider inspector inspirer instigant instigator instructor instructress
    instrumentalist insurrectionist intercessor interlocutor interloper intermediary intermediator intern
    interne internee internist internuncio interpreter interrogator intersex intervenor interviewee
    interviewer intriguer introvert intruder invader invalidator inventor investigator investor invigilator
    invitee ironist ironman ironmonger ironside ironworker irredentist irreligionist irridentist islander
    jabberer jackanapes jackass jailbird jailer jailor janissary janitor jawan jaywalker jazzman jeerer jerk
    jerker jester jeweler jeweller jigaboo jilt jimdandy jimhickey jingo jingoist jinnee jinni jinx jobber
    jobholder jock jockey jogger joiner joker jokester jongleur journalist journeyer journeyman judge
    juggernaut juggler juicer jumper junkie junky jurist juror juryman jurywoman justiciar justiciary
    justifier kabbalist kachina kafir kalif kaliph keeper kelpie kelpy keyboardist khalif khalifah khan
    kibbutznik kibitzer kicker kid kiddy kidnaper kidnapper kike killer killjoy kin kindergartener
    kindergartner king kingpin kinsman kinsperson kinswoman kisser kleptomaniac klutz knacker knave kneeler
    knight knitter knocker knower knucklehead kolkhoznik kook kvetch laborer labourer lacer lackey lad laddie
    ladino lady ladylove lagger laird lama lamenter lamia laminator lamplighter lampooner lancer landgrave
    landholder landlady landlord landlubber landman landowner landscaper landscapist landsman langlaufer
    languisher lapidarist lapidator lapidist larcener larcenist lascar lasher lass lassie latecomer laudator
    laugher laughingstock laundress laundryman laundrywoman lawbreaker lawgiver lawmaker lawman lawyer
    layabout layman layperson lazar lazybones leader leaker leaper learner leaseholder leatherneck leaver lech
    lecher lector lecturer ledgeman lefthander lefty legate legatee legionary legislator lender lensman leper
    lepidopterist lepidopterologist leprechaun lessee lessor letch letterer letterman leveler leveller
    leviathan lexicographer lexicologist liar libber libeler liberalist liberator libertarian librarian
    librettist licensee licenser licentiate liegeman lieutenant lifeguard lifer lifesaver lifter liftman
    lighterman lilliputian limey limner limnologist limper linebacker lineman linendraper linesman lingerer
    linguist linkboy linkman linksman liquidator lisper listener lithographer lithomancer litigant litigator
    litterateur litterbug litterer liturgist liveryman loader loafer loaner loather lobbyist lobsterback
    lobsterman locater locator lockkeeper lockman lockmaster locksmith locum lodger logger loggerhead logician
    logistician logomach logomachist lohan loiterer loner longbowman longer longshoreman looker lookout loon
    looney looter loser loudmouth lounger lout lover lowerclassman lowlife loyalist lubber lulu lumberjack
    lumberman luminary lummox lumper luncher lunger lunkhead lurcher lurker lutanist lutenist luthier lutist
    lycanthrope lyricist lyrist macaroni macebearer macer machinator machinist macroeconomist macushla madam
    madame madman madrigalist madwoman maenad maestro mafioso magdalen magician magistrate magnate magnifico
    magus maharaja maharajah maharanee maharani mahatma mahout maid maidservant mailman maimer mainstay
    maintainer majorette maker malacologist malahini malefactor malfeasant maligner malik malingerer maltman
    maltreater maltster mama mamma mammalogist mammy man manager manageress manakin mandatary mandator
    maneuverer mangler maniac manicurist manikin manipulator mannequin mannikin manoeuvrer manservant
    manslayer mantichora manticora manticore mantiger mantrap manumitter mapper marathoner marauder marcher
    marchioness margrave mariner marketer marksman marquess marquise marshal martinet martyr marveller mascot
    masher masker masochist masquer masquerader massager masseur masseuse master mastermind masturbator
    matador matcher matchmaker mate mater materfamilias materialist mathematician matman matriarch matricide
    matriculate matrikin matrisib matron mauler maven mavin mayor mayoress meanie measurer meatman mechanist
    medalist medallist meddler mediator mediatrix medico meeter megalomaniac melancholiac meliorist melter
    member memoriser memorizer memsahib mender mensch mensh mentioner mentor mercer merchandiser merchant
    mermaid merrymaker mesmerist mesmerizer mesomorph messenger messiah messmate mestiza mestizo metalhead
    metallurgist metalworker meteorologist metic mezzo microbiologist microeconomist microscopist middlebrow
    middleman middleweight midinette midshipman midwife migrator mikado militarist militiaman milkmaid milkman
    milksop millenarist milliner millionaire millionairess millwright milord mime mimer mimicker minder miner
    mineralogist mineworker miniaturist minion minister minstrel minter minx misanthrope misanthropist
    misbeliever miscreant miser misfit misleader misogamist misogynist miss missioner missis missus missy
    mistress mixologist mnemonist moaner mobster mocker modeler modeller moderationist modernist modiste
    molester moll mollycoddle mollycoddler mom momma mommy monarch monarchist monetarist moneyer moneygrubber
    moneylender moneymaker moneyman monger monitor monitrice monk monochromat monogamist monogynist monologist
    monomaniac monopoliser monopolist monopolizer monotheist monster monstrosity mooch moocher moonlighter
    moonshiner mope mopper moppet moralist moron morosoph mortgagee mortgager mortgagor mortician mossback
    mother motherfucker motorcyclist motorist motorman motormouth moujik mountaineer mountebank mounter
    mourner mover moviegoer muadhdhin muazzin muckraker mudslinger muezzin mufti muggee mugger muggins mujahid
    mujik mujtihad mulatto muleteer mumbler mummer mummy muncher muralist murderee murderer murderess murmurer
    musclebuilder muscleman muser musher musician musicologist musketeer mutation mutilator mutineer mutterer
    muttonhead muzhik muzjik muzzler mycologist mycophage mycophagist myope myrmidon mythologist nabob nag
    nagger nailer namer namesake nan nance nanna nanny nanus naprapath narc narcissist narcist nark narrator
    natator naturalist naturist naturopath navigator navvy nawab naysayer nebbech nebbish necessitarian necker
    necromancer needer needlewoman needleworker negativist neglecter negotiant negotiator negotiatress
    negotiatrix neighbor neighbour neocon neoconservative neologist neonate nephew nepotist nerd nester
    netkeeper netminder neurobiologist neurolinguist neurologist neuroscientist neurosurgeon neutralist newbie
    newcomer newlywed newsagent newsboy newscaster newsdealer newsman newsmonger newspaperman newspaperwoman
    newsperson newsreader newsvendor newswoman newswriter nibbler niece nigga niggard nigger niggler nightbird
    nighthawk nightrider nigra nihilist nincompoop ninja ninny nipper niqaabi nitpicker nitwit nob nobleman
    noblewoman nobody noctambulist nomad nominalist nominator nominee nonachiever nonattender nonbeliever
    noncandidate noncitizen noncom nondrinker nondriver nonesuch nonmember nonparticipant nonperson nonreader
    nonsmoker nonstarter nonsuch nonworker normaliser normalizer nosher notability notary noticer novelist
    novice novillero nudger nudist nudnick nudnik nullifier nullipara numen numerologist numismatist
    numismatologist numskull nun nuncio nurse nurseling nursemaid nurser nurseryman nursling nutcase
    nutritionist nutter nymph nymphet nympho nympholept oaf oarsman oarswoman objector obliger oboist
    obscurantist observer obstetrician obstructer obstructionist obstructor occultist occupant occupier
    oceanaut oceanographer octoroon oculist odalisque oddball odist oenologist oenophile offender offerer
    offeror officeholder officer officiant offspring ogler ogre ogress oiler oilman oldster oldtimer oligarch
    ombudsman omnivore onanist oncologist oneiromancer onlooker onomancer operagoer ophthalmologist opposer
    oppressor optician optimist optometrist oracle orator orchestrator ordainer orderer ordinand organiser
    organist organizer orientalist originator ornamentalist ornithologist orphan orthodontist orthoepist
    orthopaedist orthopedist orthoptist osculator osteologer osteologist osteopath osteopathist ostiarius
    ostiary ostler ostrich otolaryngologist otologist otorhinolaryngologist ouster outdoorsman outdoorswoman
    outfielder outfitter outgoer outlander outlaw outlier outpatient outrider outsider overachiever overcomer
    overlord overnighter overseer owner oyabun pacha pachuco pacificist pacifier pacifist packer packman
    packrat padder paddler padre padrone paederast paediatrician paedophile pageboy painter pal paladin
    palaeontologist paleface paleographer paleographist paleontologist pallbearer palmist palmister palooka
    palsgrave pamperer pamphleteer pandar pander panderer panegyrist panelist panellist panhandler panjandrum
    pansexual pantomimer pantomimist pantryman pantywaist papa paparazzo paperboy paperer paperhanger papoose
    pappa pappoose parachuter parachutist parader paragrapher paralegal paramedic paramour paranoiac
    paraprofessional parapsychologist paratrooper pardner pardoner parent parer paretic pariah parishioner
    parlormaid parlourmaid parodist parolee parricide parson partaker participant partitionist partner
    partygoer pasha passenger passer passerby paster pastor patentee pater paterfamilias pathfinder
    pathologist patrial patriarch patricide patrikin patriot patrioteer patrisib patroller patrolman patron
    patroness patronne patsy patternmaker patzer pauper pawer pawnbroker payee payer paymaster paynim
    peacekeeper peacemaker peacenik pearler peasant peculator pedagog pedagogue pedaler pedaller pedant
    peddler pederast pediatrician pediatrist pedlar pedodontist pedophile peeler peeper peer peeress peewee
    pendragon penetrator penman penologist penpusher pensionary pensioner pentathlete peon perceiver percher
    percussionist perfecter perfectionist performer perfumer peri perinatologist periodontist perisher
    perjurer perpetrator persecutor personage personification perspirer persuader pervert peshmerga pessimist
    pesterer petitioner petter pettifogger phalangist phantasm phantasma pharisee pharmacist pharmacologist
    philanderer philanthropist philatelist philhellenist philistine philologist philologue philomath
    philosopher philosophiser philosophizer phlebotomist phoner phonetician phonologist photographer
    photojournalist photometrician photometrist phrenologist physician physicist physiologist physiotherapist
    phytochemist phytologist pianist picador picaninny piccaninny pickaninny picker picket picklepuss
    picknicker pickpocket picnicker pigman pigmy pilferer pilgrim pillager pillock pilot pimp pinchgut pinhead
    pinko pioneer piper piranha pirate pisser pistoleer pitcher pitchman pivot pixie placeholder placekicker
    placeman placeseeker plagiariser plagiarist plagiarizer plainclothesman plainsman plaintiff plaiter
    planner planter plantsman plasterer platelayer plater platitudinarian playactor playboy player playfellow
    playgoer playmaker playmate playwright pleader pleaser pleb plebe pledgee pledger plenipotentiary plier
    plodder plotter ploughboy ploughman ploughwright plowboy plower plowman plowwright plugger plumber
    plunderer plunger pluralist plutocrat plyer poacher podiatrist poet poetess poetiser poetizer poilu
    pointsman poisoner pol polack polemicist polemist policeman policewoman policyholder politician politico
    pollster polluter poltergeist polyandrist polygamist polygynist polymath polytheist pom pommy pomologist
    ponce ponderer pontifex pontiff poof pooler poove pope popinjay populariser popularizer populist
    pornographer porter portraitist portrayer portwatcher poser poseur poseuse posseman possessor postilion
    postillion postman postmaster postmistress postponer postulant postulator posturer potboy potentate
    pothead potholer pothunter potman potter potterer pouf poulterer poultryman pouter powderer powerbroker
    powerhouse practician practitioner praetor pragmatist prankster prater prattler preacher prebendary
    precentor preceptor predator predecessor predestinationist predictor preemie preemptor prefect prelate
    premie premier prentice presbyope presbyter preschooler presenter presentist preservationist preserver
    president pressman prestidigitator preteenager preterist pretor prevaricator prexy prey prick prickteaser
    priest priestess prig primate primigravida primipara primogenitor primus prince princeling princess
    printer printmaker prior prioress prisoner privateer privateersman prizefighter probationer proconsul
    procrastinator proctologist proctor procurator procurer procuress prodigy producer prof professor
    profiteer progenitor progeny prognosticator programmer prohibitionist projectionist prole promisee
    promiser promisor promoter prompter promulgator proofreader propagator prophesier prophet prophetess
    propman proponent proposer propositus proprietor proprietress prosecutor proselyte prospector prosthetist
    prosthodontist prostitute protagonist protectionist protector protege protegee protester protozoologist
    provider provisioner provocateur provoker provost prowler proxy prude pruner psalmist psephologist pseud
    psychiatrist psycho psychoanalyst psycholinguist psychologist psychopath psychophysicist psychopomp
    psychotherapist pteridologist publican publiciser publicist publicizer puddler pudge puerpera pugilist
    puke puller puncher pundit punster punter pupil puppeteer purchaser purist purser pursuer purveyor pusher
    pushover pussycat putter putterer putz pygmy pyrographer pyromancer pyromaniac pythoness qadi quack quad
    quadripara quadriplegic quadroon quaestor quaffer qualifier quarreler quarreller quarrier quarry quarryman
    quarterback quartermaster querier quester questioner quibbler quidnunc quietist quin quintipara quisling
    quitter quizmaster quizzer quoter rabbi racer racialist racker racketeer raconteur radiobiologist
    radiochemist radiographer radiologist radiotherapist raftman raftsman ragamuffin ragpicker ragsorter
    raider railbird railroader railwayman rainmaker raiser raja rajah rake rakehell rambler rancher ranee rani
    ranker ranter raper rapist rappeller rapper rapporteur rapscallion rascal ratepayer ratifier ratiocinator
    ratter raver ravisher reader realist reaper reasoner rebuker rebutter receptionist recidivist recipient
    recitalist reciter reckoner reconciler recoverer recruit recruiter rector redact redactor redcap redcoat
    redhead redheader redneck reeler reenactor ref referee referral refiner refinisher reformer refugee
    refuter regent regicide registrant registrar reincarnation reliever religionist remunerator renovator
    renter rentier rep repairer repairman repatriate repeater reporter reproacher reprover requester rescuer
    researcher reservist resister respecter responder restauranter restaurateur rester restorer retailer
    retaliator retard retiree retreatant reveler reveller revenuer reversioner reversionist reviewer reviser
    revisionist revivalist revolutionist rewriter rhabdomancer rhetorician rheumatologist rhinolaryngologist
    rhymer rhymester rider ridiculer rifleman rigger righthander ringer ringleader ringmaster rioter rip
    ripper riser ritualist rival riveter rivetter roadhog roadman roamer roarer roaster robber roc rocker
    rogue roisterer rollerblader romper roofer rookie roomer roomie roommate rooter ropedancer ropemaker roper
    ropewalker rotter roue roughneck roughrider rounder roundhead roundsman rouser roustabout router rover
    rower royalist rubberneck rubbernecker rube ruffian ruiner ruler ruminator rumormonger rumourmonger
    rumrunner runner runt ruralist rusher rustler saboteur sabra sachem sacrificer sacristan saddhu saddler
    sadhu sadist sadomasochist safebreaker safecracker sagamore sahib sailmaker sailor saint salesclerk
    salesgirl saleslady salesman salesperson saleswoman salter salutatorian saluter salvager salvor samurai
    sandbagger sandboy sandman sandwichman sangoma sannup sannyasi sannyasin sanyasi saphead sapper sartor
    satirist satrap satyr saunterer savant saver sawbones sawyer saxist saxophonist scab scalawag scallywag
    scalper scammer scamp scandalmonger scanner scapegoat scapegrace scaremonger scatterbrain scattergood
    scenarist sceneshifter sceptic schemer schlemiel schlep schlepper schlimazel schlockmeister schmo
    schmoozer schmuck schnook schnorrer scholar scholiast schoolboy schoolchild schoolfellow schoolfriend
    schoolgirl schoolmarm schoolmaster schoolmate schoolmistress schoolteacher scientist sciolist scion
    scoffer scofflaw scold scolder scorekeeper scorer scorner scoundrel scourer scourger scout scouter
    scoutmaster scrag scrambler scrapper scratcher scrawler screamer screecher screener screenwriter screw
    screwballer scribbler scrimshanker scriptwriter scrivener scrooge scrounger scrubber scrutineer
    scrutiniser scrutinizer sculler scullion sculptor sculptress sculpturer seafarer seaman seamster
    seamstress searcher seasoner secessionist seconder secretary sectarist sectary secularist secundigravida
    securer seducer seductress seeder seedman seedsman seeker seer segregate segregationist segregator
    seigneur seignior seismologist seizer selectman selector selectwoman seller semanticist semifinalist
    seminarian seminarist semiotician semipro semiprofessional sempstress senator sendee sender seneschal
    sensationalist sensualist sentimentalist sentinel sentry separationist septuagenarian seraph serf sergeant
    sericulturist serjeant sermoniser sermonizer serologist servant server serviceman servitor setter settler
    settlor sexpot shadower shaheed shaitan shaker shaman shammer shamus shanghaier shaper sharecropper
    shareholder shareowner sharer sharper sharpie sharpshooter sharpy shaver shaytan shedder sheepherder
    sheepman shegetz sheik sheika sheikh sheikha sheller shelver shepherd shepherdess sheriff sherlock
    shielder shifter shiksa shikse shill shingler shipbuilder shipmate shipowner shipper shipwright shirker
    shirtlifter shirtmaker shithead shitter shlemiel shlep shlepper shlimazel shlockmeister shmo shmuck shnook
    shnorrer shocker shoeblack shoemaker shogun shoofly shopaholic shopkeeper shoplifter shopper shopwalker
    shortstop shouter shoveler shoveller shover showgirl showman shrew shrimp shrink shuffler shutterbug
    shylock shyster sib sibling sibyl sidekick sidesman sightreader sightseer signaler signaller signalman
    signatory signer signior signor signora signore signorina silenus silversmith silverworker simperer
    simpleton singer sinner sipper sir sirdar sire sirrah sis sister skateboarder skater skeptic sketcher
    skidder skier skimmer skinflint skinhead skipper skirmisher skivvy skulker skunk skycap skydiver slacker
    slammer slanderer slapper slasher slattern slaughterer slave slaveholder slaver slavey slayer sledder
    sleeper sleepwalker sleepyhead sleuth sleuthhound slicer slider slinger slob slobberer sloganeer slogger
    slopseller slouch sloucher sloven slowcoach slowpoke slugabed sluggard slugger slumberer slut slyboots
    smallholder smarta smasher smiler smirker smoker smoothie smoothy smotherer smuggler snacker snapper
    snarer snatcher sneak sneerer sneezer sniffer sniffler sniper snitch snitcher sniveler sniveller snob
    snoop snooper snoot snorer snorter snot snowboarder snuffler sobersides socialiser socialite socializer
    sociobiologist sociolinguist sociologist sociopath sodalist sodbuster sodomist sodomite softie softy
    sojourner solderer soldier solicitor solitudinarian soloist solon solver sommelier somnambulist
    somniloquist son songster songstress songwriter sonneteer sonny soothsayer soph sophisticate sophomore
    sorcerer sorceress sorehead sorrower sorter sot soubrette soul soundman sourpuss souse southpaw sower
    spaceman spacewalker spammer spanker sparer speaker spearhead specialiser specialist specializer specifier
    spectator spectre speculator speechifier speechmaker speechwriter speeder speedskater spelaeologist
    speleologist spellbinder speller spelunker spewer sphinx spik spiller spindlelegs spindleshanks
    spinmeister spinner spinster spirit spitfire spitter spiv splicer splitter spoiler spoilsport spokesman
    spokesperson spokeswoman sponger sponsor spook sportscaster sportsman sportswoman sportswriter spotter
    spouse spouter sprawler sprayer sprigger sprinter sprite sprog spurner spy spymaster squabbler squanderer
    squatter squaw squawker squealer squinter squire squirmer squirt stabber stableboy stableman stacker
    staffer stagehand stager staggerer stainer stakeholder stalker stammerer stamper standardiser standardizer
    standee stander starer starets stargazer starlet starveling statesman stateswoman stationer stationmaster
    statistician stealer steamfitter steamroller steelmaker steelman steelworker steeplejack steerer steersman
    stemmer stenographer stentor stepbrother stepchild stepdaughter stepfather stepmother stepparent stepper
    stepsister stepson stevedore steward stewardess stickler stifler stigmatist stinker stinkpot stinter
    stippler stirrer stitcher stockbroker stockholder stockist stockjobber stockman stocktaker stomper
    stonecutter stonemason stoner stonewaller stooge stoolie stoolpigeon stooper storekeeper storyteller
    stowaway strafer straggler stranger straphanger strapper strategian strategist strawman strayer streaker
    streetwalker strider strikebreaker striker stringer striper stripling striptease stripteaser striver
    stroller strongman struggler strumpet stud student stuffer stumblebum stumbler stunner stupe stutterer
    styler stylist stylite subcontractor subdeacon subdivider subduer subeditor subjectivist subjugator
    sublieutenant submariner submitter suborner subscriber subsidiser subsidizer subsister subtracter
    suburbanite subverter subvocaliser subvocalizer succeeder successor succorer succourer succuba succubus
    sucker suer sufferer suffragan suffragette suffragist suggester suitor sultan summercater summercaters
    sunbather sundowner supercargo supergrass superintendent superman supermarketeer supermarketer supermodel
    supermom superstar supervisor supplanter supplier supporter suppresser suppressor supremacist suprematist
    supremo surfboarder surfer surgeon surmounter surpriser surrealist surrenderer surveyor survivalist
    survivor sustainer sutler swaggerer swaggie swagman swain swami swashbuckler swayer swearer sweeper
    sweetie swellhead swimmer swindler swineherd swinger switcher switchman swordsman swot sybarite sycophant
    syllogiser syllogist syllogizer sylph symboliser symbolist symbolizer sympathiser sympathizer symphonist
    symposiarch symposiast syncopator syndic syndicalist syndicator synonymist syntactician synthesiser
    synthesist synthesizer systematiser systematist systematizer systemiser systemizer tablemate tacker tackle
    tackler taco tactician tagalong tagger tailback tailgater tailor taker talebearer taleteller talker
    tallyman tamer tantaliser tantalizer taoiseach tapper tapster taskmaster taskmistress taster tattler
    tattletale taxer taxidermist taxidriver taximan taxman taxonomer taxonomist taxpayer tchotchke
    tchotchkeleh teacher teammate teamster tearaway tease teaser tec techie technician technocrat technologist
    technophile technophobe teenager teetotaler teetotalist teetotaller tekki telecaster telegrapher
    telegraphist teleologist telepathist telephoner telephonist televangelist telltale temp temporiser
    temporizer tempter temptress tenant tenderfoot tenno tenorist tentmaker tergiversator termagant termer
    terminator terrorist tertigravida testator testatrix testee tester testifier thane thaumaturge
    thaumaturgist theatergoer theatregoer theologian theologiser theologist theologizer theoretician theoriser
    theorist theorizer theosophist therapist theurgy thief thinker thirster throttler throwaway throwback
    thrower throwster thruster thug thunderbird thurifer thwarter tiddler tiger tightwad tike tiler tilter
    timberman timekeeper timeserver timpanist tinker tinkerer tinner tinsmith tinter tipper tippler tipster
    tiro titan tither titterer toady toaster toastmaster tobacconist tobogganist toddler toff toiler toller
    tollgatherer tollkeeper tollman tomboy tomfool toolmaker toper topper torchbearer toreador torero
    tormenter tormentor torpedo tortfeasor torturer tosser totemist toter totterer toucher toughie tourer
    tourist tout touter tovarich tovarisch towhead townee towner townie townsman towny toxicologist tracer
    tracker tracklayer trader tradesman traducer trafficker tragedian tragedienne trailblazer trailer
    trainbandsman trainbearer trainee trainer trainman trainmaster traitor traitress tramp tramper trampler
    transactor transcendentalist transcriber transexual transferee transferer transferor transferrer
    transgressor translator transmigrante transmitter transplanter transsexual trapper trapshooter traveler
    traveller traverser trawler treasonist treasurer treater trekker trembler trencher trencherman trespasser
    tribade tribesman tribologist tribune tricker trickster trier trifler triggerman trigonometrician trimmer
    tripper tritheist triumvir troglodyte troll troller trollop trombonist trooper troubadour troublemaker
    troubler troubleshooter trouper trucker truckler trudger truelove trumpeter trustbuster trustee truster
    trustor tsar tsarina tsaritsa tsatske tshatshke tugger tumbler tuner turncoat turncock turnkey turtler
    tutee tutor twaddler twat twerp twiddler twin twiner twirler twirp twit tycoon tympanist typesetter typist
    typographer tyrant tyro tzar tzarina ump umpire unbeliever uncle underachiever underboss underclassman
    underdog undergrad undergraduate underling underperformer undersecretary underseller understudy undertaker
    underwriter undine undoer unfastener unicorn unicyclist unilateralist unionist unperson unraveler
    unraveller untier upbraider upholder upholsterer uprooter upsetter upstager upstart uranologist urchin
    urinator urologist user usherette usurer usurper utiliser utilizer utterer uxor uxoricide vacationer
    vacationist vaccinator vaccinee vacillator valedictorian valentine valet valuator valuer vamp vamper
    vampire vandal vanisher vanquisher vaquero varlet varmint varnisher vassal vaticinator vaudevillian
    vaulter vaunter vegan vegetarian vendee vender vendor venerator venter ventriloquist venturer verbaliser
    verbalizer verger verifier vermin versifier vestryman vestrywoman vet veteran veterinarian vexer vibist
    vibraphonist vicar vicegerent vicereine viceroy victim victimiser victimizer victor victualer victualler
    viewer vigilante vilifier villager villain villainess villein vindicator vintager vintner violator
    violinist violist violoncellist virago virologist virtuoso viscount viscountess visitant visitor
    visualiser visualizer vitaliser vitalist vitalizer viticulturist vivisectionist vixen vizier vocaliser
    vocalist vocalizer vociferator voicer voider volunteer vomiter votary voter vouchee voucher vower voyager
    voyeur vulcaniser vulcanizer vulgarian vulgariser vulgarizer wacko waddler waffler wag wagerer waggoner
    waggonwright wagoner wagonwright waif wailer wainwright waiter waitress waker wallah walloper wallpaperer
    wally waltzer wanderer wangler wanker wannabe wannabee wanter warbler ward warden warder wardress
    warehouseman warehouser warlock warlord warmonger warrantee warranter warrantor warrener warrior washer
    washerman washerwoman washwoman wassailer waster wastrel watchdog watcher watchmaker watchman
    watercolorist watercolourist waterer waterman waver waverer wayfarer weakling wearer weasel weatherman
    weaver webmaster weeder weekender weeper weigher weightlifter weirdie weirdo weirdy weisenheimer welcher
    welcomer welder welsher wench wencher werewolf westerner wetback wetnurse whacko whale whaler wheedler
    wheelwright whiffer whiner whipper whippersnapper whirler whisperer whistleblower whitey whittler whiz
    whizz wholesaler whore whoremaster whoremonger whoreson widow widower widowman wife wiggler wight wigmaker
    wildcatter wimp windbag winder windtalker winemaker wingback winger wingman winker winner wino wiper
    wireman wirer wiretapper wiseacre wisenheimer witch withdrawer withholder withstander witness witnesser
    wittol wivern wiz wizard wog wolfman woman womaniser womanizer wonderer wonk woodcarver woodcutter woodman
    woodsman woodworker wooer woolgatherer woolsorter wop wordmonger wordsmith workaholic worker workfellow
    workingman workman workmate worldling worrier worrywart worshiper worshipper wrangler wrecker wrester
    wrestler wretch wriggler writer wrongdoer wuss wyvern xylophonist yachtsman yachtswoman yahoo yakuza
    yanker yardbird yardie yardman yardmaster yawner yearling yearner yeller yenta yeoman yeti yid yielder yob
    yobbo yobo yodeller yokel youngster younker youth yuppie zombi zombie zoologist
"""
MOVES = """
    ablactate abscond abseil absquatulate addict advance advect aestivate afford ail airfreight airt
    alcoholize alight aliment alleviate amble ambulate anaesthetise anaesthetize ancylose anele anesthetise
    anesthetize angle ankylose antic antisepticize apparel apply approach aquaplane arc arch arrive ascend
    astrogate atrophy attire autoclave automobile avail avalanche aviate avulse awake awaken backpack
    backpedal backstroke backtrack balloon bank banquet barber barf barge bath bathe beach beam bebop bedhop
    beget behave belch bellylaugh bend bestir bestride bib bicycle bike billow binge birdlime birl birle birth
    blanch bleed blench blink blow blub blubber blush board boat bob bobsled boggle bolt bonnet boogie
    boomerang boost booze bop bottlefeed bounce bound bowl brachiate brake breakfast breastfeed breaststroke
    breathe bring brunch budge bunch buoy burp burrow bus bustle butterfly cab cachinnate cakewalk camber
    canker cannibalise cannibalize canoe cant canter caper caponise caponize capriole capsize caracole caravan
    careen career carom cartwheel cascade cater cathect catnap cavort centre centrifugate centrifuge champ
    chandelle channel channelise channelize chaperon chaperone chariot chase chasse chauffeur chaw chew chin
    chloroform choke chomp chortle chuckle chuff church chute circle circuit circumambulate circumfuse
    circumnavigate circumvolve clamber claret claw cleanse click climb clomp clothe clown cluster coast
    cocainise cocainize cock cockle cocoon coggle coiffe coiffure coil collapse come commercialize concertina
    concuss conga congee congregate conk conn consume content contradance contredanse convalesce convect
    convene convoy corkscrew corn corset costume cough countermarch course cower crab crane crank crap crash
    crave crawl creep crick crimson cringe crisscross crock crook cross crouch crowd cruise crumble crumple
    cub cure curtsey curtsy curve curvet cycle dabble dance dandify dandle dart dash dawdle debark debouch
    decamp decant decussate defecate defeminise defeminize degenerate deglycerolise deglycerolize degust
    demasculinise demasculinize depart depilate deplane deplete derail descend desex desexualise desexualize
    desist despatch desquamate detour detox detrain deviate didder diet diffract diffuse digest dine disband
    discase disco disembark dish disinfect dismount dispatch dispel displace dispread disrobe dissipate dive
    diverge divert dizen dock dodder dodge dog dogsled don dope doss douche down doze drain dress dribble
    drift drink drip drive drivel droop drop drowse drug duck ease eat ebb eddy edge effuse egest elapse elbow
    elope elude embark embrocate emit emplane employ enclothe encounter encroach energize englut engorge
    enplane enter entrain epilate eruct escalade escape escort estivate etherise etherize evacuate evert
    excrete exercise exert exhale exhaust exit expand expend exploit exsert exteriorize exudate exude exuviate
    faint fall famish farrow fart fast fat father fatigue fatten fawn feast feed ferret ferry fester
    fibrillate fidget flap flee fleer fleet flex flicker flinch flip flit flitter float flock flop floss
    flounce flounder flow fluctuate flump flurry flush flutter flux fly foal fodder follow footslog ford
    formicate fort forward foxtrot freeze freight fress frisk fritter frock frogmarch frolic frown fuddle funk
    gad gallivant gallop galumph gambol gangrene garb garment gasp gauffer gee geld genuflect geyser ghost
    giggle gimp glare glide glissade glower glut gluttonise gluttonize glycerolise glycerolize gnash gobble
    goffer gorge gormandise gormandize gourmandize gown grimace grin grovel guffaw guide gulp gush guttle
    guzzle gybe gyrate habit habituate halt handicap hare harm hat hatch haunt head hedgehop heel helm
    hemorrhage herd hibernate hiccough hiccup hie hightail hike hitchhike hobble hoof hop horse host hotfoot
    hound huddle huff hump hunch hurdle hurry hurtle hustle hydroplane hyperextend hypertrophy hyperventilate
    hypnotise hypnotize inch incurvate infect infest infiltrate inflame ingest ingurgitate inhale inject
    injure insinuate interpose intersect intrude intumesce inunct irrupt itinerate jackknife jackrabbit
    jactitate jade jam jaunt jaywalk jig jiggle jitterbug joggle jolt jostle jounce journey joyride judder
    jump jumpstart junket junketeer kayak keel kip kitten kowtow lactate lag lam lamb lame lance land lapse
    lark lateralize laugh leach lead lean leap leapfrog leave leaven leech levant levitate lift lighter lime
    limp locomote lollop loop lope lower luff luge lumber lunch lunge lurch lust luxuriate maim mainline
    malnourish mambo manducate maneuver manicure mantle manure maraud marcel march marshal martyrise martyrize
    mass maunder meander medicate medicine meet menstruate mess metabolise metabolize metastasise metastasize
    mewl micturate migrate mill mine misapply misguide mislead misuse mob molt mope mosey mosh motor motorbike
    motorboat motorcycle moult mountaineer mouse mousse move munch muscle mush nap narcotise narcotize
    navigate near necrose neuter nictate nictitate nosedive nosh nourish nurse nutate nutrify obstipate
    obtrude ooze orb orbit outdistance outflank outpoint outrun overclothe overcrowd overdose overdress
    overeat overexploit overextend overfatigue overfeed overflow overfly overgorge overhaul overindulge
    overrun oversleep overstep overstrain overstretch overtire overturn overuse overweary ovulate pace paddle
    pain pale palpebrate palpitate pan pander pant parachute parade part pass patronage peak pedal pedicure
    pee percolate peregrinate perk perm perspire phlebotomise phlebotomize picnic piggyback pilot pimp
    pirouette piss pivot plod plop plough plummet plump ply poise polka pollenate pollinate pomade pompadour
    pop port position poultice pounce pour power prance precess predigest prey primp prink procreate prolapse
    promenade pronate pronk prostrate prowl ptyalise ptyalize puddle puff puke pule pulsate pulse pup pupate
    purl push pussyfoot quaff quail quake quarry quench queue quickstep quiver race rack raft raiment rake
    rappel ratchet razor reach reanimate rear reawaken reboot rebound recede recidivate recline recoil
    reconvene recreate recurve recycle redden redirect reef reel reeve refloat refracture refreshen regale
    regorge regrow regurgitate rehash reinvigorate relax relieve remount replete replicate repose reposition
    reprocess respire restart resurface resurrect resuscitate retch retrace retransmit retreat retroflex
    retrograde return reuse revel revisit revitalize revive revivify revolve rhumba ricochet ride riposte
    ripple rise roam robe rock rocket roil roll rollick romp rotate rouge round rouse route rove row ruffle
    rumba ruminate run rush sag sail sailplane salivate saltate salute samba sample sashay sate satiate
    saunter scab scamper scarper scat scatter scend schuss scoot scowl scram scramble scud scuff scuffle scull
    scurry scuttle seaplane secrete sedate sediment seep seesaw send sentimentise sentimentize settle shadow
    shag shake shamble shampoo shave sheer shimmy shin shinny ship shirt shiver shlep shoe shoo shove shrug
    shudder shuffle shunt shuttle shy sick sidetrack sidle sift sigh sightsee simper sink sip siphon sire
    skank skate skateboard skedaddle ski skid skim skin skitter skydive skylark skyrocket slabber slake slalom
    slaver sled sledge sleep sleepwalk sleigh slew slide slim slink slip slither slobber slope slouch slough
    slue slumber slump slurp smile smirk smoke snack snake sneak sneer sneeze snicker sniffle snigger snooze
    snore snorkel snowboard snowmobile snowshoe soap soar sob solo somersault somnambulate soup space
    spacewalk sparge spay speed spew sphacelate spin spiral spirt spit splay splint spoonfeed spout sprain
    spree spring sprint spue spurt squinch squint squire squirm squish stagger stale stalk stamp stampede
    starboard starve steam steamer steer step sterilise sterilize stir stomach stomp stooge stoop stop
    straggle straighten stray streak stream stride stroll strut stumble sublimate subluxate submarine submerge
    submerse succuss suck suckle suction sudate summit sun sunbathe sunburn suntan sup superfetate superinfect
    supinate suppurate surf surface surfboard surge suspire swag swagger swallow swash sway sweat sweep
    swelter swerve swill swim swing swirl swivel swoon swoop syphon tail tailgate talc tango tapdance taxi
    teeter teetertotter teethe teetotal teleport thread thresh throng thrust thumb thump thunder tide tiller
    tilt tip tipple tippytoe tiptoe tire titter tittup toboggan toddle toe tog tonsure tool tope topple totter
    tour track trail traipse tram tramp trample transit transpirate transpire transplant transport transship
    transude traumatise traumatize travel traverse tread treadle tree trek tremble tremor trend trephine
    trickle trip troll troop trot truck trudge trundle tucker tumble tunnel turn turtle twiddle twirl twist
    twitch ultracentrifuge unbend uncase uncross uncurl underdress underlay undernourish undershoot undock
    undress undulate unhorse unicycle unlax unstrain upchuck upend upraise urinate use usher utilise utilize
    vaccinate vagabond vamoose vasectomise vasectomize vault veer venesect vesture vibrate vivify volley vomit
    voyage waddle wade waft wag waggle wake waken walk wallow waltz wamble wan wander ware wean wear weary
    wedel wee weep well welter wend wheel wheelbarrow wheeze whelp whimper whine whirl whirligig whirlpool
    whisk whoosh wiggle wince wind windsurf wine wing wink withdraw wobble wolf woosh worm wound wreathe wrick
    wriggle writhe yacht yawn zigzag zoom
"""
HANDLES = """
    abduct abrade abrase abscise absorb abut adduct adjoin adsorb aerosolise aerosolize affix afforest
    agglomerate agglutinate aggrade airbrush airlift aluminise aluminize amalgamate amputate anastomose
    anatomise anatomize anchor append appose archive arrange array arrest asphalt asphyxiate aspirate astringe
    atomise atomize attach attract autotomise autotomize axe babbitt backcross backhand backstitch badge bag
    bale ball band bandage bang barb bare barrel barricade bash bastinado bat batch batfowl batten batter
    bayonet beak bean bedaub beeswax begrime behead belay bell bemire beplaster berry besmear bespatter
    bespeckle bespot bestrew bevel biff bight bin bind birch birdie birdnest bisect bite bitt blackberry
    blacklead blacktop blanket blemish blend blindfold blinker blob block blood blot bogey bombard bond
    bonderise bonderize bonk boot border boss bouse bower bowse box bracket brad brail brain brandish
    brandmark braze bread bream brecciate broadside brooch broom bruise brush bucket buckle buff buffet
    bulldoze bump bundle bunker bunt burden burnish burthen buss bust butcher butt butter button buttweld
    cabin cake calcimine calender calk calve cane cannulate cannulise cannulize canoodle canopy canulate
    capsulate capsule capsulise capsulize carburet card caress carjack carry cart carve casket cat catapult
    catenate catenulate caulk cave cavern cement cere chain chamfer character checkrow chemisorb chine chip
    chock chop chrome chuck chunk churn cicatrise cicatrize cinch circumcise circumscribe clam clamp clap
    clapboard clapperclaw clash clasp clean cleave clench clew clinch cling clip clobber clog close closet
    clout clue clutch coapt coarsen coat cobble cobblestone code coffin cog cohere coif coldcock collar colly
    comb commandeer commingle commix compact compart compress concatenate concoct concrete cone congest
    conglutinate conjoin connect constrain constrict containerise containerize contort contuse convolute
    convolve copper copulate cord core cork corrade corral corrugate cosh countersink couple cover cowhide
    cowl cradle cram cramp cranch crape crate craunch cream crease crepe crimp crinkle crisp crop croquet
    crossbreed crosscut crumb cuddle cudgel cuff cumber currycomb cushion cut dab dam darn daub decapitate
    decollate decompress decorticate decouple deface defenestrate defile deflate deflower deform degrade
    delete deluge delve demodulate dent deplumate deposit descale detach deterge devour dibble dice dig dike
    dip dirty disarrange disarticulate disbud disburden discerp disconnect disencumber disengage disentangle
    disfigure disgorge dishevel disjoin dislodge dismember disperse dissect doff drag drape draw dredge drill
    dropkick drown drub drydock dull dunk dust dyke eagle eff egg eject electroplate elute embed emboss
    embower empale emplace encapsulate encase enchain encircle enclose encrust encumber enfold engraft engrave
    enlace enmesh enrobe ensconce enshrine enshroud ensnarl entrench envelop environ enwrap epoxy even evict
    eviscerate excise exfoliate exorcise exorcize expropriate expunge exterminate extract extravasate
    extricate fair fan fasten feather fell felt fence fetch fetter filter filtrate finedraw finger fish
    flagellate flail flake flay fleck fling flog flood flour flute fold fondle forest fork fornicate
    fractionate frame frank frap fray frazzle frizz frog frost fuck full fumble function funnel furbish furrow
    fustigate gap garotte garrote garrotte garter gash gather gin girdle girth glaciate glaze glean glue gnarl
    gnaw goldplate goose gore gouge grab gradate graft grain grasp grave graze grease grime grind grip grit
    groove grope ground grout guillotine gum gut hack hackle haemagglutinate halloo hammer handcuff handstamp
    handwash hang harness harvest hash hasp hatchel haul headbutt heckle heft hem hemagglutinate hemstitch
    heterodyne hew highjack hijack hinge hit hitch hob hoist hole hollow holystone hone hood hook hoop hoover
    hopple horn horsewhip houseclean hug hunker hurl hybridise hybridize hygienise hygienize ice idle imbed
    imbibe imbue immerse immingle impact impale implant incase incise inclose incrust infix ingraft ingrain
    inosculate input inscribe inseminate insert inspan instal install instil interbreed intercept interlace
    intermingle intermix interpenetrate intersperse intertwine interweave intrench introvert intubate
    intussuscept inundate invaginate inweave iron jab jack jacket jag jampack jerk jet jimmy julienne
    juxtapose kayo kick kidnap kill kink kiss knap knead kneel knife knock knuckle lace lacerate lade laden
    ladle lambast lambaste lapidate larrup lash lasso latch lather launder lay layer leash leather lever lick
    ligate limber liquidate load lob lock lop lounge lube lug lump macadamise macadamize maculate mail
    malfunction manacle mangle manhandle mark martyr mash massage masticate masturbate mat mate maul mesh
    metal metalize metallize middle mingle misdeliver misfunction mislay mismatch mismate misplace miter
    mongrelise mongrelize monkey moor mop mortar mortice mortise mount mow mud muddle muddy mudwrestle muffle
    mulch mushroom muss muster nab nail neck nestle nett neutralise nibble nick nickel nip nock notch nudge
    nut nuzzle obturate occlude offsaddle oil open outspan overlay overlie overload oversew overstuff oyster
    pack package padlock palm palpate paper parallelize parget park partition paste pasture pat patch patinate
    patinise patinize pave paw pearl peck peel pelt penetrate perch percuss perforate permeate pervade pet
    piece pierce pigeonhole pile pillow pin pinch ping pinion pitch pitchfork placard place plane plank plant
    plash plaster plate platinize pleach pleat plicate plonk pluck plug plunge pock pockmark poke pole poleax
    poleaxe polish pollard pommel poniard porcelainize porter posit post postmark postpose pot potter pouch
    pound powerwash prang prawn preen prefix prehend prepose press prick prise prizefight prod prop propel
    prune pry pucker pull pulp pumice pummel pump punch puncture punt puree put putt putty quirk rabbet raddle
    rally ram rap rasp ravel raven reabsorb ream reap rebind recess recharge recumb redeploy redistribute
    reface refinish reforest reinstall relace release reline reload rend reopen repel replant repot reseal
    resect reseed resew reship reshuffle resift resmudge resorb rest retick retie revet rice rick riddle
    riffle rinse rip rive roach roof roost rootle rope rosin roughen rub rubberstamp ruck ruddle ruin rummage
    rumple rupture saber sabre saddle sand sandblast sandpaper sanitise sanitize saw scaffold scar scarf
    scarify scavenge schlep scissor sclaff scollop scoop scour scrabble scrag scrape scratch screw scribe
    scrub scythe seal seam search seat section seduce seed segment seize sellotape serrate set sever sew
    shackle shadowbox shanghai shank sharpen shear sheathe shed shellac shellack shingle shoulder shovel shred
    shrine shrinkwrap shroud shut shutter sideswipe silt silver silverplate single sit size skewer skimcoat
    skive sky skyjack slam slap slash slather slaughter sledgehammer sleek slice slick slime sling slit slop
    slug smack smash smear smirch smite smooch smooth smoothen smother smudge smutch snag snail snare snatch
    snick snip snog snuggle soak sock sod soil solder soot sorb sow spade spang spank spatter spear speck
    speckle spill spiritise spiritize splash splatter splice splotch sponge spoon spotweld sprawl spray spread
    sprinkle spritz spud squash squat squeegee squeeze squirt stab stabilise stack stand staple stick stifle
    stitch stone stonewash stopper stopple stow strangle strangulate strap straw strew strickle strike string
    stripe stroke strop stub stuff subjoin suds suffix suffocate sulfurette sully sulphurette superimpose
    superpose surround suspend suture swab swaddle swage swat swathe swatter swig swipe swob syllabicate
    syllabify syllabise syllabize syringe tack tag taint tamp tamper tampon tap tape tar tarmac tarnish tear
    tee telescope tense tether thatch thrash throw thumbtack thwack tie tile tin tinker toenail tomahawk toss
    tote touch tousle tow towel trademark trammel transect trepan trice trim trisect trounce trowel truss tuck
    tug turf tusk tussle tweak tweeze twine unbar unbelt unbind unblock unbolt unbox unbrace unbraid unbuckle
    unbutton unchain unclasp unclip unclog uncoil uncompress uncork uncouple uncrate undercoat underpin undo
    undrape unfasten unhand unharness unhitch unhook unknot unlace unlade unlash unleash unload unlock unpack
    unpick unpin unplug unravel unreel unroll unsaddle unscrew unseal unsheathe unsnarl unsolder unstaple
    unstrap unstring unstuff untangle untie untwine untwist unveil unweave unwind unwire unwrap unyoke unzip
    upheave vacuum vandalise vandalize vaporize varnish veil velcro veneer vivisect wad wallop wallpaper wank
    wash waterproof wax weave wedge weight weld welt wench whack wham whang whap whip whiteout whittle whomp
    whop wigwag winch winnow wipe wrack wrap wreck wrench wrest wring wrinkle yank yoke zinc zip zipper
"""
CHANGES = """
    abate abbreviate ablate abort abridge absent accelerate acclimate acclimatise acclimatize accrete accrue
    acculturate accustom acetylate acetylise acetylize achromatise achromatize acuminate adapt add adjourn
    adjust admix adolesce adulterate aerify affect age aggravate alchemise alchemize alcoholise align aline
    alkalify alkalinise alkalinize alkalise alkalize alligator alloy alphabetise alphabetize alter alternate
    amass ameliorate ammoniate ammonify amplify anglicise anglicize angulate animise animize anneal annihilate
    anodise anodize antiquate arborise arborize archaise archaize arterialise arterialize ash asterisk
    attemper attenuate attune augment aurify automate automatise automatize avianise avianize azure background
    backlog backscatter backslide bacterise bacterize bake bald ballast barbarise barbarize barbecue barbeque
    basify basset baste batik beautify becalm bechance become bedew bedim bedraggle befall befoul begin belly
    beneficiate benficiate besprinkle bestialise bestialize betide bilge biodegrade bituminise bituminize
    black blacken bleach blear blister bloat bloody bloom blossom blue blunt bog boil bolshevise bolshevize
    bolster bombproof bourgeon bowdlerise bowdlerize braise branch break brighten brine brisk brisken broaden
    broil bromate brominate bronze brown bubble buckram bud buffer bulge bulk bulletproof bur burgeon burl
    burn burr burst bushel buttress butylate calcify calcine calibrate callous callus camphorate can
    caramelise caramelize carbonise carbonize carboxylate carburise carburize carmine carnalise carnify
    caseate castrate catabolise catabolize catalyse catalyze catheterise catheterize catholicise catholicize
    cauterise cauterize centralise centralize change chap cheapen childproof chlorinate chondrify chronologise
    chronologize citify citrate clabber classicise classicize clear climax clinker clock closure clot cloture
    clutter coagulate coalesce codify coke collimate color colorise colorize colourise colourize commence
    commercialise comminute communise communize commutate commute compartmentalise compartmentalize complement
    complete complexify complexion complicate compost compound concentrate concretise condense confine
    conflate congeal conglobate conglobe conglomerate conjugate conquer consolidate constipate
    constitutionalise constringe consubstantiate contaminate conventionalise conventionalize convert cool
    coordinate copolymerise copolymerize correct corrode counterchange crack cremate creolize creosote
    crescendo cripple crispen croak crust crystallize culminate culture cumulate cup curdle curl curtail
    cutinize damage dampen dapple darken deactivate deaden deaminate deaminize debilitate debone debug
    decalcify decarbonise decarbonize decarboxylate decarburise decarburize decay decease decelerate
    decentralise decentralize decimalise decimalize decimate declaw decline declutch decoct decoke decolor
    decolorise decolorize decolour decolourise decolourize decompose deconcentrate decontaminate decrease
    decrepitate decrescendo dedifferentiate deepen defang defervesce defog defoliate deforest defrost degas
    degauss dehisce dehorn dehumidify dehydrate dehydrogenate deice delay deliquesce delouse dematerialise
    dematerialize demineralise demineralize demist demonetise demonetize demonise demonize demulsify demystify
    demythologise demythologize denationalise denationalize denaturalise denaturalize denature denazify
    denitrify denudate denude deoxidise deoxidize depersonalise depersonalize depolarise depolarize depopulate
    depressurise depressurize derate desalinate desalinise desalinize desalt desiccate desorb destabilise
    destabilize destalinise destalinize destress desynchronise desynchronize deteriorate dethaw detonate
    detoxicate detoxify detract detransitivise detransitivize detribalise detribalize detusk devaluate devalue
    devastate devilise devilize devitalise devitalize devitrify diabolise diabolize diagonalise diagonalize
    dialyse dialyze diazotize die digitalise digitalize digitise digitize dilate dilute diminish dimple dinge
    disable disafforest disappear disarray discolor discolorise discolorize discolour discolourise disembowel
    disenable disestablish disforest disharmonize disintegrate dislocate disqualify dissimilate dissolve
    distend distil distill disunify diversify dizzy doctor domesticate domesticise domesticize dose double
    draggle dry dung duplex dusk dwindle dye dynamise dynamite dynamize ebonise ebonize edit efface effeminise
    effeminize effervesce effloresce egress eliminate elongate emaciate emanate emasculate embrangle embrittle
    embrown emend emerge emigrate empty empurple emulsify enable encrimson energise enervate enfeeble enhance
    enlarge enrich enucleate equilibrate eradicate erase erode eroticize erupt escalate esterify eternalise
    eternalize eternise etherealize etherialise etherify etiolate evanesce evaporate exacerbate exenterate
    expectorate expense explode expurgate exsiccate extend exteriorise extinguish facilitate fade fancify
    farce fecundate federalise federalize federate feminise feminize fertilise fertilize festinate fetishize
    feudalize fill finalise finalize finish fireproof firm fishtail fissure fix fizz flatten flaw floodlight
    flourish flower fluoridate fluoridise fluoridize foam foolproof foredate foreground foreshorten fortify
    fossilise fossilize fracture fragment fragmentise fragmentize freckle freshen fricassee frizzle froth
    fructify furcate furl fuse gasify gear gel gelatinise gelatinize gentrify germinate ghettoise ghettoize
    glamorise glamourize globalise globalize goofproof granulate gray green grey griddle grill grow habilitate
    hamper handcolor handcolour hap happen harden harlequin harshen hasten hay heal heat heighten henna
    hibachi highlight homestead homogenise homogenize homologise hose hue hull humidify humify hush husk
    hydrate hydrogenate hydrolise hydrolize hydrolyse hydrolyze hypophysectomise hypophysectomize illume
    illuminate illumine imbrue immaterialise immaterialize immigrate immix impair implode impregnate improve
    incandesce incapacitate incarnadine incinerate incorporate increase incubate indurate industrialise
    industrialize inflate infuscate inhibit inset inspirit inspissate insulate integrate intensify intercalate
    interlard interlock interstratify intransitivise intransitivize introject inure invert iodinate iodise
    iodize ionate ionise ionize irrigate isolate isomerise isomerize jaundice jell jellify jelly keratinise
    keratinize keynote ladder laicise laicize languish lapidify lave league lengthen lessen lifehack light
    lignify limit linearise linearize liquidise liquify liven loosen lour lustrate luxate lyophilise
    lyophilize lysogenize macerate madder magnetize magnify malt manifold mar marbleise marbleize marinade
    marinate masculinise masculinize massacre materialise materialize matte maturate mature maximise maximize
    mechanise mechanize melanise melanize meliorate mellow melt mend mercerise mercerize merge metamorphose
    meter metricate metricise metricize microwave mildew milk mineralize miniaturise miniaturize minify
    minimize misalign mist mistime mix mobilize modernise modernize modify moisten moisturise moisturize
    molder moonshine morph motley motorise moulder muck murk mutate mutilate narrow nationalise nationalize
    naturalise naturalize nazify neaten nigrify nitrate nitrify nitrogenise nitrogenize normalise normalize
    novate novelise novelize objectify obliterate obsolesce obstinate obtund occidentalise occidentalize occur
    officialise officialize opacify opalise opalize opsonize optimise optimize organise orientalise
    orientalize ossify outcrop outgrow outmode ovenbake overboil overcook overfill overheat overrefine
    overspecialise overspecialize oxidate oxidise oxidize oxygenate oxygenise oxygenize ozonise ozonize
    paganise paganize pall palsy paralyse paralyze parboil parch pare pasteurise pasteurize people peptise
    peptize perfect perfuse perish permute peroxide persevere personalise personalize pervaporate pestle
    petrify pickle pigment pinkify plasticise plasticize pod polarise polarize politicise politicize pollute
    polychrome polychromise polychromize polymerise polymerize pooch potentiate powder powderise powderize
    precondition predecease preheat preisolate prepare pressurise pressurize prettify prim prime privatise
    privatize process professionalise professionalize progress proliferate prolong proportion protract
    pulverize punctuate purify purple purpurate purse putrefy quadruple quantify quarantine quell quicken
    quintuple radicalize raise ramify randomise randomize rarefy rarify rasterize ravage reactivate readapt
    readjust realign realine reappear rearrange recode recombine recommence reconcile recondition reconstitute
    reconvert recrudesce recur redouble reduce reenforce refill refine reflate reform refrigerate refurbish
    regress regulate reheat reheel reinforce reintegrate relapse relocate remain remediate remedy remodel
    remove render renormalise renormalize renovate repair repercuss replace replenish repoint rescale resettle
    resize resole restrengthen restrict restructure resublime resume resuspend ret retard retouch retrogress
    retrovert rev revalue revamp reverse revert revitalise revolutionize rigidify ripen ritualise ritualize
    roast root rot rubber rubberise rubberize rubify rubric ruggedise ruggedize rust salinate sallow saponify
    saturate saute schematise scorch scroll sear seclude secularise secularize senesce sensibilise sensibilize
    sensify sensitize sensualise sentimentalise sentimentalize sequestrate serialise serialize sexualise
    sexualize shallow shatter shift shirr shoal shoehorn shoetree shorten shrink shrivel shuck shush silence
    simmer simplify singe skew slacken slag slenderise slenderize slow smolder smut snafu snowball sober sole
    solidify solvate sorcerise sorcerize soundproof sour souse specialize speciate spice spirit spotlight
    sprout spruce spume square squelch stabilize stain stalinise stalinize stanch standardize starch start
    staunch stay steady steepen stiffen stimulate strengthen striate structure stun subdivide sublime subside
    subtilise suburbanise suburbanize suffuse sulfate sulfur sulphur summerise summerize sunder supercharge
    supervene supple suppress swell swinge switch symmetrise symmetrize sync synchronize syncopate syncretise
    syncretize systematise systematize systemise systemize tailor tame tan taper tauten temper temporise
    temporize tenderise tenderize terminate thaw thicken thin thoriate thrive thrombose throttle tidy tighten
    time tinct tincture tint titivate titrate tittivate toast topdress torch totalise totalize toughen
    transaminate transduce transfigure transform transition transitivise transitivize transmogrify transmute
    transpose transubstantiate trifurcate triple troubleshoot true tumefy tumesce tune twig uglify ulcerate
    unclutter undergrow unfit unfold unfreeze unfurl uniformise uniformize unify unsanctify unscramble
    unsubstantialise unsubstantialize unthaw update upset urbanise urbanize vanish vaporise variegate vary
    vascularise vascularize ventilate verbify verdigris vermilion vesicate vesiculate vinify virilise virilize
    vitalise vitalize vitrify volatilise volatilize vulcanise vulcanize wane warm water weaken weaponize
    weatherproof weatherstrip weed westernise westernize wet white whiten widen widow wilt winterise winterize
    wither worsen yellow zero
"""
