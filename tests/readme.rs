//! The code of the README and of `docs/`, which is compiled and run; but for that of `docs/migrating.md`, which is beside
//! the crates that it is about, in `bench`. What is hidden in it is brought in by `build.rs`.

pub mod sqlx;

macro_rules! page {
    ($($page:ident: $file:literal $(if $feature:literal)?;)+) => {
        $(
            $(#[cfg(feature = $feature)])?
            #[doc = include_str!(concat!(env!("OUT_DIR"), "/", $file))]
            pub mod $page {}
        )+
    };
}

page! {
    readme: "README.md";
    how_it_works: "how-it-works.md";
    http: "http.md" if "tower";
    service: "service.md";
    several_servers: "several-servers.md" if "redis";
    upstream: "upstream.md";
}
