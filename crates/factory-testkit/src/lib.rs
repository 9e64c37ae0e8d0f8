//! Assembles fakes into a whole running factory.
