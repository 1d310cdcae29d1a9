"""Constants are folded, whatever the tree, and what stays is the same objects as before."""

import gc
import math

import pytest

import folding as f
from folding import ffi

OPS = [f.Op.Add, f.Op.Sub, f.Op.Mul, f.Op.Div]


def num(value):
    return f.Number(value)


def var(name="x"):
    return f.Variable(name)


def add(a, b):
    return f.Binary(f.Op.Add, a, b)


def mul(a, b):
    return f.Binary(f.Op.Mul, a, b)


@pytest.fixture(autouse=True)
def nothing_is_left():
    gc.collect()
    before = ffi.live_objects()
    yield
    gc.collect()
    assert ffi.live_objects() == before


def test_constants_fold_to_one():
    folded = f.fold(add(num(1), mul(num(2), num(3))))
    assert type(folded) is f.Number and folded.value == 7.0


def test_what_is_not_constant_stays_and_is_the_same_objects():
    x = var()
    product = mul(x, add(num(1), num(2)))
    root = add(product, num(4))
    assert f.fold(root) is root
    assert root.left is product and product.left is x
    assert type(product.right) is f.Number and product.right.value == 3.0


def test_the_line_is_kept():
    assert f.fold(f.Binary(f.Op.Add, num(1), num(2), line=7)).line == 7


@pytest.mark.parametrize(
    "make",
    [
        lambda x: mul(x, num(1)), lambda x: mul(num(1), x), lambda x: f.Binary(f.Op.Div, x, num(1)),
        lambda x: f.Binary(f.Op.Sub, x, num(0)), lambda x: mul(mul(x, num(1)), add(num(0.5), num(0.5))),
    ],
)  # fmt: skip
def test_what_changes_nothing_gives_way_to_its_operand(make):
    x = var()
    assert f.fold(make(x)) is x


@pytest.mark.parametrize("make", [lambda x: add(x, num(0)), lambda x: mul(x, num(0)), lambda x: f.Binary(f.Op.Sub, x, num(-0.0))])
def test_what_does_not_hold_for_all_floats_is_left(make):
    # -0.0 + 0 is 0.0; inf * 0 is nan.
    root = make(var())
    assert f.fold(root) is root


def test_division_by_zero_is_a_float_s():
    folded = f.fold(f.Binary(f.Op.Div, num(1), num(0)))
    assert folded.value == math.inf
    assert math.isnan(f.fold(f.Binary(f.Op.Div, num(0), num(0))).value)


def test_a_shared_operand_is_folded_once_and_stays_shared():
    shared = add(num(1), num(2))
    root = f.Binary(f.Op.Add, mul(var("x"), shared), mul(var("y"), shared))
    assert f.census(root) == {"Binary": 4, "Number": 2, "Variable": 2}
    f.fold(root)
    assert root.left.right is root.right.right and root.left.right.value == 3.0
    assert f.census(root) == {"Binary": 3, "Number": 1, "Variable": 2}


def test_arguments_of_calls_are_folded_in_their_list():
    call = f.Call("f", [add(num(1), num(2)), var()])
    arguments = call.arguments
    assert f.fold(call) is call and call.arguments is arguments
    assert arguments[0].value == 3.0 and arguments[1].name == "x"


def test_the_root_is_a_node_of_python_s_with_state():
    class Noted(f.Binary):
        pass

    root = Noted(f.Op.Add, var(), add(num(1), num(2)))
    root.note = "kept"
    folded = f.fold(root)
    assert folded is root and folded.note == "kept" and type(folded) is Noted


def test_rules_fold_what_the_pass_does_not_know():
    functions = {"sqrt": math.sqrt, "max": max}

    def rule(call):
        if call.function in functions and all(isinstance(a, f.Number) for a in call.arguments):
            return f.Number(float(functions[call.function](*(a.value for a in call.arguments))))
        return None

    tree = add(f.Call("sqrt", [add(num(8), num(8))]), f.Call("max", [num(1), f.Call("sqrt", [num(9)])]))
    assert f.fold(tree, {"Call": rule}).value == 7.0
    unknown = f.Call("random", [num(1)])
    assert f.fold(unknown, {"Call": rule}) is unknown
    # A rule comes before what the pass knows.
    assert f.fold(num(1), {"Number": lambda node: f.Number(node.value + 1)}).value == 2.0


@ffi.define
class Negate(f.Expr):
    """A node whose type is defined in Python."""

    of: f.Expr


@ffi.define
class Sum(f.Expr):
    """One that holds any number of nodes."""

    terms: tuple[f.Expr, ...]


def negate(node):
    return f.Number(-node.of.value) if isinstance(node.of, f.Number) else None


def total(node):
    if all(isinstance(term, f.Number) for term in node.terms):
        return f.Number(sum(term.value for term in node.terms))


RULES = {"Negate": negate, "Sum": total}


def test_the_pass_goes_through_nodes_of_types_defined_in_python():
    x = var()
    folding, staying = Negate(add(num(1), num(2))), Negate(x)
    root = mul(folding, staying)
    assert f.census(root) == {"Negate": 2, "Variable": 1, "Number": 2, "Binary": 2}
    assert f.variables(root) == ("x",)
    # Without a rule they stay, and what they hold is folded and written to them.
    assert f.fold(root) is root and root.left is folding and folding.of.value == 3.0
    assert f.fold(root, RULES) is root
    assert root.left.value == -3.0 and root.right is staying and staying.of is x


def test_types_of_both_languages_fold_into_one_number():
    root = Sum([Negate(mul(num(2), num(3))), Sum([num(1), Negate(num(2))]), f.Binary(f.Op.Sub, num(9), Negate(num(1)))])
    assert f.fold(root, RULES).value == 3.0
    shared = Negate(add(num(1), num(1)))
    root = Sum([var(), shared, mul(var("y"), shared)])
    assert f.fold(root, RULES) is root
    assert root.terms[1] is root.terms[2].right and root.terms[1].value == -2.0


def test_a_rule_sees_nodes_whose_operands_are_folded():
    seen = []
    tree = add(mul(num(2), num(3)), var())

    def rule(node):
        seen.append((node.op, type(node.left).__name__))

    f.fold(tree, {"Binary": rule})
    assert seen == [(f.Op.Mul, "Number"), (f.Op.Add, "Binary")]


def test_what_goes_wrong_in_a_rule_comes_out():
    own = ValueError("mine")

    def fail(_):
        raise own

    tree = add(num(1), num(2))
    with pytest.raises(ValueError) as caught:
        f.fold(tree, {"Binary": fail})
    assert caught.value is own and tree.left.value == 1.0
    with pytest.raises(TypeError, match="expected Expr, got int"):
        f.fold(tree, {"Binary": lambda _: 3})


def test_a_tree_may_be_deeper_than_any_stack():
    tree = num(0)
    for _ in range(100_000):
        tree = add(tree, num(1))
    assert f.evaluate(tree) == 100_000.0
    assert f.fold(tree).value == 100_000.0
    deep = var()
    for _ in range(100_000):
        deep = add(deep, num(1))
    assert f.fold(deep) is deep and f.evaluate(deep, {"x": 1.0}) == 100_001.0


def test_a_tree_that_contains_itself_is_walked_once():
    root = add(num(1), num(2))
    root.left = root
    assert f.fold(root) is root
    assert f.census(root) == {"Binary": 1, "Number": 1}
    with pytest.raises(ValueError, match="the expression contains itself"):
        f.evaluate(root)
    root.left = num(0)


def test_variables_are_found_in_order():
    assert f.variables(add(mul(var("b"), var("a")), f.Call("f", [var("b"), var("c")]))) == ("b", "a", "c")
    with pytest.raises(KeyError, match="the variable 'x' has no value"):
        f.evaluate(var())
    with pytest.raises(TypeError, match="cannot evaluate a Call"):
        f.evaluate(f.Call("f"))


def test_folding_changes_no_value():
    """Random trees: the same value before and after, and nothing left to fold."""
    hypothesis = pytest.importorskip("hypothesis")
    from hypothesis import strategies as st

    leaves = st.one_of(st.sampled_from([0.0, -0.0, 1.0, 2.5, math.inf, 1e308]).map(num), st.sampled_from("xy").map(var))
    trees = st.recursive(
        leaves, lambda inner: st.builds(lambda op, a, b: f.Binary(op, a, b), st.sampled_from(OPS), inner, inner), max_leaves=40
    )

    @hypothesis.given(trees, st.floats(), st.floats())
    @hypothesis.settings(max_examples=300, deadline=None, database=None)
    def check(tree, x, y):
        values = {"x": x, "y": y}
        before = f.evaluate(tree, values)
        folded = f.fold(tree)
        after = f.evaluate(folded, values)
        assert before == after and math.copysign(1, before) == math.copysign(1, after) or math.isnan(before) and math.isnan(after)
        assert f.fold(folded) is folded
        if not f.variables(folded):
            assert isinstance(folded, f.Number)

    check()
