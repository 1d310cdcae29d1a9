//! Bytes to text and back.

use std::borrow::Cow;

use encoding_rs::DecoderResult;
use ffi_object::Error;

use crate::parse::Source;

/// An encoding of documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Encoding {
    /// Of 7 bits.
    Ascii,
    /// ISO 8859-1, to the letter: for the web it is Windows-1252.
    Latin1,
    /// UTF-16 with a byte order mark.
    Utf16,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// Any other.
    Other(&'static encoding_rs::Encoding),
}

impl Encoding {
    fn find(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "us-ascii" | "ascii" => Self::Ascii,
            "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1" | "l1" => Self::Latin1,
            "utf-16" | "utf16" => Self::Utf16,
            "utf-16le" => Self::Utf16Le,
            "utf-16be" => Self::Utf16Be,
            "utf8" => Self::Other(encoding_rs::UTF_8),
            label => match encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())? {
                same if same == encoding_rs::UTF_16LE => Self::Utf16Le,
                same if same == encoding_rs::UTF_16BE => Self::Utf16Be,
                other => Self::Other(other),
            },
        })
    }

    /// An encoding by its name.
    ///
    /// # Errors
    ///
    /// A `ValueError` if no encoding has this name.
    pub fn named(name: &str) -> Result<Self, Error> {
        Self::find(name).ok_or_else(|| Error::value(format!("unknown encoding {name:?}")))
    }

    /// Whether the encoding has a character.
    #[must_use]
    pub fn has(self, c: char) -> bool {
        match self {
            Self::Ascii => c.is_ascii(),
            Self::Latin1 => u32::from(c) < 0x100,
            Self::Utf16 | Self::Utf16Le | Self::Utf16Be => true,
            Self::Other(encoding) if encoding == encoding_rs::UTF_8 => true,
            Self::Other(encoding) => c.is_ascii() || !encoding.encode(c.encode_utf8(&mut [0; 4])).2,
        }
    }

    /// The bytes of a text that has only characters of this encoding.
    #[must_use]
    pub fn encode(self, text: &str) -> Cow<'_, [u8]> {
        let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        match self {
            Self::Ascii => text.as_bytes().into(),
            Self::Latin1 => {
                text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect::<Vec<u8>>().into()
            }
            Self::Utf16 => [&[0xFF, 0xFE][..], &wide(u16::to_le_bytes)].concat().into(),
            Self::Utf16Le => wide(u16::to_le_bytes).into(),
            Self::Utf16Be => wide(u16::to_be_bytes).into(),
            Self::Other(encoding) => encoding.encode(text).0,
        }
    }

    fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, Undecodable> {
        match self {
            Self::Other(encoding) if encoding == encoding_rs::UTF_8 => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(text.into()),
                Err(error) => {
                    let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
                    Err(Undecodable { before, what: "UTF-8".into() })
                }
            },
            Self::Latin1 => Ok(bytes.iter().map(|&b| char::from(b)).collect::<String>().into()),
            Self::Ascii => match bytes.iter().position(|b| !b.is_ascii()) {
                None => Ok(bytes.iter().map(|&b| char::from(b)).collect::<String>().into()),
                Some(at) => {
                    let before = bytes[..at].iter().map(|&b| char::from(b)).collect();
                    Err(Undecodable { before, what: "ASCII".into() })
                }
            },
            Self::Utf16 | Self::Utf16Le => through(encoding_rs::UTF_16LE, bytes),
            Self::Utf16Be => through(encoding_rs::UTF_16BE, bytes),
            Self::Other(encoding) => through(encoding, bytes),
        }
    }
}

struct Undecodable {
    before: String,
    what: String,
}

fn through(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> Result<Cow<'static, str>, Undecodable> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0));
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true).0 {
        DecoderResult::InputEmpty => Ok(text.into()),
        _ => Err(Undecodable { before: text, what: encoding.name().into() }),
    }
}

/// The encoding that the XML declaration names, if these bytes begin with one that can be read as ASCII.
fn declared(bytes: &[u8]) -> Option<&str> {
    let end = bytes.iter().take(1024).position(|&b| b == b'>')?;
    let declaration = std::str::from_utf8(&bytes[..end]).ok()?.strip_prefix("<?xml")?;
    let rest = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    rest[1..].split_once(quote).map(|(name, _)| name)
}

/// The text of a document, by its byte order mark, its declaration, or as UTF-8.
///
/// # Errors
///
/// A `SyntaxError` for an encoding that is not known, or bytes that are not in it.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    let utf8 = Encoding::Other(encoding_rs::UTF_8);
    let (encoding, rest) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (utf8, rest),
        [0xFF, 0xFE, rest @ ..] => (Encoding::Utf16Le, rest),
        [0xFE, 0xFF, rest @ ..] => (Encoding::Utf16Be, rest),
        [b'<', 0, ..] => (Encoding::Utf16Le, bytes),
        [0, b'<', ..] => (Encoding::Utf16Be, bytes),
        _ => match declared(bytes) {
            None => (utf8, bytes),
            Some(name) => {
                let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]);
                let at = text.find(name).unwrap_or(0);
                let error = |message: String| Source::new(&text).error(message, at);
                match Encoding::find(name) {
                    None => return Err(error(format!("unknown encoding '{name}'"))),
                    Some(Encoding::Utf16 | Encoding::Utf16Le | Encoding::Utf16Be) => {
                        return Err(error(format!("the document says that it is in {name}, but it is not")));
                    }
                    Some(encoding) => (encoding, bytes),
                }
            }
        },
    };
    encoding.decode(rest).map_err(|Undecodable { before, what }| {
        let at = before.len();
        Source::new(&before).error(format!("bytes that are not {what}"), at)
    })
}
