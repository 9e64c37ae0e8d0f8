//! What a use case answers when it cannot do what was asked.

use std::fmt;

pub use factory_core::cause::chain;
use factory_core::id::IdError;

/// A use case could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    /// Stable code, with a page in `docs/errors/`.
    pub code: Code,
    /// What is wrong and where.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What stood below it.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Kinds of failure that a caller can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It does not exist.
    NotFound,
    /// The input is wrong.
    Invalid,
    /// The caller may not.
    Refused,
    /// It does not fit the state of things.
    Conflict,
    /// A budget does not allow it.
    BudgetExceeded,
    /// Something that is needed does not answer.
    Unavailable,
    /// Our own fault, or the machine's.
    Internal,
}

macro_rules! codes {
    ($($name:ident = $code:literal $kind:ident $text:literal),* $(,)?) => {
        /// Stable codes of errors.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $text] $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As it is printed, as in `F0101`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What kind of failure it is: a code owns its kind, so that the same code never ends a command in two ways.
            pub fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    BriefInvalid = "F0101" Invalid "A brief is not valid.",
    BlueprintInvalid = "F0102" Invalid "A blueprint breaks a rule of its format.",
    ConfigInvalid = "F0103" Invalid "A setting in a file, a variable or a flag is not valid.",
    NotAPortfolio = "F0201" NotFound "The folder is not a portfolio.",
    PortfolioExists = "F0202" Conflict "The folder already is a portfolio.",
    DriverUnreachable = "F0203" Unavailable "Another process drives the portfolio and does not answer.",
    StoreNewer = "F0204" Conflict "A newer version of the program wrote the store.",
    StoreBroken = "F0205" Internal "The store cannot be opened or read.",
    GitMissing = "F0206" Unavailable "Git is missing or too old.",
    Foreign = "F0207" Refused "The portfolio, or a part of it, is not yours.",
    NoStartup = "F0301" NotFound "There is no startup of that name.",
    NoRun = "F0302" NotFound "There is no run of that name.",
    NoTask = "F0303" NotFound "There is no task of that name.",
    NoGate = "F0304" NotFound "There is no gate of that name.",
    StartupDiffers = "F0305" Conflict "A startup of that name was built from another brief.",
    GateDecided = "F0306" Conflict "The gate has been decided, or has been opened again since it was seen.",
    RunOver = "F0307" Conflict "The run has ended.",
    NeedsComment = "F0308" Invalid "A question at a gate needs words.",
    NotEnoughResources = "F0309" Conflict "Not enough resources: the machine or the allocation has less than is needed.",
    CheckoutBehind = "F0310" Conflict "The checkout of a product is behind its branch.",
    NameInvalid = "F0311" Invalid "The name is not written the way names of its kind are.",
    FolderTaken = "F0312" Conflict "The folder that a new startup needs is not empty.",
    NoQuestions = "F0313" Invalid "Nobody acts on a question at this gate.",
    RunOpen = "F0314" Conflict "The startup's run has not ended.",
    TokenMissing = "F0401" Refused "A decision needs the owner's token.",
    RequestInvalid = "F0402" Invalid "The request is not one that this program understands.",
    NoAddress = "F0403" NotFound "There is nothing at that address.",
    TemplateInvalid = "F0501" Invalid "A template cannot be used.",
    NotBuilt = "F0601" Conflict "The startup has no product that could be started.",
    ProductFailed = "F0602" Unavailable "The product did not start or did not answer.",
    ProductRuns = "F0603" Conflict "The product is running, and has to be stopped first.",
    LandedMissing = "F0604" Conflict "A change that has landed is missing from the product's branch.",
    Unexpected = "F0901" Internal "Something below failed.",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AppError {
    /// An error without hint or source.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        self.code.kind()
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Keeps what stood below.
    #[must_use]
    pub fn because(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Something below failed while `doing`.
    pub fn internal(
        doing: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::new(Code::Unexpected, doing).because(source)
    }

    /// The message and everything below it, in one line.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

impl From<IdError> for AppError {
    fn from(error: IdError) -> Self {
        Self::new(Code::NameInvalid, error.to_string())
    }
}
