//! Errors on the wire: RFC 9457 problem documents, and back.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use factory_app::error::{AppError, Code, Kind};
use serde::{Deserialize, Serialize};

/// Media type of a problem document.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable address of the error's page.
    #[serde(rename = "type")]
    pub kind_url: String,
    /// What the code means.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong and where.
    pub detail: String,
    /// Stable code, as in `F0301`.
    pub code: String,
    /// What to do.
    pub hint: Option<String>,
}

/// An error on its way out.
#[derive(Debug)]
pub struct Failure(pub AppError);

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Refused => StatusCode::FORBIDDEN,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::BudgetExceeded => StatusCode::PAYMENT_REQUIRED,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Problem {
    /// The document of an error.
    pub fn of(error: &AppError) -> Self {
        Self {
            kind_url: format!("/errors/{}", error.code),
            title: error.code.meaning().to_owned(),
            status: status_of(error.kind()).as_u16(),
            detail: error.chain(),
            code: error.code.as_str().to_owned(),
            hint: error.hint.clone(),
        }
    }

    /// The document of a request that no use case has seen.
    pub(crate) fn refused(status: StatusCode, detail: String) -> Self {
        let error = AppError::new(Code::RequestInvalid, detail);
        Self {
            status: status.as_u16(),
            ..Self::of(&error)
        }
    }

    /// The error of a document.
    pub fn into_error(self) -> AppError {
        let code = Code::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == self.code);
        // A driver of another version may use codes that this one does not know.
        let other = if (400..500).contains(&self.status) {
            Code::RequestInvalid
        } else {
            Code::Unexpected
        };
        let error = AppError::new(code.unwrap_or(other), self.detail);
        match self.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        Problem::of(&self.0).into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, PROBLEM)], Json(self)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_wire() {
        let error = AppError::new(Code::GateDecided, "gate `a.1.x` was decided").hint("look again");
        let back = Problem::of(&error).into_error();
        assert_eq!(
            (back.kind(), back.code, back.message, back.hint),
            (error.kind(), error.code, error.message, error.hint)
        );
    }

    #[test]
    fn every_code_survives_the_wire_and_every_kind_has_a_status_of_its_own() {
        let mut statuses = std::collections::BTreeMap::new();
        for code in Code::ALL {
            let problem = Problem::of(&AppError::new(*code, "x"));
            let kind = statuses
                .entry(problem.status)
                .or_insert_with(|| code.kind());
            assert_eq!(*kind, code.kind(), "{code}");
            assert_eq!(problem.into_error().code, *code);
        }
    }

    #[test]
    fn every_code_has_a_page_that_says_the_same() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        for code in Code::ALL {
            let page = std::fs::read_to_string(folder.join(format!("{code}.md"))).unwrap();
            let title = format!("# {code}: {}\n", code.meaning().trim_end_matches('.'));
            assert!(page.starts_with(&title), "{code}: expected {title}");
            let row = format!("\n| {:?} | ", code.kind());
            assert!(page.contains(&row), "{code}: expected {row}");
        }
        let pages = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(pages, Code::ALL.len(), "a page without a code");
    }

    #[test]
    fn a_code_of_another_version_keeps_its_side_of_the_wire() {
        for (status, kind) in [(404, Kind::Invalid), (500, Kind::Internal)] {
            let known = Problem::of(&AppError::new(Code::NoRun, "x"));
            let unknown = Problem {
                code: "F9999".to_owned(),
                status,
                ..known
            };
            assert_eq!(unknown.into_error().kind(), kind);
        }
    }
}
