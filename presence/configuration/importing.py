"""Classes by import path. Injected, so that nothing here knows any connector."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

from presence.configuration.reading import Invalid, suggestion

Resolver = Callable[[str], type]
"""`module:Class` -> the class. Raises `Invalid`."""


def import_path(path: str) -> type:
    """The class that `module:Class` names. Runs the module's code. Raises `Invalid`."""
    module_name, _, class_name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            raise Invalid(f'there is no module "{error.name}".', suggestion(module_name, _beside(error.name))) from None
        raise Invalid(f'"{module_name}" needs the module "{error.name}", which is not installed.') from None
    except Exception as error:  # noqa: BLE001  # a third party's code, which may raise anything
        raise Invalid(f'"{module_name}" cannot be imported: {type(error).__name__}.', str(error).partition("\n")[0]) from None
    found = getattr(module, class_name, None)
    if not isinstance(found, type):
        names = [name for name, value in vars(module).items() if isinstance(value, type) and value.__module__ == module_name]
        raise Invalid(f'"{module_name}" has no class "{class_name}".', suggestion(class_name, names))
    return found


def _beside(missing: str) -> Iterator[str]:
    """The modules in the package in which one was looked for."""
    parent, _, _ = missing.rpartition(".")
    if parent:
        for module in pkgutil.iter_modules(importlib.import_module(parent).__path__):
            yield f"{parent}.{module.name}"
