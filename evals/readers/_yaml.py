"""YAML from strangers: small, plain values only, no anchors, no key twice."""

from __future__ import annotations

from collections.abc import Hashable

import yaml

from evals.readers import _json
from evals.records import UnreadableFile

# The parser is slow, and what is kept in YAML is written by hand.
LARGEST = 256 << 10


class _Loader(yaml.SafeLoader):
    """The safe loader without aliases, by which a short text can stand for a huge value."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(
                None,
                None,
                "an alias, which is not read",
                self.peek_event().start_mark,  # type: ignore[no-untyped-call]
            )
        return super().compose_node(parent, index)

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable) or key in seen:
                what = "a key that stands twice" if isinstance(key, Hashable) else "a strange key"
                raise yaml.constructor.ConstructorError(None, None, what, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def document(name: str, text: str) -> object:
    """The value of a text of at most LARGEST characters; UnreadableFile for anything else."""
    if len(text) > LARGEST:
        raise UnreadableFile(f"{name}: longer than {LARGEST} characters.")
    try:
        # A subclass of the safe loader.
        found: object = yaml.load(text, Loader=_Loader)  # noqa: S506
        _json.check_depth(found)
    except yaml.MarkedYAMLError as error:
        place = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadableFile(f"{name}{place}: not YAML that is read ({error.problem}).") from error
    except RecursionError as error:
        raise UnreadableFile(f"{name}: nested too deeply.") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableFile(f"{name}: not YAML that is read ({reason}).") from error
    return found
