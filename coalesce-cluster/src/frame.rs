//! How keys and values cross: MessagePack with named fields, which another version of a program can tell from
//! its own.
//!
//! A key must come back as it went, so that no two keys have one encoding (`#[serde(skip)] tenant`). A value
//! must be decoded without loss or addition: encoded again it has the same length. A type that lost a
//! field, or has a new one with a default, does not.

use std::{borrow::Borrow, io, marker::PhantomData};

use coalesce_runtime::private::Nothing;
use serde::{Serialize, de::DeserializeOwned};

/// How the values of a function cross: [`Whole`], or [`OnlyOk`].
#[diagnostic::on_unimplemented(
    message = "`{V}` cannot cross to other servers by `{Self}`",
    label = "does not cross as the others do",
    note = "`OnlyOk`, of `only_ok()`, is for functions that return a `Result`; a registry has one way for all of its functions: give this one to a second registry, made by `Registry::new().across(SHOP.functions())`",
    note = "or write `cluster = SHOP, name = \"..\"` in place of the registry, which finds out by itself for each function; what holds the registry is in the key then"
)]
pub trait Codec<V>: Send + Sync + 'static {
    /// Functions whose values cross by other codecs never meet.
    const NAME: &'static str;

    /// Writes the value.
    ///
    /// # Errors
    ///
    /// [`Unshared::Own`], if this value is not to cross; else why it can't.
    fn encode(value: &V, limit: usize) -> Result<Vec<u8>, Unshared>;

    /// Reads one; `None`: it is not one of this type, or not wholly.
    fn decode(frame: &[u8]) -> Option<V>;
}

/// Why a value does not cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unshared {
    /// It is for its own caller alone, as an error that has no encoding.
    Own,
    /// It is too large.
    Large,
    /// Its `Serialize` failed.
    Fails,
}

/// The whole value crosses, as a [`Crossing`](crate::Crossing) has it unless told otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Whole;

/// A value that can cross to other servers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross to other servers, because it is not `Serialize + DeserializeOwned`",
    label = "cannot be sent to other servers",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it",
    note = "of a `Result` the value is enough, and the error stays in its process: `cluster = ..` finds that out by itself; a group says it by `.across(SHOP.across(\"..\").only_ok())`, and a registry by `.across(SHOP.functions().only_ok())`, for all of its functions: those that return no `Result` need a second registry",
    note = "or let it cross nowhere: then each server is for itself"
)]
pub trait Crosses: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<V: Serialize + DeserializeOwned> Crosses for V {}

impl<V: Crosses> Codec<V> for Whole {
    const NAME: &'static str = "msgpack";

    fn encode(value: &V, limit: usize) -> Result<Vec<u8>, Unshared> {
        let mut bytes = Capped {
            bytes: Vec::new(),
            limit,
            full: false,
        };
        match write(value, &mut bytes) {
            Ok(()) => Ok(bytes.bytes),
            Err(_) if bytes.full => Err(Unshared::Large),
            Err(_) => Err(Unshared::Fails),
        }
    }

    fn decode(frame: &[u8]) -> Option<V> {
        let value = rmp_serde::from_slice(frame).ok()?;
        let mut length = Length(0);
        write(&value, &mut length).ok()?;
        (length.0 == frame.len()).then_some(value)
    }
}

/// Of a `Result` the `Ok` crosses, by this codec; an `Err` is for its own caller: [`Crossing::only_ok`](crate::Crossing::only_ok).
#[derive(Debug, Clone, Copy)]
pub struct OnlyOk<C = Whole>(PhantomData<C>);

#[diagnostic::do_not_recommend]
impl<T, E, C: Codec<T>> Codec<Result<T, E>> for OnlyOk<C> {
    const NAME: &'static str = C::NAME;

    fn encode(value: &Result<T, E>, limit: usize) -> Result<Vec<u8>, Unshared> {
        match value {
            Ok(value) => C::encode(value, limit),
            Err(_) => Err(Unshared::Own),
        }
    }

    fn decode(frame: &[u8]) -> Option<Result<T, E>> {
        C::decode(frame).map(Ok)
    }
}

// That there are two has the compiler not take each value for a `Result`, but refuse it.
#[doc(hidden)]
#[diagnostic::do_not_recommend]
impl<C: Send + Sync + 'static> Codec<Nothing> for OnlyOk<C> {
    const NAME: &'static str = "";

    fn encode(nothing: &Nothing, _: usize) -> Result<Vec<u8>, Unshared> {
        match *nothing {}
    }

    fn decode(_: &[u8]) -> Option<Nothing> {
        None
    }
}

/// A key that can cross, borrowed, as it was given to the call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key for other servers, because it is not `Serialize + DeserializeOwned`",
    label = "its key cannot be sent to other servers",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it, or choose a key that has them, with each other argument for `..`: `key = (id, ..)`"
)]
pub trait Keyed {
    /// Its bytes; `None`: it does not survive them.
    fn bytes(&self) -> Option<Vec<u8>>;
}

#[diagnostic::do_not_recommend]
impl<Q> Keyed for Q
where
    Q: Serialize + PartialEq + ToOwned<Owned: DeserializeOwned> + ?Sized,
{
    fn bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        write(self, &mut bytes).ok()?;
        let back: Q::Owned = rmp_serde::from_slice(&bytes).ok()?;
        (Borrow::<Q>::borrow(&back) == self).then_some(bytes)
    }
}

fn write(
    value: &(impl Serialize + ?Sized),
    to: impl io::Write,
) -> Result<(), rmp_serde::encode::Error> {
    value.serialize(&mut rmp_serde::Serializer::new(to).with_struct_map())
}

/// Takes no more than so many bytes.
struct Capped {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts the bytes.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Old {
        id: u64,
        name: String,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct New {
        id: u64,
        name: String,
        #[serde(default)]
        price: Option<u64>,
    }

    fn old() -> Old {
        Old {
            id: 7,
            name: "tea".into(),
        }
    }

    #[test]
    fn a_value_comes_back() {
        let frame = Whole::encode(&old(), 100).unwrap();
        assert_eq!(Whole::decode(&frame), Some(old()));
    }

    #[test]
    fn a_frame_of_another_version_is_not_taken_with_a_field_less_or_more() {
        let frame = Whole::encode(&old(), 100).unwrap();
        assert_eq!(
            <Whole as Codec<New>>::decode(&frame),
            None,
            "an `Option` makes any older frame decode"
        );
        let new = New {
            id: 7,
            name: "tea".into(),
            price: Some(3),
        };
        let frame = Whole::encode(&new, 100).unwrap();
        assert_eq!(<Whole as Codec<Old>>::decode(&frame), None);
    }

    #[test]
    fn bytes_behind_the_value_are_not_ignored() {
        let mut frame = Whole::encode(&7, 100).unwrap();
        frame.push(0);
        assert_eq!(<Whole as Codec<i32>>::decode(&frame), None);
    }

    #[test]
    fn a_value_is_not_encoded_beyond_the_limit() {
        assert_eq!(
            Whole::encode(&"x".repeat(100), 102).map(|frame| frame.len()),
            Ok(102)
        );
        assert_eq!(Whole::encode(&"x".repeat(101), 102), Err(Unshared::Large));
    }

    #[test]
    fn an_error_without_an_encoding_is_for_its_own_caller() {
        struct Opaque;
        let ok: Result<u64, Opaque> = Ok(7);
        let frame = OnlyOk::<Whole>::encode(&ok, 100).unwrap();
        assert!(matches!(
            <OnlyOk as Codec<Result<u64, Opaque>>>::decode(&frame),
            Some(Ok(7))
        ));
        assert_eq!(
            <OnlyOk as Codec<Result<u64, Opaque>>>::encode(&Err(Opaque), 100),
            Err(Unshared::Own)
        );
    }

    #[test]
    fn a_key_that_loses_a_part_on_its_way_has_no_bytes() {
        #[derive(Clone, PartialEq, Serialize, Deserialize)]
        struct Key {
            id: u64,
            #[serde(skip)]
            tenant: u64,
        }
        assert!(Key { id: 1, tenant: 0 }.bytes().is_some());
        assert!(Key { id: 1, tenant: 2 }.bytes().is_none());
        assert!(Keyed::bytes("borrowed").is_some());
        assert!(Some(Some(1)).bytes().is_some());
        assert!(Some(None::<u64>).bytes().is_none(), "as the key `None`");
    }
}
