use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Name {
    text: String,
}

#[ffi_methods]
impl Name {
    fn text(&self) -> &str {
        &self.text
    }
    fn optional(&self) -> Option<&str> {
        Some(&self.text)
    }
    fn longer<'a>(&'a self, other: &'a Name) -> &'a str {
        if self.text.len() < other.text.len() { &other.text } else { &self.text }
    }
    fn fallible(&self, text: &str) -> Result<&str, std::num::ParseIntError> {
        text.parse::<i64>().map(|_| &*self.text)
    }
}

fn main() {}
