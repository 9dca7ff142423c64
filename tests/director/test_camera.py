"""Camera work."""

import pytest

from clapboard.timeline import Camera, Move

USUAL = [Move(kind="push_in", amount=0.25)]


@pytest.mark.parametrize(
    ("prompt", "camera"),
    [
        ("a cat", Camera(moves=USUAL)),
        ("close-up of a cat", Camera(framing="close", focus="cat", moves=USUAL)),
        ("a candle and a cat, close up", Camera(framing="close", focus="candle", moves=USUAL)),
        ("wide shot of a beach", Camera(moves=USUAL)),
        ("medium shot, beach", Camera(framing="medium", moves=USUAL)),
        ("a cat, handheld", Camera(moves=[Move(kind="handheld")])),
        ("slow pan left over the sea", Camera(moves=[Move(kind="pan_left", amount=0.25)])),
        ("the camera pans quickly to the right, sea", Camera(moves=[Move(kind="pan_right", amount=0.8)])),
        ("pan across the bay from right to left", Camera(moves=[Move(kind="pan_left")])),
        ("push in on the candle", Camera(focus="candle", moves=[Move(kind="push_in")])),
        ("camera slowly dollies in, window", Camera(moves=[Move(kind="push_in", amount=0.25)])),
        ("zoom out from the cat", Camera(focus="cat", moves=[Move(kind="pull_out")])),
        ("tilt up to the sky, camp", Camera(moves=[Move(kind="tilt_up")])),
        ("zoom in, then pull back, sea", Camera(moves=[Move(kind="push_in", to_s=4), Move(kind="pull_out", from_s=4)])),
        ("sea, pan left at 2 s", Camera(moves=[Move(kind="pan_left", from_s=2)])),
        ("sea, handheld, tilt down", Camera(moves=[Move(kind="handheld"), Move(kind="tilt_down")])),
        ("static shot of the sea", Camera()),
        ("sea, locked off", Camera()),
        ("sea, camera on a tripod", Camera()),
        ("sea, no camera movement", Camera()),
        ("sea without any zoom", Camera()),
        ("the camera follows the boat", Camera(focus="sailboat", moves=USUAL)),
        ("focus on the lighthouse", Camera(focus="lighthouse", moves=USUAL)),
    ],
)
def test_camera(plan, prompt: str, camera: Camera):
    timeline = plan(prompt)
    assert timeline.shots[0].camera == camera
    assert timeline.unstaged == []


def test_what_the_camera_cannot_do_is_reported(plan):
    timeline = plan("slow motion, aerial shot of the sea")
    assert [(item.text, item.reason) for item in timeline.unstaged] == [
        ("slow motion", "the camera cannot do this yet"),
        ("aerial shot", "the camera cannot do this yet"),
    ]


def test_a_frying_pan_is_no_camera_move(plan):
    timeline = plan("an old woman holds a frying pan over the campfire")
    assert timeline.shots[0].camera.moves == USUAL
    assert "frying pan" in {item.text for item in timeline.unstaged}
