//! Methods with every receiver, and without one.

use super::run;
use coalesced::coalesce;
use std::{pin::Pin, rc::Rc, sync::Arc};

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Service {
    name: String,
}

impl Service {
    #[coalesce]
    async fn by_reference(&self, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn by_value(self, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn by_mutable_value(mut self, mut id: u64) -> String {
        self.name.push('!');
        id += 1;
        format!("{} {id}", self.name)
    }

    #[coalesce(skip(self))]
    async fn by_mutable_reference(&mut self, id: u64) -> u64 {
        self.name.clear();
        id
    }

    #[coalesce]
    async fn by_arc(self: Arc<Self>, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn by_reference_to_arc(self: &Arc<Self>, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn by_box(self: Box<Self>, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce(skip(self))]
    async fn by_rc(self: Rc<Self>, id: u64) -> u64 {
        id
    }

    #[coalesce(key = id)]
    async fn by_pin(self: Pin<&Self>, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn associated(id: u64) -> Self {
        Self {
            name: id.to_string(),
        }
    }
}

#[test]
fn receivers() {
    let service = || Service {
        name: "s".to_owned(),
    };
    assert_eq!(run(service().by_reference(1)), "s 1");
    assert_eq!(run(service().by_value(1)), "s 1");
    assert_eq!(run(service().by_mutable_value(1)), "s! 2");
    assert_eq!(run(service().by_mutable_reference(1)), 1);
    assert_eq!(run(Arc::new(service()).by_arc(1)), "s 1");
    assert_eq!(run(Arc::new(service()).by_reference_to_arc(1)), "s 1");
    assert_eq!(run(Box::new(service()).by_box(1)), "s 1");
    assert_eq!(run(Rc::new(service()).by_rc(1)), 1);
    assert_eq!(run(Pin::new(&service()).by_pin(1)), "s 1");
    assert_eq!(run(Service::associated(1)).name, "1");
}
