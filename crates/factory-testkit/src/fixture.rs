//! What tests build: a template of plain text, and the example of the blueprint's contract.

use std::path::{Path, PathBuf};

use factory_app::factory::Submission;
use factory_core::id::Slug;
use factory_core::run::GatePolicy;
use factory_spec::blueprint::Blueprint;
use factory_spec::brief::Brief;

const LEDGERLY: &str = include_str!("../../factory-spec/tests/fixtures/ledgerly.blueprint.json");

/// Folder of the test templates; holds `mini`.
pub fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
}

/// The blueprint of Ledgerly, as JSON.
pub fn blueprint_text() -> &'static str {
    LEDGERLY
}

/// The blueprint of Ledgerly.
#[expect(
    clippy::expect_used,
    reason = "the fixture is valid, a test of the core says so"
)]
pub fn blueprint() -> Blueprint {
    Blueprint::parse(LEDGERLY).expect("the fixture is a valid blueprint")
}

/// Ledgerly from its blueprint with the template `mini`; gates decided by policy.
pub fn from_blueprint(slug: &str) -> Submission {
    let mut blueprint = blueprint();
    slug.clone_into(&mut blueprint.product.slug);
    Submission {
        blueprint: Some(blueprint.to_json()),
        gates: approve(),
        ..from_brief(slug)
    }
}

/// A startup from a brief with the template `mini`; gates wait for a person.
#[expect(clippy::expect_used, reason = "tests name their startups themselves")]
pub fn from_brief(slug: &str) -> Submission {
    let brief = Brief {
        name: slug.to_owned(),
        one_liner: "Invoicing for freelance translators".to_owned(),
        features: vec![
            "Translators create an invoice from a job's word count and rate".to_owned(),
            "Clients pay an invoice online and get a receipt".to_owned(),
        ],
        ..Brief::default()
    };
    Submission {
        slug: Slug::parse(slug).expect("a short name"),
        brief,
        blueprint: None,
        template: Some("mini".to_owned()),
        playbook: "mvp".to_owned(),
        gates: GatePolicy::Person,
    }
}

/// Every gate approved by a recorded policy.
pub fn approve() -> GatePolicy {
    GatePolicy::Approve {
        policy: "test".to_owned(),
    }
}
