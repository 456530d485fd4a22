"""One peer's seconds for a gradient, in a process of its own: no other library's threads spin.

    python measure.py MODULE FUNCTION CASE.json PRECISION SECONDS
"""

import importlib
import sys

NOT_INSTALLED = 3


def main():
    module, function, path, precision, budget = sys.argv[1:]
    try:
        measure = getattr(importlib.import_module(module), function)
        from case import Case

        print(measure(Case(path, precision), float(budget)))
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed", file=sys.stderr)
        sys.exit(NOT_INSTALLED)


if __name__ == "__main__":
    main()
