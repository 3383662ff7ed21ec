"""A plain PyTorch loop with three calls on a Run: real handwritten digits, no download.

    python examples/pytorch_loop.py

Needs Proofsheet (pip install .), torch and scikit-learn. The same three calls work in any framework: they take numpy.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from proofsheet import Run

CLASSES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def main() -> None:
    """Read the arguments, train, log."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the run is written (default: runs)")
    parser.add_argument("--name", default="pytorch-digits", help="name of the run")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate")
    options = parser.parse_args()

    torch.manual_seed(0)
    digits = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)  # (N, 1, 8, 8), from 0 to 1
    labels = digits.target
    x, y = torch.from_numpy(images[:1200]), torch.from_numpy(labels[:1200])
    x_val, y_val = torch.from_numpy(images[1200:]), torch.from_numpy(labels[1200:])

    model = nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10)
    )
    optimizer = torch.optim.Adam(model.parameters(), options.rate)
    settings = {"framework": f"torch {torch.__version__}", "learning_rate": options.rate}
    with Run(options.runs, options.name, CLASSES, settings, epochs=options.epochs) as run:  # 1
        for epoch in range(options.epochs):
            losses = []
            model.train()
            for batch in torch.randperm(len(x)).split(64):
                loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())

            model.eval()
            with torch.no_grad():
                logits = model(x_val)
            accuracy = (logits.argmax(1) == y_val).float().mean()
            run.log_predictions(epoch, x_val, logits=logits, labels=y_val)  # 2
            run.log_metrics(epoch, {"loss": np.mean(losses), "val_accuracy": accuracy})  # 3
            print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, validation accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
