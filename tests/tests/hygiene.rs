//! Expansions compile wherever they stand: under strict lints, without a prelude, among other meanings of names.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings, clippy::all, clippy::pedantic)]
#![deny(
    unreachable_pub,
    unused_qualifications,
    single_use_lifetimes,
    let_underscore_drop,
    missing_debug_implementations
)]

mod no_prelude {
    #![no_implicit_prelude]

    use ::ffi_object::{FfiObject, Mut, Obj, ffi_function, ffi_methods};

    #[derive(FfiObject)]
    pub(crate) struct Bare {
        number: i64,
        #[ffi(default)]
        text: Mut<::std::string::String>,
        #[ffi(skip)]
        hidden: ::core::option::Option<u8>,
        #[ffi(default = 1 + 2)]
        r#type: u8,
    }

    #[ffi_methods]
    impl Bare {
        #[ffi(new)]
        fn make(number: i64) -> Self {
            Self {
                number,
                text: Mut::new(::std::string::String::new()),
                hidden: ::core::option::Option::None,
                r#type: 0,
            }
        }
        fn sum(&self, r#type: &Bare, #[ffi(default = 3)] n: i64) -> i64 {
            self.number + r#type.number + n
        }
        fn own(self: &Obj<Self>) -> Obj<Self> {
            ::core::clone::Clone::clone(self)
        }
        fn alone(self: &Obj<Self>) -> u8 {
            1
        }
        fn r#match(&self) -> ::core::option::Option<u8> {
            self.hidden
        }
    }

    #[derive(FfiObject)]
    pub(crate) struct Held<A> {
        held: A,
    }

    ::ffi_object::register!(Held<i64> as "HeldInt");

    #[ffi_methods]
    impl<A: ::ffi_object::Value + ::ffi_object::Return + ::core::clone::Clone> Held<A>
    where
        Self: FfiObject,
    {
        #[ffi(const)]
        const ONE: u8 = 1;

        #[ffi(new)]
        fn make(held: A) -> Self {
            Self { held }
        }
        fn get(&self, #[ffi(default = Self::ONE)] n: u8) -> ::core::option::Option<A> {
            if n == 0 {
                return ::core::option::Option::None;
            }
            ::core::option::Option::Some(::core::clone::Clone::clone(&self.held))
        }
        fn own(self: &Obj<Self>) -> Obj<Self> {
            ::core::clone::Clone::clone(self)
        }
    }

    #[derive(FfiObject)]
    #[deprecated]
    pub(crate) struct Old {
        #[deprecated]
        value: i64,
    }

    #[ffi_function]
    fn bare(text: &str) -> usize {
        text.len()
    }
}

mod shadowed {
    #![allow(dead_code, unused_macros, non_camel_case_types, reason = "they only stand in the way")]

    use ffi_object::{FfiObject, ffi_function, ffi_methods};

    struct Option;
    struct Result;
    struct Vec;
    struct String;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Box;
    struct bool;
    struct str;
    struct u8;
    struct usize;
    struct isize;
    trait Default {}
    trait Send {}
    trait Borrow {}
    trait Fn {}
    mod core {}
    mod std {}
    mod ffi_object_derive {}
    macro_rules! concat {
        () => {};
    }
    macro_rules! assert {
        () => {};
    }
    const LIMIT: i64 = 5;

    #[derive(FfiObject)]
    pub(crate) struct Type {
        #[ffi(default)]
        first: i64,
        #[ffi(default = LIMIT)]
        args: i64,
        #[ffi(skip)]
        index: i64,
    }

    #[derive(FfiObject)]
    #[repr(C)]
    pub(crate) struct Entry {
        #[ffi(base)]
        base: Type,
        #[ffi(default = 2)]
        this: i64,
    }

    #[ffi_methods]
    impl Type {
        pub(crate) fn name(&self, this: i64, args: i64, out: i64) -> i64 {
            self.first + this + args + out + self.index
        }
    }

    #[ffi_methods]
    impl Entry {
        fn call(&self) -> i64 {
            self.this + self.base.args
        }
    }

    #[derive(FfiObject)]
    pub(crate) struct rt<T> {
        this: T,
    }

    ffi_object::register!(rt<i64> as "Runtime");

    #[ffi_methods]
    impl<T: ffi_object::Value + ffi_object::Return + Copy> rt<T> {
        #[ffi(new)]
        fn new(args: T) -> Self {
            Self { this: args }
        }
        fn name(&self, this: T, args: i64) -> (T, i64) {
            (if args > LIMIT { this } else { self.this }, args)
        }
    }

    #[ffi_function]
    pub(crate) fn function(argument_0: i64, argument_1: &Entry) -> i64 {
        argument_0 + argument_1.this
    }
}

mod by_macro {
    use ffi_object::{FfiObject, ffi_function, ffi_methods};

    macro_rules! object {
        ($name:ident, $field:ident: $ty:ty = $default:expr, $method:ident) => {
            #[derive(FfiObject)]
            pub(crate) struct $name {
                #[ffi(default = $default)]
                $field: $ty,
            }
            #[ffi_methods]
            impl $name {
                #[ffi(getter)]
                fn $method(&self) -> $ty {
                    self.$field
                }
            }
            #[ffi_function]
            fn from_macro(value: &$name) -> $ty {
                value.$field
            }
        };
    }
    object!(Made, value: i64 = 1 + 1, twice);
}

#[test]
fn also_inside_a_function() {
    use ffi_object::{FfiObject, Mut, Obj, ffi_function, ffi_methods};

    #[derive(FfiObject)]
    struct Local {
        count: Mut<u32>,
    }

    #[ffi_methods]
    impl Local {
        fn up(&self) {
            self.count.set(self.count.get() + 1);
        }
    }

    #[ffi_function]
    fn local(of: &Local) -> u32 {
        of.count.get()
    }

    let object = Obj::new(Local { count: Mut::new(1) });
    object.up();
    assert_eq!(local(&object), 2);
}

#[test]
fn raw_identifiers_lose_their_prefix() {
    let classes = &ffi_object::registry().unwrap().classes;
    let bare = classes.iter().find(|c| c.info.name == "Bare").unwrap();
    assert_eq!(bare.info.fields[2].name, "type");
    assert!(bare.functions.iter().any(|f| f.name == "match"));
}
