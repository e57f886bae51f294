// The attribute comes through a facade, also out of a macro.
#![deny(warnings)]

mod facade {
    pub use coalesced;

    macro_rules! query {
        ($name:ident) => {
            #[$crate::facade::coalesced::coalesce(crate = $crate::facade::coalesced)]
            async fn $name(id: u64) -> u64 {
                id
            }
        };
    }
    pub(crate) use query;
}

#[facade::coalesced::coalesce(crate = crate::facade::coalesced, name = "square")]
async fn square(id: u64) -> u64 {
    id * id
}

facade::query!(made);

fn main() {
    drop(square(7));
    drop(made(7));
}
