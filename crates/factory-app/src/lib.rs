//! The use cases behind one front door, the port Factory.
