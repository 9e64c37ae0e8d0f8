//! Arguments by position or by name, as Python's functions take them.

use minijinja::value::{Kwargs, Rest, Value, ValueOrKwargs};
use minijinja::{Error, ErrorKind};

/// Arguments of a filter by position or by name, as Python takes them.
pub(super) struct Arguments {
    positional: std::vec::IntoIter<Value>,
    named: Kwargs,
}

impl Arguments {
    pub(super) fn new(Rest(args): Rest<ValueOrKwargs>) -> Result<Self, Error> {
        let mut args: Vec<Value> = args.into_iter().map(Value::from).collect();
        let named = match args.pop_if(|last| last.is_kwargs()) {
            Some(last) => Kwargs::try_from(last)?,
            None => Kwargs::from_iter(Vec::<(&str, Value)>::new()),
        };
        Ok(Self {
            positional: args.into_iter(),
            named,
        })
    }

    /// The next argument; nothing for `none` and when it is left out.
    pub(super) fn next(&mut self, name: &str) -> Result<Option<Value>, Error> {
        let value = self.positional.next().or(self.named.get(name)?);
        Ok(value.filter(|value| !value.is_none()))
    }

    pub(super) fn next_flag(&mut self, name: &str, default: bool) -> Result<bool, Error> {
        Ok(self.next(name)?.map_or(default, |value| value.is_true()))
    }

    pub(super) fn finish(mut self) -> Result<(), Error> {
        if self.positional.next().is_some() {
            return Err(Error::from(ErrorKind::TooManyArguments));
        }
        self.named.assert_all_used()
    }
}

/// All arguments by name; `names` are those that may also be given by position, in order.
pub(super) fn named(args: Rest<ValueOrKwargs>, names: &[&str]) -> Result<Kwargs, Error> {
    let Arguments { positional, named } = Arguments::new(args)?;
    if positional.len() > names.len() {
        return Err(Error::from(ErrorKind::TooManyArguments));
    }
    let by_position = names.iter().map(|name| (*name).to_owned()).zip(positional);
    let mut all: Vec<(String, Value)> = by_position.collect();
    for name in named.args() {
        all.push((name.to_owned(), named.peek::<Value>(name)?));
    }
    Ok(all.into_iter().collect())
}
