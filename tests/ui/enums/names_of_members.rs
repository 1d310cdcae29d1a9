use ffi_object::FfiEnum;

#[derive(FfiEnum)]
#[ffi(rename_all = "snake_case")]
enum Colour {
    Pass,
    Mro,
    #[ffi(name = "_value_")]
    Value,
    #[ffi(name = "pass_")]
    Again,
    #[ffi(name = "pass_")]
    AndAgain,
    #[ffi(skip, name = "hidden")]
    Hidden,
}

fn main() {}
