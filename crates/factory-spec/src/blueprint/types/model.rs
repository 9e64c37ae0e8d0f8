//! The predictive model of a product.

use serde::{Deserialize, Serialize};

use factory_core::words;

/// A predictive model: what is predicted from which records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Model {
    /// The kind of prediction.
    pub task: ModelTask,
    /// The entity whose records it learns from.
    pub entity: String,
    /// The field that is predicted.
    pub target: String,
    /// The fields that it is predicted from.
    pub features: Vec<String>,
    /// Number of periods ahead; forecasts only.
    pub horizon: Option<u32>,
    /// The measure of its quality, such as `mean_absolute_error`.
    pub metric: Option<String>,
}

words! {
    /// Kinds of prediction.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum ModelTask {
        /// Which class.
        #[default]
        Classification = "classification",
        /// How much.
        Regression = "regression",
        /// How much at a later time.
        Forecast = "forecast",
    }
}
