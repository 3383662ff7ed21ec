"""Tags and notes of a run folder, through the real file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.catalogue.annotations import Annotations, NotSaved
from logger import schema

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / schema.ANNOTATIONS_FILE).read_text().splitlines()]


def test_processes_read_each_others_lines_and_the_last_one_counts(tmp_path: Path) -> None:
    one, other = Annotations(tmp_path), Annotations(tmp_path)
    assert one.tag([A, B, A], "blurry", who="Ana") == 2
    assert other.tagged() == [(A, "blurry"), (B, "blurry")]
    assert other.tag([B, C], "blurry", removed=True) == 1
    assert other.tag([A], "odd") == 1
    assert one.tagged() == Annotations(tmp_path).tagged() == [(A, "blurry"), (A, "odd")]
    assert [tag.who for tag in one.of(A)[0]] == ["Ana", ""]
    assert len(lines(tmp_path)) == 4


def test_nothing_is_written_without_a_change(tmp_path: Path) -> None:
    annotations = Annotations(tmp_path)
    assert annotations.tag([A], "x", removed=True) == annotations.note(A, "") == 0
    assert not annotations.path.exists()
    assert annotations.tag([A], "x") == annotations.note(A, "hm") == 1
    assert annotations.tag([A], "x") == annotations.note(A, "hm") == 0
    assert len(lines(tmp_path)) == 2


def test_a_note_is_replaced_and_an_empty_one_removes_it(tmp_path: Path) -> None:
    annotations = Annotations(tmp_path)
    annotations.note(A, "first")
    annotations.note(A, "second\nline", who="Ben")
    note = Annotations(tmp_path).of(A)[1]
    assert note is not None and (note.note, note.who) == ("second\nline", "Ben")
    annotations.note(A, "")
    assert Annotations(tmp_path).of(A) == ([], None) and Annotations(tmp_path).noted() == []


def test_a_line_may_hold_a_tag_and_a_note(tmp_path: Path) -> None:
    line = schema.Annotation(A, 1.0, tag="x", note="y")
    (tmp_path / schema.ANNOTATIONS_FILE).write_text(line.encode())
    assert Annotations(tmp_path).of(A) == ([line], line)


def test_damaged_lines_are_left_out_and_counted_and_a_torn_one_spoils_no_other(tmp_path: Path) -> None:
    annotations = Annotations(tmp_path)
    annotations.tag([A], "x")
    with annotations.path.open("ab") as file:
        file.write(b'{"digest": 5}\n\xff\n[]\n' + b"[" * 100_000 + b'\n{"digest": "')
    assert Annotations(tmp_path).tagged() == [(A, "x")]
    annotations.tag([B], "x")
    for reader in (annotations, Annotations(tmp_path)):
        assert reader.tagged() == [(A, "x"), (B, "x")]
        assert reader.damaged == 5


def test_a_replaced_or_deleted_file_is_read_from_its_start(tmp_path: Path) -> None:
    annotations = Annotations(tmp_path)
    annotations.tag([A], "x")
    aside = tmp_path / "aside"
    aside.write_text(schema.Annotation(B, 1.0, tag="y").encode())
    aside.replace(annotations.path)
    assert annotations.tagged() == [(B, "y")]
    annotations.path.unlink()
    assert annotations.tagged() == []


@pytest.mark.parametrize("bad", ["", " x", "a\nb", "x" * 41])
def test_an_invalid_tag_is_refused_and_nothing_is_written(tmp_path: Path, bad: str) -> None:
    with pytest.raises(schema.FormatError, match="a tag is 1 to 40"):
        Annotations(tmp_path).tag([A], bad)
    assert not (tmp_path / schema.ANNOTATIONS_FILE).exists()


def test_a_file_that_cannot_be_written_or_leads_out_of_the_run_is_a_sentence(tmp_path: Path) -> None:
    run, outside = tmp_path / "run", tmp_path / "outside"
    run.mkdir()
    (run / schema.ANNOTATIONS_FILE).symlink_to(outside)
    with pytest.raises(NotSaved, match="is outside the run folder"):
        Annotations(run).tag([A], "x")
    assert not outside.exists()
    (run / schema.ANNOTATIONS_FILE).unlink()
    (run / schema.ANNOTATIONS_FILE).mkdir()
    annotations = Annotations(run)
    with pytest.raises(NotSaved, match=r"cannot be written \(Is a directory\)"):
        annotations.tag([A], "x")
    assert annotations.problem == "annotations.jsonl cannot be read: Is a directory."
