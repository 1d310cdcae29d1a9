"""The quickstart of ffi-object: run it after `maturin develop`, or through `cargo xtask test`."""

import weakref

import geometry as g

line = g.Polyline(g.List([g.Point(0, 0), g.Point(3, 4)]), g.Point(0, 0))

# One object, one identity, however often it is fetched.
assert line.points[0] is line.points[0]
assert line.origin is line.origin

# Fields hand out the object itself, so that an edit through a path is there.
line.origin.x += 1
assert line.origin.x == 1.0

# Containers are shared, not copied.
line.points.append(g.Point(3, 5))
assert line.length() == 6.0

# Functions take objects by reference, methods give back new wrappers, getters the canonical one.
assert g.distance(line.points[0], line.points[1]) == 5.0
assert line.last() == line.points[2] and line.last() is not line.points[2]
assert line.first() is line.points[0] and line.middle is line.points[1]

# What Python attaches to an object lives as long as the object.
seen = weakref.ref(line.points[1])
assert seen() is line.points[1]

print(line)
