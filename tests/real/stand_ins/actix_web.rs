//! Stands for the crate.

use std::{error, fmt, rc::Rc};

/// Of one thread, and sent once.
pub(crate) struct HttpResponse(pub(crate) Rc<String>);

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Neither `Clone` nor `Send`.
#[derive(Debug)]
pub(crate) struct Error(Box<dyn error::Error>);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: error::Error + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

pub(crate) mod web {
    use std::{ops::Deref, sync::Arc};

    #[derive(Debug)]
    pub(crate) struct Data<T: ?Sized>(Arc<T>);

    impl<T> Data<T> {
        pub(crate) fn new(state: T) -> Self {
            Self(Arc::new(state))
        }
    }

    impl<T> Clone for Data<T> {
        fn clone(&self) -> Self {
            Self(Arc::clone(&self.0))
        }
    }

    impl<T: ?Sized> Deref for Data<T> {
        type Target = T;

        fn deref(&self) -> &T {
            &self.0
        }
    }

    /// Not `Clone`, unlike axum's.
    #[derive(Debug)]
    pub(crate) struct Json<T>(pub(crate) T);

    /// No key, whatever is in it, and not to be taken apart.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct Path<T>(T);

    impl<T> Path<T> {
        pub(crate) fn new(path: T) -> Self {
            Self(path)
        }

        pub(crate) fn into_inner(self) -> T {
            self.0
        }
    }

    /// No key, whatever is in it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct Query<T>(pub(crate) T);
}
