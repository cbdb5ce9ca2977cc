r"""Train the embedded model.

    python -m training.train encoder  --data D.npz --held-out H.npz --minutes 5 --out encoder.pt
    python -m training.train denoiser --data D.npz --held-out H.npz --encoder encoder.pt \
        --minutes 60 --out denoiser.pt

Learning rates follow the clock, so a run ends on time on any machine; checkpoints
are written every minute, and --resume continues from one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from training.denoiser import train_denoiser
from training.encoder import train_encoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["encoder", "denoiser"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True, help="length of the whole run")
    parser.add_argument(
        "--stop-after", type=float, help="stop this part of it after so many minutes; --resume goes on"
    )
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument(
        "--versions", type=int, default=2, help="how often each utterance is encoded for the denoiser"
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--every", type=float, default=60, help="seconds between scores")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)  # attention's smallest weights would cost a CPU dearly
    torch.set_float32_matmul_precision("high")
    device = torch.device(options.device)
    (train_encoder if options.what == "encoder" else train_denoiser)(options, device)


if __name__ == "__main__":
    main()
