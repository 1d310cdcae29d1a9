use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::__private::{Arguments, Receiver};

fn send<T: Send>() {}

fn main() {
    send::<Decoder<'static>>();
    send::<Encoder<'static>>();
    send::<Handle<'static>>();
    send::<Receiver<'static>>();
    send::<Arguments<'static>>();
}
