// The types of the benchmark in Python, with pybind11: objects in shared pointers.

#include <cstdint>
#include <memory>
#include <utility>

#include <pybind11/functional.h>
#include <pybind11/pybind11.h>

namespace py = pybind11;

namespace {

struct Inner {
    explicit Inner(int64_t val) : val(val) {}
    int64_t get() const { return val; }
    int64_t val;
};

struct Outer {
    explicit Outer(std::shared_ptr<Inner> x) : x(std::move(x)) {}
    std::shared_ptr<Inner> x;
};

struct Node {
    Node(std::shared_ptr<Node> left, std::shared_ptr<Node> right, int64_t number)
        : left(std::move(left)), right(std::move(right)), number(number) {}
    std::shared_ptr<Node> left, right;
    int64_t number;
};

std::shared_ptr<Node> grow(uint32_t depth, int64_t &next) {
    int64_t number = next++;
    std::shared_ptr<Node> left, right;
    if (depth > 1) {
        left = grow(depth - 1, next);
        right = grow(depth - 1, next);
    }
    return std::make_shared<Node>(left, right, number);
}

int64_t call_back(const py::function &function, int64_t count) {
    int64_t sum = 0;
    for (int64_t number = 0; number < count; number++)
        sum += function(number).cast<int64_t>();
    return sum;
}

}  // namespace

PYBIND11_MODULE(peer_pybind11, m, py::mod_gil_not_used()) {
    py::class_<Inner, std::shared_ptr<Inner>>(m, "Inner")
        .def(py::init<int64_t>())
        .def_readwrite("val", &Inner::val)
        .def("get", &Inner::get)
        .def(py::pickle([](const Inner &self) { return py::make_tuple(self.val); },
                        [](const py::tuple &state) { return std::make_shared<Inner>(state[0].cast<int64_t>()); }));
    py::class_<Outer, std::shared_ptr<Outer>>(m, "Outer")
        .def(py::init<std::shared_ptr<Inner>>())
        .def_readwrite("x", &Outer::x);
    py::class_<Node, std::shared_ptr<Node>>(m, "Node")
        .def(py::init<std::shared_ptr<Node>, std::shared_ptr<Node>, int64_t>())
        .def_readonly("left", &Node::left)
        .def_readonly("right", &Node::right)
        .def_readonly("number", &Node::number);

    m.def("f", [](const Inner &b) { return b.val; });
    m.def("tree", [](uint32_t depth) {
        int64_t next = 0;
        return grow(depth, next);
    });
    m.def("call_back", &call_back);
    m.def("adder", [](int64_t n) { return py::cpp_function([n](int64_t x) { return x + n; }); });
    m.def("fail", []() { throw py::value_error("no"); });
}
