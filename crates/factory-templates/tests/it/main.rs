//! How templates are read, checked and rendered, seen from outside.

mod cookiecutter;
mod hostile;
mod manifest;
mod products;
mod slices;
mod support;
