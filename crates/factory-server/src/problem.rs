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
            status: status_of(error.kind).as_u16(),
            detail: error.chain(),
            code: error.code.as_str().to_owned(),
            hint: error.hint.clone(),
        }
    }

    /// The document of a request that no use case has seen.
    pub(crate) fn refused(status: StatusCode, detail: String) -> Self {
        let error = AppError::new(Kind::Invalid, Code::RequestInvalid, detail);
        Self {
            status: status.as_u16(),
            ..Self::of(&error)
        }
    }

    /// The error of a document.
    pub fn into_error(self) -> AppError {
        let kinds = [
            Kind::NotFound,
            Kind::Invalid,
            Kind::Refused,
            Kind::Conflict,
            Kind::BudgetExceeded,
            Kind::Unavailable,
            Kind::Internal,
        ];
        let kind = kinds
            .into_iter()
            .find(|kind| status_of(*kind).as_u16() == self.status);
        let other = if (400..500).contains(&self.status) {
            Kind::Invalid
        } else {
            Kind::Internal
        };
        let code = Code::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == self.code);
        let error = AppError::new(
            kind.unwrap_or(other),
            code.unwrap_or(Code::Unexpected),
            self.detail,
        );
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
        let error = AppError::new(
            Kind::Conflict,
            Code::GateDecided,
            "gate `a.1.x` was decided",
        )
        .hint("look again");
        let back = Problem::of(&error).into_error();
        assert_eq!(
            (back.kind, back.code, back.message, back.hint),
            (error.kind, error.code, error.message, error.hint)
        );
    }

    #[test]
    fn every_kind_has_a_status_of_its_own() {
        let kinds = [
            Kind::NotFound,
            Kind::Invalid,
            Kind::Refused,
            Kind::Conflict,
            Kind::BudgetExceeded,
            Kind::Unavailable,
        ];
        for kind in kinds {
            let back = Problem::of(&AppError::new(kind, Code::Unexpected, "x")).into_error();
            assert_eq!(back.kind, kind);
        }
    }
}
