//! What identifies a key, and what shows that a frame was written by a member.
//!
//! Each part is preceded by its length, so that no two lists of parts are one: `("ab", "c")` is not `("a", "bc")`.

use crate::engine::{Digest, Space, Token};

/// How many bytes a tag has.
const TAG: usize = 16;

/// Hashes what all keys of a cluster have in common.
#[derive(Clone)]
pub(crate) struct Digests {
    start: blake3::Hasher,
    tags: Option<[u8; 32]>,
}

impl Digests {
    pub(crate) fn new(space: &Space, cluster: &str) -> Self {
        let (mut start, tags) = match &space.secret {
            None => (blake3::Hasher::new(), None),
            Some(secret) => (
                blake3::Hasher::new_keyed(&derive("coalesced 1 keys", secret)),
                Some(derive("coalesced 1 frames", secret)),
            ),
        };
        part(&mut start, space.namespace.as_bytes());
        part(&mut start, cluster.as_bytes());
        Self { start, tags }
    }

    /// Of a key of this function, or of this instantiation of it, whose values cross by this codec.
    pub(crate) fn key(&self, name: &str, instance: &str, codec: &str, key: &[u8]) -> Digest {
        let mut hasher = self.start.clone();
        for bytes in [name, instance, codec]
            .map(str::as_bytes)
            .into_iter()
            .chain([key])
        {
            part(&mut hasher, bytes);
        }
        Digest(u128::from_be_bytes(first(&hasher.finalize())))
    }

    /// The frame, tagged if there is a secret.
    pub(crate) fn seal(&self, key: Digest, token: Token, mut frame: Vec<u8>) -> Vec<u8> {
        if let Some(tag) = self.tag(key, token, &frame) {
            frame.extend(tag);
        }
        frame
    }

    /// The frame without its tag; `None`: somebody else wrote it.
    pub(crate) fn open<'f>(&self, key: Digest, token: Token, frame: &'f [u8]) -> Option<&'f [u8]> {
        if self.tags.is_none() {
            return Some(frame);
        }
        let (frame, tag) = frame.split_last_chunk::<TAG>()?;
        // Compared in constant time.
        let tag = blake3::Hash::from_bytes(twice(*tag));
        let own = blake3::Hash::from_bytes(twice(self.tag(key, token, frame)?));
        (own == tag).then_some(frame)
    }

    fn tag(&self, key: Digest, token: Token, frame: &[u8]) -> Option<[u8; TAG]> {
        let mut hasher = blake3::Hasher::new_keyed(self.tags.as_ref()?);
        hasher.update(&key.0.to_be_bytes());
        hasher.update(&token.0.to_be_bytes());
        hasher.update(frame);
        Some(first(&hasher.finalize()))
    }
}

fn derive(purpose: &str, secret: &str) -> [u8; 32] {
    blake3::derive_key(purpose, secret.as_bytes())
}

fn part(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

fn first(hash: &blake3::Hash) -> [u8; TAG] {
    let mut bytes = [0; TAG];
    bytes.copy_from_slice(&hash.as_bytes()[..TAG]);
    bytes
}

fn twice(tag: [u8; TAG]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..TAG].copy_from_slice(&tag);
    bytes[TAG..].copy_from_slice(&tag);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(namespace: &str, cluster: &str, secret: Option<&str>) -> Digests {
        let space = Space {
            namespace: namespace.into(),
            secret: secret.map(Into::into),
        };
        Digests::new(&space, cluster)
    }

    #[test]
    fn what_moves_from_one_part_to_the_next_makes_another_key() {
        let all = [
            digests("ab", "c", None).key("d", "i", "e", b"f"),
            digests("ab", "c", None).key("di", "", "e", b"f"),
            digests("a", "bc", None).key("d", "i", "e", b"f"),
            digests("ab", "", None).key("cd", "i", "e", b"f"),
            digests("ab", "c", None).key("", "di", "e", b"f"),
            digests("ab", "c", None).key("d", "i", "", b"ef"),
            digests("ab", "c", Some("")).key("d", "i", "e", b"f"),
            digests("ab", "c", Some("s")).key("d", "i", "e", b"f"),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(!all[..i].contains(one), "{i}");
        }
    }

    #[test]
    fn a_tag_is_of_one_key_one_flight_and_one_secret() {
        let (key, token) = (Digest(1), Token(2));
        let digests_of = |secret| digests("", "c", Some(secret));
        let sealed = digests_of("s").seal(key, token, b"frame".to_vec());
        let open = |secret, key, token, frame| {
            digests_of(secret)
                .open(key, token, frame)
                .map(<[u8]>::to_vec)
        };
        assert_eq!(open("s", key, token, &sealed), Some(b"frame".to_vec()));
        assert_eq!(open("t", key, token, &sealed), None);
        assert_eq!(open("s", Digest(3), token, &sealed), None);
        assert_eq!(open("s", key, Token(3), &sealed), None);
        assert_eq!(open("s", key, token, &sealed[1..]), None);
        assert_eq!(open("s", key, token, b"short"), None);
    }
}
