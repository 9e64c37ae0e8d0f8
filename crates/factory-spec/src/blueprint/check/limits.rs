//! How large a product may be, and the one entity that it need not declare.

/// Most entities of one product.
pub const ENTITIES_MAX: usize = 60;

/// Most fields of one entity.
pub const FIELDS_MAX: usize = 60;

/// Name of the accounts that every product has; it may be referred to like an entity.
pub const USER: &str = "User";
