import json
import math
from pathlib import Path

import pytest

from logger import schema

INFO = schema.RunInfo(
    name="été / 50 % [a]",
    created=12.5,
    class_names=["cat", "犬"],
    classes=2,
    config={"rate": 0.1, "layers": [32, 64]},
    splits={"val": schema.SplitInfo(samples=10, available=100, seed=3, cell=32, columns=32)},
    notes=["one"],
)


def test_run_json_comes_back_as_it_was_written() -> None:
    assert schema.RunInfo.decode(INFO.encode()) == INFO


def test_status_comes_back_as_it_was_written() -> None:
    status = schema.Status("failed", 1.0, 2.0, failure="ValueError: no", cost={"blocked": 0.5}, errors=["x"])
    assert schema.Status.decode(status.encode()) == status


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, -1.5, 1e300])
def test_a_metric_keeps_its_value_and_its_line_is_strict_json(value: float) -> None:
    line = schema.MetricsLine({"loss": value, "acc": 0.5}, time=1.0, epoch=0).encode()
    json.loads(line, parse_constant=lambda token: pytest.fail(f"{token} is not JSON"))
    back = schema.MetricsLine.decode(line).values["loss"]
    assert back == value or (math.isnan(back) and math.isnan(value))
    assert line.endswith("\n") and line.count("\n") == 1


def test_readers_ignore_fields_they_do_not_know() -> None:
    text = json.dumps({**json.loads(INFO.encode()), "from_the_future": {"a": 1}})
    assert schema.RunInfo.decode(text) == INFO


def test_a_newer_format_is_refused_with_advice_to_upgrade() -> None:
    with pytest.raises(schema.FormatError, match=r"format 2.*reads up to 1.*Upgrade Proofsheet"):
        schema.RunInfo.decode('{"format": 2, "name": "a", "created": 1}')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "expected a JSON object, got list"),
        ('{"format": "1", "name": "a"}', "says format 1"),
        ('{"name": 5}', "`name` must be str, got int"),
        ('{"name": "a", "class_names": "cat"}', r"`class_names` must be list\[str\] | None, got str"),
    ],
)
def test_a_damaged_run_json_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(schema.FormatError, match=message):
        schema.RunInfo.decode(text)


@pytest.mark.parametrize("text", ["5", "{}", '{"values": {"a": "x"}}', '{"values": 3}', '{"values": {}, "epoch": "x"}'])
def test_a_damaged_metrics_line_is_refused(text: str) -> None:
    with pytest.raises(schema.FormatError):
        schema.MetricsLine.decode(text)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("resnet 50", "resnet-50"),
        ("../../etc/passwd", "etc-passwd"),
        ("run[1]", "run-1"),
        ("été", "t"),
        ("犬", "run"),
        ("", "run"),
        (".hidden", "hidden"),
        ("a" * 200, "a" * 80),
    ],
)
def test_a_folder_name_is_safe_for_any_run_name(name: str, safe: str) -> None:
    assert schema.safe_name(name) == safe


def test_file_names_are_parsed_as_they_are_made() -> None:
    assert schema.epoch_of(Path(schema.predictions_file("val", 7)).name) == 7
    assert schema.part_of(Path(schema.samples_file("train", 2)).name) == ("train", 2)
    assert schema.epoch_of("epoch=7.parquet.tmp") is None
    assert schema.part_of("other-00001.parquet") is None


def test_a_path_that_leaves_the_run_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "link").symlink_to(tmp_path)
    assert schema.inside(tmp_path / "run", "sheets/a.webp") == tmp_path / "run" / "sheets" / "a.webp"
    for outside in ("../secret", "/etc/passwd", "link/secret"):
        with pytest.raises(schema.FormatError, match="outside"):
            schema.inside(tmp_path / "run", outside)


@pytest.mark.parametrize(("index", "name"), [(0, "cat"), (1, "犬"), (5, "class 5"), (-1, "class -1")])
def test_a_class_without_a_name_keeps_its_number(index: int, name: str) -> None:
    assert INFO.class_name(index) == name


def test_plain_makes_strict_json_of_any_config() -> None:
    import numpy as np

    made = schema.plain({"a": np.float32(0.5), "b": np.arange(2), "c": math.nan, 1: {2}, "p": Path("x"), "f": print})
    assert made["a"] == 0.5 and made["b"] == [0, 1] and made["c"] == "NaN" and made["1"] == [2] and made["p"] == "x"
    json.loads(schema.encode_json(made))


DIGEST = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    "annotation",
    [
        schema.Annotation(DIGEST, 1.5, tag="blurry"),
        schema.Annotation(DIGEST, 1.5, tag="été; 50 % <b>", removed=True, who="Ana"),
        schema.Annotation(DIGEST, 1.5, note="two\nlines\t犬"),
        schema.Annotation(DIGEST, 1.5, note=""),
        schema.Annotation(DIGEST, 1.5, tag="x" * 40, note="x" * 2000, who="x" * 60),
    ],
)
def test_an_annotation_comes_back_as_it_was_written(annotation: schema.Annotation) -> None:
    line = annotation.encode()
    assert schema.Annotation.decode(line) == annotation
    assert line.endswith("\n") and line.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"tag": "a"}, "32 hex digits"),
        ({"digest": "../../etc", "tag": "a"}, "32 hex digits"),
        ({"digest": DIGEST}, "at least one of"),
        ({"digest": DIGEST, "tag": ""}, "a tag is 1 to 40"),
        ({"digest": DIGEST, "tag": " a"}, "without space at its ends"),
        ({"digest": DIGEST, "tag": "a\u202eb"}, "printable"),
        ({"digest": DIGEST, "tag": "x" * 41}, "a tag is 1 to 40"),
        ({"digest": DIGEST, "tag": 5}, "`tag` must be str"),
        ({"digest": DIGEST, "tag": "a", "removed": 1}, "`removed` must be bool"),
        ({"digest": DIGEST, "note": "x" * 2001}, "at most 2,000"),
        ({"digest": DIGEST, "note": "a\x00b"}, "control characters"),
        ({"digest": DIGEST, "note": "\ud800"}, "control characters"),
        ({"digest": DIGEST, "note": "a", "who": "x" * 61}, "at most 60"),
        ({"digest": DIGEST, "note": "a", "format": 2}, "Upgrade Proofsheet"),
    ],
)
def test_a_damaged_annotation_is_refused_with_the_reason(line: dict[str, object], message: str) -> None:
    with pytest.raises(schema.FormatError, match=message):
        schema.Annotation.decode(json.dumps({"time": 1.0, **line}))
