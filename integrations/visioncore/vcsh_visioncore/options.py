"""Options of a part, as a configuration gives them."""

import math


class Options:
    """Options of a norm, each read once; what is left over is a mistake.

    Args:
        values: ``norm_params`` of a configuration, or None.
        place: where it stands, for messages.
    """

    def __init__(self, values, place):
        self.values = dict(values or {})
        self.place = place

    def take(self, key, standard=None, choices=None):
        value = self.values.pop(key, None)
        value = standard if value is None else value
        if choices is not None and value not in choices:
            raise ValueError(f"{self.place}.{key}: unknown {value!r}; known: {', '.join(map(str, choices))}")
        return value

    def number(self, key, standard, above=None, least=None):
        value = float(self.take(key, standard))
        if not math.isfinite(value) or (above is not None and value <= above) or (least is not None and value < least):
            raise ValueError(f"{self.place}.{key}: {value} is out of range")
        return value

    def size(self, key, standard):
        value = self.take(key, standard)
        if isinstance(value, bool) or int(value) != value or value < 1:
            raise ValueError(f"{self.place}.{key}: {value} is not a whole number of at least 1")
        return int(value)

    def finish(self):
        if self.values:
            raise ValueError(f"{self.place}: unknown options {', '.join(sorted(map(str, self.values)))}")
