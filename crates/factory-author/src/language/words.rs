//! Nouns and small words of briefs, by what they mean for a product. Data.

/// Words between spaces and line breaks; compact, because there are many.
#[derive(Debug)]
pub(crate) struct Words(&'static str);

impl Words {
    /// Makes a list of a text.
    pub(crate) const fn new(words: &'static str) -> Self {
        Self(words)
    }

    /// Whether a word is among them.
    pub(crate) fn contains(&self, word: &str) -> bool {
        self.0.split_whitespace().any(|known| known == word)
    }
}

/// People who work for the one who runs the product: their records are shared among colleagues.
pub(crate) const STAFF: Words = Words::new(
    "\
    admin administrator manager receptionist dispatcher staff employee coordinator clerk
    secretary assistant supervisor operator director accountant bookkeeper agent officer
    librarian cashier planner moderator editor worker team principal head host janitor
    housekeeper cleaner cook chef waiter analyst auditor controller technician mechanic nurse
    inspector organiser organizer foreman registrar teller curator steward caretaker warden
    picker packer engineer doctor physician driver courier therapist dentist vet teacher
    instructor trainer tutor coach lecturer pharmacist physiotherapist stylist hairdresser
    groomer surveyor electrician plumber recruiter veterinarian midwife counsellor counselor
    advisor adviser broker underwriter adjuster guide crew pilot",
);

/// Customers: a product keeps records of them.
pub(crate) const SERVED: Words = Words::new(
    "\
    customer client patient member tenant student pupil guest resident donor applicant candidate
    passenger subscriber attendee participant player traveller traveler shopper citizen renter
    policyholder beneficiary visitor learner parent borrower reader fan household lead prospect
    payer buyer trainee child diner athlete runner volunteer",
);

/// People who run their own affairs in the product.
pub(crate) const INDEPENDENT: Words = Words::new(
    "\
    user person freelancer translator designer photographer writer artist seller vendor supplier
    landlord owner farmer grower founder contractor consultant developer lawyer attorney
    musician author carrier shipper merchant producer maker baker brewer hobbyist collector
    craftsman tradesman handyman researcher scientist creator sponsor partner investor neighbour
    neighbor caterer beekeeper gardener breeder captain referee judge interpreter agency school
    restaurant shop clinic hotel club company charity studio gym library retailer wholesaler
    manufacturer roaster cafe bakery salon farm firm winery walker sitter babysitter",
);

/// People and organisations that can also be places; they act when they are subjects, and are kept when objects.
pub(crate) const PLACES: Words = Words::new(
    "\
    agency school restaurant shop clinic hotel club company charity studio gym library winery
    cafe bakery salon farm firm",
);

/// Nouns that stand for the product itself or for nothing that is kept.
pub(crate) const STOP: Words = Words::new(
    "\
    system app platform website site tool software portal online web internet week day month
    year hour minute time night quarter season weekend monday tuesday wednesday thursday friday
    saturday sunday morning evening afternoon today tomorrow yesterday moment date period way
    place thing lot kind type sort number amount detail information info data history progress
    access login password work business help result need csv excel pdf spreadsheet file sms
    screen page button link view click phone tablet computer device paper hand end start
    beginning middle rest part side top front back line overview calendar dashboard chart graph
    statistic summary report list reminder notification alert receipt email mail push newsletter
    confirmation copy map fly use case example reason purpose goal idea everything something
    nothing anything someone somebody everyone everybody anyone nobody one other half pair total
    revenue income profit turnover cash money balance rate spending earning sale account profile
    setting option feature function language world life home office availability advance demand
    trouble problem question answer proof qr code barcode api format spot seat capacity
    occupancy utilisation utilization workload performance average percentage share trend
    deadline queue waiting bank card credit stripe paypal google door street tap glance
    duplicate search filter change status state step stage person people user staff hold level
    limit threshold minimum maximum outcome reply response paperwork bookkeeping administration
    communication scheduling planning management tracking invoicing billing kilometre kilometer
    mile percent euro dollar cent pound notice arrival departure return pickup turn name title
    behalf own attention feedback care mistake error loss delay shortage head team lack
    spreadsheets whatsapp log chance region area city country town village district
    neighbourhood neighborhood industry market visibility compliance quality quantity size tax
    vat export import upload download record entry signup sign-up checkout check-in check-out
    checkin hygiene spot yield opening",
);

/// Nouns that are a notification: `get a reminder`.
pub(crate) const TELLING: Words = Words::new(
    "\
    reminder notification alert email sms notice warning push",
);

/// Nouns that are a figure: `see the revenue`.
pub(crate) const FIGURES: Words = Words::new(
    "\
    report dashboard statistic chart graph summary overview revenue income turnover profit
    utilisation utilization occupancy average total workload performance percentage trend
    balance sales yield sale",
);

/// Things that are agreed for one time: booking one makes one.
pub(crate) const OCCASIONS: Words = Words::new(
    "\
    appointment booking reservation session lesson visit consultation viewing ride trip stay
    pickup delivery transfer meeting interview inspection treatment cleaning repair order
    shipment transport walk job shoot tour checkup check-up tasting",
);

/// Words before a noun that say which one, not what it is.
pub(crate) const ADJECTIVES: Words = Words::new(
    "\
    new old open closed late early overdue upcoming current past previous next last first second
    third recent daily weekly monthly yearly annual quarterly recurring regular free available
    unavailable busy empty full big small large short long good bad best better worst high low
    higher lower own same different various several many few more most less other another single
    multiple whole complete entire total digital local nearby remote freelance independent
    private public personal individual common shared important urgent active inactive pending
    unpaid outstanding due unread simple quick fast easy automatic manual printed final main
    special specific certain mobile medical legal dental financial physical virtual live real
    fresh possible necessary young adult elderly ill sick healthy damaged broken missing unused
    used valid invalid interested busiest suitable right wrong extra additional internal
    external small-scale rural urban nearest cheap expensive partial similar ready popular
    unsold low-stock walk-in no-show part-time full-time self-employed mid-sized medium expired
    independently foreign native electronic short-term long-term family-run solo german french
    english european organic homemade seasonal community non-profit leftover unfinished
    unassigned expected actual original hourly nightly joint future",
);

/// Words that say how or when; they are skipped.
pub(crate) const ADVERBS: Words = Words::new(
    "\
    online offline always never often sometimes again also too then now later soon already still
    just only even very well away back together ahead out up down off over anytime anywhere
    everywhere there here ago alone forward once twice early afterwards beforehand directly
    instead otherwise not yet today tomorrow tonight daily weekly monthly least most long ever
    maybe home as",
);

/// Words before a noun.
pub(crate) const DETERMINERS: Words = Words::new(
    "\
    a an the each every all any some no this that these those their his her its our my your both
    either one two three four five six seven eight nine ten twelve hundred thousand whose which",
);

/// Words between a noun and what it stands to another.
pub(crate) const PREPOSITIONS: Words = Words::new(
    "\
    of for to from with in on at by into about per before after during against via through
    without within until between across under over near around inside outside towards onto
    behind than like including based upon since among below above according because",
);

/// Words that begin a sentence within a sentence.
pub(crate) const SUBORDINATORS: Words = Words::new(
    "\
    when if while who where whenever unless whether so once how what why",
);

/// Words that stand for somebody or something named before.
pub(crate) const PRONOUNS: Words = Words::new(
    "\
    it they them he she him we us i you themselves itself ones none me who",
);

/// Helping verbs.
pub(crate) const BE: Words = Words::new(
    "\
    is are was were be been being gets got",
);

/// Helping verbs before a base form.
pub(crate) const MODALS: Words = Words::new(
    "\
    can could may might must should shall will would cannot don't doesn't does",
);
