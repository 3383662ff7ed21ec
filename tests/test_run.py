"""Run as a person calls it, read back from the files as any other tool would."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from logger import Run, schema
from tests.reading import info_of, metrics_of, predictions_of, samples_of, status_of, tile_of

RNG = np.random.default_rng(4)
IMAGES = RNG.integers(0, 256, (60, 12, 12, 3), dtype=np.uint8)
LABELS = RNG.integers(0, 3, 60)
P = RNG.dirichlet(np.ones(3), 60).astype(np.float32)
NAMES = ["cat", "dog", "frog"]


def test_logged_values_are_read_back(tmp_path: Path) -> None:
    with Run(tmp_path, "a", NAMES) as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS, sources=[f"{i}.png" for i in range(60)])
    rows, samples = predictions_of(run.path, 0), samples_of(run.path)
    assert [row["index"] for row in rows] == [row["index"] for row in samples] == list(range(60))
    for i, (row, sample) in enumerate(zip(rows, samples, strict=True)):
        assert row["label"] == sample["label"] == LABELS[i] and sample["source"] == f"{i}.png"
        assert row["predicted"] == P[i].argmax() and row["confidence"] == pytest.approx(P[i].max())
        assert row["probabilities"] == pytest.approx(P[i].tolist(), abs=1e-3)
        assert row["loss"] == pytest.approx(-math.log(P[i, LABELS[i]]), rel=1e-4)
        assert (tile_of(run.path, sample) == IMAGES[i]).all()
        assert sample["mean"] == pytest.approx(IMAGES[i].mean(), rel=1e-4)
        assert (sample["width"], sample["height"], sample["channels"], sample["dtype"]) == (12, 12, 3, "uint8")


def test_every_column_of_the_format_is_in_the_files(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS)
    assert list(samples_of(run.path)[0]) == list(schema.SAMPLE_COLUMNS)
    assert list(predictions_of(run.path, 0)[0]) == list(schema.PREDICTION_COLUMNS)


def test_pixels_are_stored_once_over_epochs_in_any_order(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS)
        order = RNG.permutation(60)
        run.log_predictions(1, IMAGES[order], probabilities=P[order], labels=LABELS[order])
        run.log_predictions(2, probabilities=P)
    assert len(samples_of(run.path)) == 60 and len(list((run.path / "sheets").iterdir())) == 1
    for epoch in (1, 2):
        for old, new in zip(predictions_of(run.path, 0), predictions_of(run.path, epoch), strict=True):
            assert new == {**old, "epoch": epoch}


def test_a_run_has_one_mapping_so_that_a_missing_division_shows(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, (IMAGES / 255).astype(np.float32), probabilities=P, labels=LABELS)
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS, split="train")
    assert (tile_of(run.path, samples_of(run.path)[0]) == IMAGES[0]).all()
    assert tile_of(run.path, samples_of(run.path, "train")[0], "train").min() == 255 * (IMAGES[0].min() > 0)


def test_two_samples_of_one_image_share_their_tile(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, np.concatenate([IMAGES, IMAGES[:5]]), probabilities=np.concatenate([P, P[:5]]))
    samples = samples_of(run.path)
    assert len(samples) == 65
    assert [(s["sheet"], s["tile"]) for s in samples[60:]] == [(s["sheet"], s["tile"]) for s in samples[:5]]


def test_samples_are_laid_out_by_label(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS)
    by_place = sorted(samples_of(run.path), key=lambda s: (s["sheet"], s["tile"]))
    assert [s["label"] for s in by_place] == sorted(LABELS.tolist())


def test_batches_add_up_to_one_file_for_the_epoch(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        for epoch in (0, 1):
            for at in range(0, 60, 25):
                part = slice(at, at + 25)
                run.log_predictions(epoch, IMAGES[part], probabilities=P[part], labels=LABELS[part])
    for epoch in (0, 1):
        assert [row["predicted"] for row in predictions_of(run.path, epoch)] == P.argmax(1).tolist()
    assert len(list((run.path / "samples").iterdir())) == 1


def test_an_epoch_that_is_logged_again_replaces_what_it_repeats(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS)
        run.log_predictions(1, probabilities=P)
        run.log_predictions(0, IMAGES[:10], probabilities=P[:10, ::-1], labels=LABELS[:10])
    predicted = [row["predicted"] for row in predictions_of(run.path, 0)]
    assert predicted == (2 - P[:10].argmax(1)).tolist() + P[10:].argmax(1).tolist()


def test_unlabelled_samples_have_a_prediction_and_no_loss(tmp_path: Path) -> None:
    labels = [None if i % 2 else int(y) for i, y in enumerate(LABELS)]
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=labels)
        run.log_predictions(0, IMAGES, probabilities=P, split="production")
    row = predictions_of(run.path, 0)[1]
    assert row["label"] is None and row["loss"] is None and row["predicted"] == P[1].argmax()
    assert all(row["label"] is None for row in predictions_of(run.path, 0, "production"))


def test_nan_outputs_are_invalid_and_nan_metrics_stay_nan(tmp_path: Path) -> None:
    p = P.copy()
    p[7] = np.nan
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=p, labels=LABELS)
        run.log_metrics(0, {"loss": math.nan, "val_loss": math.inf, "n": np.int64(3)})
    row = predictions_of(run.path, 0)[7]
    assert row["predicted"] == schema.INVALID and row["confidence"] is None and row["loss"] is None
    assert row["probabilities"] is None and predictions_of(run.path, 0)[8]["probabilities"] is not None
    [line] = metrics_of(run.path)
    assert math.isnan(line.values["loss"]) and line.values["val_loss"] == math.inf and line.values["n"] == 3
    for file in ("run.json", "status.json", "metrics.jsonl"):
        assert "NaN" not in (run.path / file).read_text().replace('"NaN"', "").replace("hold NaN or infinite", "")


def test_a_sample_of_weight_0_is_stored_and_counts_as_unlabelled(tmp_path: Path) -> None:
    weights = np.ones(60)
    weights[3] = 0
    with Run(tmp_path, "a") as run:
        run.log_samples(IMAGES, labels=LABELS, weights=weights)
        run.log_predictions(0, probabilities=P)
    assert predictions_of(run.path, 0)[3]["label"] is None
    assert samples_of(run.path)[3]["label"] == LABELS[3] and samples_of(run.path)[3]["weight"] == 0


def test_soft_labels_are_stored(tmp_path: Path) -> None:
    soft = np.eye(3, dtype=np.float32)[LABELS] * 0.9 + 0.1 / 3
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=soft)
    sample, row = samples_of(run.path)[0], predictions_of(run.path, 0)[0]
    assert sample["label"] == LABELS[0] and sample["soft_label"] == pytest.approx(soft[0].tolist(), abs=1e-3)
    assert row["loss"] == pytest.approx(-(soft[0] * np.log(P[0])).sum(), rel=1e-4)


def test_logits_passed_as_probabilities_are_detected_and_noted(tmp_path: Path, capsys) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=np.log(P) * 3, labels=LABELS)
    assert info_of(run.path).output["kind"] == "logits" and "read as logits" in info_of(run.path).notes[0]
    assert "read as logits" in capsys.readouterr().err


def test_above_100_classes_the_ten_highest_are_stored(tmp_path: Path) -> None:
    p = RNG.dirichlet(np.ones(1000) * 0.01, 60).astype(np.float32)
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=p, labels=LABELS + 900)
    for i, row in enumerate(predictions_of(run.path, 0)):
        best = np.argsort(-p[i], kind="stable")[:10]
        assert row["probabilities"] == sorted(row["probabilities"], reverse=True) and row["classes"][0] == best[0]
        assert row["probabilities"] == pytest.approx(p[i][best].tolist(), abs=1e-3)
        assert row["loss"] == pytest.approx(-math.log(max(p[i, LABELS[i] + 900], 1e-7)), rel=1e-4)


def test_large_images_are_reduced_and_their_originals_stored(tmp_path: Path) -> None:
    images = [RNG.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((200, 100), (50, 60), (97, 97), (200, 100))]
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, images, probabilities=P[:4])
    for image, sample in zip(images, samples_of(run.path), strict=True):
        assert max(sample["tile_width"], sample["tile_height"]) == min(96, max(image.shape))
        original = np.asarray(Image.open(schema.inside(run.path, sample["original"])))
        assert (original == image).all() and sample["digest"] in sample["original"]


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_overwritten(tmp_path: Path) -> None:
    paths = []
    for _ in range(3):
        with Run(tmp_path, "my run / 1", NAMES) as run:
            run.log_metrics(0, {"loss": 1.0})
        paths.append(run.path.name)
    assert paths == ["my-run-1", "my-run-1-2", "my-run-1-3"]
    assert info_of(tmp_path / "my-run-1").name == "my run / 1"


def test_an_exception_marks_the_run_failed_and_is_not_swallowed(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Run(tmp_path, "a") as run:
        run.log_metrics(0, {"loss": 1.0})
        raise KeyboardInterrupt
    status = status_of(run.path)
    assert status.state == "failed" and status.failure == "KeyboardInterrupt" and status.finished is not None


def test_cost_and_command_are_reported_at_the_end(tmp_path: Path, capsys) -> None:
    with Run(tmp_path, "a", epochs=2) as run:
        for epoch in range(2):
            run.log_predictions(epoch, IMAGES, probabilities=P, labels=LABELS)
            run.add_cost(predicting=0.5)
    status = status_of(run.path)
    assert (status.epoch, status.epochs, status.state, status.dropped) == (1, 2, "finished", 0)
    cost = status.cost
    assert cost["blocked"] == pytest.approx(cost["first_epoch"] + cost["last_epoch"])
    assert cost["predicting"] == 1.0 and cost["writing"] > 0
    on_disk = sum(file.stat().st_size for file in run.path.rglob("*") if file.is_file())
    assert on_disk * 0.8 < status.bytes < on_disk * 1.5
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"proofsheet: {run.path} finished; 60 val samples") and line.endswith(f" {tmp_path}")


def test_steps_are_logged_within_an_epoch(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_metrics(0, {"loss": 2.0}, step=10)
        run.log_metrics(None, {"loss": 1.5}, step=20)
        run.log_metrics(0, {"loss": 1.0})
    assert [(line.epoch, line.step) for line in metrics_of(run.path)] == [(0, 10), (None, 20), (0, None)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: run.log_predictions(-1, IMAGES, probabilities=P), "`epoch` must be a whole number from 0, got -1"),
        (lambda run: run.log_predictions(0.5, IMAGES, probabilities=P), "got 0.5"),
        (lambda run: run.log_predictions(0, IMAGES), "exactly one of probabilities, logits, predicted, got none"),
        (lambda run: run.log_predictions(0, IMAGES, probabilities=P, logits=P), "exactly one"),
        (lambda run: run.log_predictions(0, IMAGES[:5], probabilities=P), "expected 5, got 60"),
        (lambda run: run.log_predictions(0, IMAGES, probabilities=P, labels=[1]), "expected 60, got 1"),
        (lambda run: run.log_predictions(0, IMAGES, probabilities=P, sources=["a"]), "`sources`.*expected 60, got 1"),
        (lambda run: run.log_predictions(0, IMAGES, probabilities=P, split="dev"), "train, val, test, production"),
        (lambda run: run.log_predictions(0, probabilities=P), "No val samples are logged yet: pass `images` once"),
        (lambda run: run.log_metrics(None, {"a": 1}), "Pass the epoch"),
        (lambda run: run.log_metrics(0, [1.0]), "must be a dict of names and numbers, got list"),
        (lambda run: run.log_metrics("one", {"a": 1}), "`epoch` must be a whole number from 0, got 'one'"),
        (lambda run: run.log_metrics(0.5, {"a": 1}), "`epoch` must be a whole number from 0, got 0.5"),
        (
            lambda run: run.log_predictions(0, IMAGES, probabilities=LABELS),
            "as class indices are. Pass them as predicted=",
        ),
        (
            lambda run: run.log_predictions(0, IMAGES, predicted=LABELS, confidence=np.full(len(LABELS), 93.0)),
            "Divide percentages by 100",
        ),
        (lambda run: run.log_predictions(0, IMAGES, probabilities=P, confidence=P[:, 0]), "with `predicted` only"),
        (lambda run: run.log_metrics(0, [1]), "dict of names and numbers, got list"),
    ],
)
def test_invalid_arguments_raise_at_the_call_and_the_run_continues(tmp_path: Path, call, message) -> None:
    with Run(tmp_path, "a") as run:
        with pytest.raises((ValueError, TypeError), match=message):
            call(run)
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS)
    assert len(predictions_of(run.path, 0)) == 60 and status_of(run.path).errors == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("cat", r"must be a list of names, got the string 'cat'"),
        (["a", None], r"must be strings, got None for class 1"),
        ({"cat", "dog"}, "a set, which has no order"),
        ({"cat": 0, "dog": 2}, r"classes 0 to 1, got the indices \[0, 2\]"),
        ({"cat": "Katze"}, r"must be \{index: name\} or \{name: index\}"),
        ({0: "a", 2: "b"}, r"classes 0 to 1, got the indices \[0, 2\]"),
    ],
)
def test_invalid_class_names_raise_at_construction_and_leave_no_folder(tmp_path: Path, names, message) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        Run(tmp_path / "runs", class_names=names)
    assert not (tmp_path / "runs").exists()


def test_class_names_may_be_a_dict_and_a_wrong_count_is_noted(tmp_path: Path) -> None:
    with Run(tmp_path, "a", {1: "dog", 0: "cat"}) as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS)
    info = info_of(run.path)
    assert info.class_names == ["cat", "dog"] and info.classes == 3
    assert "2 names, but the model has 3 classes" in info.notes[0]


def test_another_number_of_classes_is_refused(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P)
        with pytest.raises(ValueError, match="have 3 classes, got 2"):
            run.log_predictions(1, probabilities=P[:, :2] / P[:, :2].sum(1, keepdims=True))


def test_a_run_without_samples_or_predictions_is_readable(tmp_path: Path) -> None:
    with Run(tmp_path, "empty") as run:
        pass
    with Run(tmp_path, "none") as none:
        none.log_predictions(0, IMAGES[:0], probabilities=P[:0], labels=LABELS[:0])
    assert status_of(run.path).state == "finished" and info_of(run.path).splits == {}
    assert status_of(none.path).errors == []


def test_logging_after_the_end_raises(tmp_path: Path) -> None:
    run = Run(tmp_path, "a")
    run.finish()
    run.finish()
    with pytest.raises(RuntimeError, match="is finished; open it again with Run"):
        run.log_metrics(0, {"a": 1})


def test_the_users_random_state_is_left_alone(tmp_path: Path) -> None:
    import random

    before = np.random.get_state()[1].tolist(), random.getstate()
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


def test_run_json_is_strict_json_whatever_the_config_holds(tmp_path: Path) -> None:
    with Run(tmp_path, "a", config={"x": math.nan, "f": print, "a": np.arange(3)}) as run:
        pass
    text = (run.path / "run.json").read_text()
    json.loads(text, parse_constant=lambda token: pytest.fail(token))


def test_the_planned_epochs_can_be_set_later(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.plan(7)
    assert status_of(run.path).epochs == 7


def test_logits_that_looked_like_probabilities_at_first_are_corrected_and_noted(tmp_path: Path) -> None:
    looks_like_scores = RNG.random((60, 3)).astype(np.float32)
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=looks_like_scores, labels=LABELS)
        run.log_predictions(1, probabilities=np.log(P) * 3)
    info = info_of(run.path)
    assert info.output["kind"] == "logits" and "Earlier epochs looked like probabilities" in info.notes[-1]
    assert [row["predicted"] for row in predictions_of(run.path, 1)] == P.argmax(1).tolist()


def test_a_samples_file_has_the_layout_of_its_sheets(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_samples(IMAGES, labels=LABELS)
    facts = json.loads(pq.read_schema(run.path / schema.samples_file("val", 0)).metadata[schema.METADATA_KEY.encode()])
    info = run.info.splits["val"]
    assert facts == {"format": schema.FORMAT, "cell": info.cell, "columns": info.columns}


def test_sixteen_bit_inputs_that_look_the_same_keep_their_histories_over_a_resume(tmp_path: Path) -> None:
    images = np.full((3, 8, 8, 1), 40_000, np.uint16)
    images[1] += 1
    images[2, 0, 0] = 65_535
    p = np.eye(3)
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, images, probabilities=p, labels=[0, 0, 0])
    with Run(tmp_path, "a", resume=True) as run:
        run.log_predictions(1, images[::-1], probabilities=p[::-1], labels=[0, 0, 0])
    assert [row["predicted"] for row in predictions_of(run.path, 1)] == [0, 1, 2]


def test_black_images_before_the_first_real_ones_do_not_decide_the_mapping(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    with Run(tmp_path, "a") as run:
        run.log_samples(np.zeros((2, 8, 8, 3), np.float32))
        run.log_samples((rng.random((4, 8, 8, 3)) * 255).astype(np.float32))
        assert run.info.display["rule"] == "[0, 255]" and not run.info.display["provisional"]
