//! What is tried to make an index wrong, lost or silent: `make reliability`.

mod damage;
