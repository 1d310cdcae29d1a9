"""What ffi.define makes of a class body: fields from annotations, and the class anew, as a subclass of a native class."""

import collections.abc
import sys
import types
import typing

# The frontend adds `Object`, `fields`, `build` and `finish`.

MISSING = type("MISSING", (), {"__slots__": (), "__repr__": lambda self: "MISSING", "__bool__": lambda self: False})()


class Field:
    """What ffi.field() says of a field."""

    __slots__ = ("default", "factory", "kw_only", "init", "repr", "frozen", "doc")

    def __init__(self, default, factory, kw_only, init, repr, frozen, doc):
        self.default, self.factory, self.kw_only, self.init = default, factory, kw_only, init
        self.repr, self.frozen, self.doc = repr, frozen, doc


def field(*, default=MISSING, factory=MISSING, kw_only=MISSING, init=True, repr=True, frozen=MISSING, doc=""):
    """A field of a class with @ffi.define, with a default, or a factory that makes one for each object.

    kw_only: given by name only. init=False: not given at all, so that it needs a default. repr=False: not shown.
    frozen: cannot be assigned to.
    """
    if default is not MISSING and factory is not MISSING:
        raise TypeError("field() takes a default or a factory, not both")
    if factory is not MISSING and not callable(factory):
        raise TypeError(f"field() argument 'factory' must be callable, not {type(factory).__name__}")
    return Field(default, factory, kw_only, init, repr, frozen, doc)


def define(cls=None, /, *, frozen=False, kw_only=False, eq=False, order=False, repr=True):
    """Makes a class whose annotations are fields of an object type: its objects live in Rust, as those of native classes.

    frozen: fields cannot be assigned to. kw_only: the constructor takes all fields by name. eq: objects are compared by
    their fields. order: they are ordered by them. repr=False: the text shows no fields.
    """
    options = types.SimpleNamespace(frozen=frozen, kw_only=kw_only, eq=eq or order, order=order, repr=repr)
    # Where the decorator is: the caller of this function, or of what it gives back.
    if cls is not None:
        return _define(cls, options, sys._getframe(1))
    return lambda cls: _define(cls, options, sys._getframe(1))


define.__dataclass_transform__ = {
    "eq_default": False,
    "order_default": False,
    "kw_only_default": False,
    "frozen_default": False,
    "field_specifiers": (field,),
    "kwargs": {},
}

# The defined classes by module and qualified name, for annotations that name them.
_defined = {}


class _Scope(dict):
    """The names that annotations of a class may use beside its module's: its own, and those of its neighbours."""

    def __init__(self, cls, own):
        super().__init__({cls.__name__: own})
        self.place = cls.__module__, cls.__qualname__.rpartition(".")[0]
        self.globals = getattr(sys.modules.get(cls.__module__), "__dict__", {})

    def __missing__(self, name):
        module, outer = self.place
        return _defined[module, f"{outer}.{name}" if outer else name]


class _Rules:
    """From annotations to what a field may hold."""

    def __init__(self, cls):
        self.cls = cls
        # Stands for the class while it is being made.
        self.own = type(cls.__name__, (), {})
        self.scope = _Scope(cls, self.own)

    def of(self, hint):
        """What the frontend makes a rule of."""
        if isinstance(hint, str):
            return self.of_text(hint)
        if isinstance(hint, typing.ForwardRef):
            return self.of_text(hint.__forward_arg__, hint)
        if hint is None or hint is type(None):
            return ("none",)
        if hint is typing.Any or hint is object:
            return ("any",)
        if hint is self.own or hint is getattr(typing, "Self", self.own):
            return ("this",)
        if hint in (bool, int, float, str, bytes):
            return (hint.__name__,)
        if isinstance(hint, typing.TypeVar):
            return self.of(hint.__bound__) if hint.__bound__ is not None else ("any",)
        if hasattr(hint, "__supertype__"):
            return self.of(hint.__supertype__)
        if hint is typing.Callable or hint is collections.abc.Callable:
            return ("callable",)
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin is None and isinstance(hint, type):
            return ("object" if issubclass(hint, Object) else "class", hint)
        if origin is typing.Annotated:
            return self.of(hint.__origin__)
        if origin is typing.Union or origin is types.UnionType:
            return ("union", tuple(self.of(arg) for arg in args))
        if origin is collections.abc.Callable:
            return ("callable",)
        if origin is typing.Literal:
            return ("literal", args)
        if origin is tuple and len(args) == 2 and args[1] is ...:
            return ("tuple_of", self.of(args[0]))
        if origin is tuple and hint is not typing.Tuple:
            return ("tuple", tuple(self.of(arg) for arg in args if arg != ()))
        if isinstance(origin, type):
            return self.of(origin)
        raise TypeError(f"the annotation {hint!r} is not supported")

    def of_text(self, text, ref=None):
        try:
            return self.of(self.evaluate(text, ref))
        except NameError:
            # Of a class that comes later.
            return ("later", text, lambda: self.of(self.evaluate(text, ref)))

    def evaluate(self, text, ref):
        try:
            return eval(text, self.scope.globals, self.scope)
        except NameError:
            # Since 3.14 an annotation knows the names around it.
            if not hasattr(ref, "evaluate"):
                raise
            return ref.evaluate()

    def made(self, cls):
        """The class is there: annotations that are still to be evaluated mean it."""
        self.scope[cls.__name__] = cls


def _annotations(cls):
    if sys.version_info >= (3, 14):
        import annotationlib

        return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
    return cls.__dict__.get("__annotations__", {})


def _is(hint, special):
    """Whether an annotation is a special form of typing's, or text that says so."""
    if isinstance(hint, typing.ForwardRef):
        hint = hint.__forward_arg__
    if isinstance(hint, str):
        return hint.split("[")[0].strip().rpartition(".")[2] == special
    form = getattr(typing, special)
    return hint is form or typing.get_origin(hint) is form


def _own_fields(cls, options):
    """Names, annotations and descriptions of a class's own fields."""
    annotations, body = _annotations(cls), cls.__dict__
    for name, value in body.items():
        if isinstance(value, Field) and name not in annotations:
            raise TypeError(f"{cls.__name__}.{name} is a field without a type annotation")
    kw_only = options.kw_only
    for name, hint in annotations.items():
        if _is(hint, "ClassVar"):
            if isinstance(body.get(name), Field):
                raise TypeError(f"{cls.__name__}.{name} cannot be both a field and a ClassVar")
            continue
        if hint is getattr(sys.modules.get("dataclasses"), "KW_ONLY", MISSING) or hint == "KW_ONLY":
            kw_only = True
            continue
        own = body.get(name, MISSING)
        if not isinstance(own, Field):
            own = field(default=own)
        if own.default is not MISSING and type(own.default).__hash__ is None:
            raise ValueError(
                f"mutable default {type(own.default)} for field {name} of {cls.__name__} is not allowed: "
                f"use ffi.field(factory=...)"
            )
        if not own.init and own.default is MISSING and own.factory is MISSING:
            raise TypeError(f"{cls.__name__}.{name}: a field with init=False needs a default or a factory")
        final = _is(hint, "Final")
        if final and not isinstance(hint, str):
            hint = (typing.get_args(hint) or (typing.Any,))[0]
        elif final:
            hint = hint.partition("[")[2].rpartition("]")[0] or "object"
        yield name, hint, types.SimpleNamespace(
            default=own.default,
            factory=own.factory,
            kw_only=kw_only if own.kw_only is MISSING else own.kw_only,
            init=own.init,
            repr=own.repr,
            frozen=final or (options.frozen if own.frozen is MISSING else own.frozen),
            doc=own.doc,
        )


def _check_order(cls, own):
    """No required positional parameter after one with a default."""
    with_default = [f.name for f in fields(cls) if f.init and not f.kw_only and not f.required]
    for name, _, options in own:
        if not options.init or options.kw_only:
            continue
        if options.default is not MISSING or options.factory is not MISSING:
            with_default.append(name)
        elif with_default:
            raise TypeError(f"{cls.__name__}: non-default argument '{name}' follows default argument '{with_default[-1]}'")


def _text(value):
    """A default as signatures show it, in the words of Rust."""
    if value is True or value is False:
        return str(value).lower()
    if type(value) is str:
        return f'"{value}"'
    return repr(value) if value is None or type(value) in (int, float) else "..."


# Slots that change nothing about where others are.
_NO_ROOM = {"__dict__", "__weakref__"}


def _define(cls, options, frame):
    if not isinstance(cls, type):
        raise TypeError(f"define() argument must be a class, not {type(cls).__name__}")
    if not issubclass(cls, Object):
        raise TypeError(f"{cls.__name__} does not extend ffi.Object: write `class {cls.__name__}(ffi.Object):`")
    if _defined.get((cls.__module__, cls.__qualname__)) is cls:
        raise TypeError(f"{cls.__name__} is defined already")
    for base in cls.__mro__[1:]:
        slots = base.__dict__.get("__slots__", ()) if issubclass(base, Object) else ()
        if {slots} - _NO_ROOM if isinstance(slots, str) else {*slots} - _NO_ROOM:
            raise TypeError(
                f"{cls.__name__} extends '{base.__name__}', which has __slots__ of its own: its fields have no place then"
            )
    rules = _Rules(cls)
    own = list(_own_fields(cls, options))
    _check_order(cls, own)
    described = []
    for name, hint, f in own:
        try:
            rule = rules.of(hint)
        except TypeError as error:
            raise TypeError(f"{cls.__name__}.{name}: {error}") from None
        kind = 2 if not f.init else 1 if f.kw_only else 0
        default = (1, f.default, _text(f.default)) if f.default is not MISSING else (0, None, "")
        default = (2, f.factory, "...") if f.factory is not MISSING else default
        described.append((name, f.doc, rule, not f.frozen, kind, f.repr, default))
    place = frame.f_code.co_filename, frame.f_lineno
    names = cls.__name__, cls.__module__, cls.__qualname__, cls.__doc__ or ""
    hidden = build(cls, names, place, described, hasattr(cls, "__post_init__"))
    made = _rebuild(cls, hidden, own, options)
    finish(hidden, made)
    _move_cells(cls, made)
    rules.made(made)
    _defined[cls.__module__, cls.__qualname__] = made
    return made


def _rebuild(cls, hidden, own, options):
    """The class anew, as a subclass of the native class that has its fields."""
    body = dict(cls.__dict__)
    slots = body.get("__slots__", ())
    slots = (slots,) if isinstance(slots, str) else tuple(slots)
    for name in {"__dict__", "__weakref__", *slots, *(name for name, _, _ in own)}:
        body.pop(name, None)
    body["__slots__"] = tuple(slot for slot in slots if slot != "__weakref__")
    body["__qualname__"] = cls.__qualname__
    for name, value in _methods(cls, hidden, options).items():
        body.setdefault(name, value)
    # Instead of the native class that it extends, and before what has that class's objects.
    native = hidden.__base__
    bases = [base for base in cls.__bases__ if base is not native]
    place = next((i for i, base in enumerate(bases) if issubclass(base, Object)), len(bases))
    place = min(place, cls.__bases__.index(native)) if native in cls.__bases__ else place
    bases.insert(place, hidden)
    return type(cls)(cls.__name__, tuple(bases), body)


def _methods(cls, hidden, options):
    """What the options ask for, by name."""
    described = fields(hidden)
    names = tuple(f.name for f in described)

    def values(this):
        return tuple([getattr(this, name) for name in names])

    def compare(symbol, of):
        def method(self, other):
            return of(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

        method.__name__, method.__qualname__ = symbol, f"{cls.__qualname__}.{symbol}"
        method.__module__ = cls.__module__
        return method

    methods = {}
    if options.eq:
        methods["__eq__"] = compare("__eq__", lambda a, b: a == b)
        # What can change must not decide a hash.
        fixed = all(f.read_only for f in described)
        methods["__hash__"] = (lambda self: hash(values(self))) if fixed else None
        if "__eq__" in cls.__dict__:
            del methods["__hash__"]
    if options.order:
        methods["__lt__"] = compare("__lt__", lambda a, b: a < b)
        methods["__le__"] = compare("__le__", lambda a, b: a <= b)
        methods["__gt__"] = compare("__gt__", lambda a, b: a > b)
        methods["__ge__"] = compare("__ge__", lambda a, b: a >= b)
    if not options.repr:
        methods["__repr__"] = object.__repr__
    return methods


def _move_cells(cls, made):
    """Makes `super()` and `__class__` in methods mean the new class."""
    seen = set()

    def visit(value):
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, property):
            for function in (value.fget, value.fset, value.fdel):
                visit(function)
        for name in ("__func__", "__wrapped__", "func"):
            inner = getattr(value, name, None) if not isinstance(value, type) else None
            if inner is not None:
                visit(inner)
        for cell in getattr(value, "__closure__", None) or ():
            try:
                if cell.cell_contents is cls:
                    cell.cell_contents = made
            except ValueError:
                # An empty cell.
                pass

    for value in cls.__dict__.values():
        visit(value)
