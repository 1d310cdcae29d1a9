use ffi_object::frontend::{Decoder, Mismatch};
use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    x: f64,
}

fn last(from: Decoder<'_>) -> Result<Option<f64>, Mismatch> {
    let mut last: Option<&Point> = None;
    from.for_each(|item| {
        last = Some(item.object()?);
        Ok(())
    })?;
    Ok(last.map(|point| point.x))
}

fn main() {}
