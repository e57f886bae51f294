//! A part as a key, where its kind is vouched for. By hand, and not by a macro: the compiler shows them where it refuses.

use crate::key::{
    argument::Found,
    refusal::{
        Vouch, VouchAsker, VouchConnection, VouchExtractor, VouchGeneric, VouchHandle,
        VouchInCluster, VouchOwner, VouchReceiver, VouchRow, VouchUnordered,
    },
};

/// A part as a key.
pub fn part<P, M>(found: P) -> <P::Part as Vouch<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: Vouch<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of `self`.
pub fn receiver<P, M>(found: P) -> <P::Part as VouchReceiver<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchReceiver<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of what holds the registry further down.
pub fn handle<P, M>(found: P) -> <P::Part as VouchHandle<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchHandle<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of what holds pools and clients.
pub fn owner<P, M>(found: P) -> <P::Part as VouchOwner<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchOwner<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of what calls go through.
pub fn connection<P, M>(found: P) -> <P::Part as VouchConnection<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchConnection<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of who asks.
pub fn asker<P, M>(found: P) -> <P::Part as VouchAsker<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchAsker<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of a type that callers choose.
pub fn generic<P, M>(found: P) -> <P::Part as VouchGeneric<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchGeneric<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of a row.
pub fn row<P, M>(found: P) -> <P::Part as VouchRow<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchRow<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of what is around a part of a request.
pub fn extractor<P, M>(found: P) -> <P::Part as VouchExtractor<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchExtractor<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of whose calls they are, where servers share them.
pub fn in_cluster<P, M>(found: P) -> <P::Part as VouchInCluster<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchInCluster<M>,
{
    P::Part::vouch(found.key())
}

/// The same, of what has no order.
pub fn unordered<P, M>(found: P) -> <P::Part as VouchUnordered<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: VouchUnordered<M>,
{
    P::Part::vouch(found.key())
}
