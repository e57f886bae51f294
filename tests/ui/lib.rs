//! Nothing: through it trybuild turns on for the cases what features this package has.
