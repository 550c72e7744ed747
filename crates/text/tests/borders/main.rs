//! What is read, held at its borders: the shortest that is, and the longest that is not.

mod announcements;
mod characters;
mod loops;
mod quantities;
mod sentences;
mod thoughts;
mod values;
