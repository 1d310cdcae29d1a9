// The types of the benchmark in Python, with nanobind: objects with intrusive counts, and objects in shared pointers.

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

#include <nanobind/nanobind.h>
#include <nanobind/intrusive/counter.h>
#include <nanobind/intrusive/counter.inl>
#include <nanobind/intrusive/ref.h>
#include <nanobind/stl/shared_ptr.h>

namespace nb = nanobind;

namespace {

struct Inner : nb::intrusive_base {
    explicit Inner(int64_t val) : val(val) {}
    int64_t get() const { return val; }
    int64_t val;
};

struct Outer : nb::intrusive_base {
    explicit Outer(nb::ref<Inner> x) : x(std::move(x)) {}
    nb::ref<Inner> x;
};

struct SharedInner {
    explicit SharedInner(int64_t val) : val(val) {}
    int64_t get() const { return val; }
    int64_t val;
};

struct SharedOuter {
    explicit SharedOuter(std::shared_ptr<SharedInner> x) : x(std::move(x)) {}
    std::shared_ptr<SharedInner> x;
};

struct Node : nb::intrusive_base {
    Node(nb::ref<Node> left, nb::ref<Node> right, int64_t number)
        : left(std::move(left)), right(std::move(right)), number(number) {}
    nb::ref<Node> left, right;
    int64_t number;
};

nb::ref<Node> grow(uint32_t depth, int64_t &next) {
    int64_t number = next++;
    nb::ref<Node> left, right;
    if (depth > 1) {
        left = grow(depth - 1, next);
        right = grow(depth - 1, next);
    }
    return new Node(left, right, number);
}

int64_t call_back(const nb::callable &function, int64_t count) {
    int64_t sum = 0;
    for (int64_t number = 0; number < count; number++)
        sum += nb::cast<int64_t>(function(number));
    return sum;
}

}  // namespace

NB_MODULE(peer_nanobind, m) {
    nb::intrusive_init(
        [](PyObject *o) noexcept {
            nb::gil_scoped_acquire guard;
            Py_INCREF(o);
        },
        [](PyObject *o) noexcept {
            nb::gil_scoped_acquire guard;
            Py_DECREF(o);
        });

    nb::class_<nb::intrusive_base>(
        m, "Object",
        nb::intrusive_ptr<nb::intrusive_base>([](nb::intrusive_base *o, PyObject *po) noexcept { o->set_self_py(po); }));

    nb::class_<Inner, nb::intrusive_base>(m, "Inner", nb::is_weak_referenceable())
        .def(nb::init<int64_t>())
        .def_rw("val", &Inner::val)
        .def("get", &Inner::get)
        .def("__getstate__", [](const Inner &self) { return nb::make_tuple(self.val); })
        .def("__setstate__", [](Inner &self, const nb::tuple &state) { new (&self) Inner(nb::cast<int64_t>(state[0])); });
    nb::class_<Outer, nb::intrusive_base>(m, "Outer").def(nb::init<nb::ref<Inner>>()).def_rw("x", &Outer::x);
    nb::class_<SharedInner>(m, "SharedInner")
        .def(nb::init<int64_t>())
        .def_rw("val", &SharedInner::val)
        .def("get", &SharedInner::get);
    nb::class_<SharedOuter>(m, "SharedOuter")
        .def(nb::init<std::shared_ptr<SharedInner>>())
        .def_rw("x", &SharedOuter::x);
    nb::class_<Node, nb::intrusive_base>(m, "Node")
        .def(nb::init<nb::ref<Node>, nb::ref<Node>, int64_t>(), nb::arg().none(), nb::arg().none(), nb::arg())
        .def_ro("left", &Node::left)
        .def_ro("right", &Node::right)
        .def_ro("number", &Node::number);

    m.def("f", [](const Inner &b) { return b.val; });
    m.def("f_shared", [](const SharedInner &b) { return b.val; });
    m.def("tree", [](uint32_t depth) {
        int64_t next = 0;
        return grow(depth, next);
    });
    m.def("call_back", &call_back);
    m.def("adder", [](int64_t n) { return nb::cpp_function([n](int64_t x) { return x + n; }); });
    m.def("fail", []() { throw nb::value_error("no"); });
}
