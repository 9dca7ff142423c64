"""The Timeline's reference page is what its generator writes."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_reference_is_up_to_date():
    spec = importlib.util.spec_from_file_location("make_timeline_reference", DOCS / "make_timeline_reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "timeline.md").read_text() == module.reference(), "run: python docs/make_timeline_reference.py"
