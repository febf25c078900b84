//! Words for people: times in a zone, time passed, Markdown.
