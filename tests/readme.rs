//! The code of the README and of `docs/`, which is compiled and run; but for that of `docs/migrating.md`, which is beside
//! the crates that it is about, in `bench`.

pub mod sqlx;

macro_rules! page {
    ($($page:ident: $file:literal $(if $($feature:literal)and+)?;)+) => {
        $(
            $(#[cfg(all($(feature = $feature),+))])?
            #[doc = include_str!($file)]
            pub mod $page {}
        )+
    };
}

page! {
    readme: "../README.md" if "axum" and "redis";
    how_it_works: "../docs/how-it-works.md";
    http: "../docs/http.md" if "tower";
    service: "../docs/service.md";
    several_servers: "../docs/several-servers.md" if "redis";
    upstream: "../docs/upstream.md";
}
