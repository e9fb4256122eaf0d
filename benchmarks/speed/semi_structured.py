"""What 2:4 sparsity saves in reality: inference of a ViT with its 2:4 weights on the hardware's kernels.

Prints theoretical FLOPs over dense, measured time over dense (medians, alternating, CUDA only), and the largest
difference of the outputs between kernels and masks.

    python benchmarks/speed/semi_structured.py [--width 768] [--batch 256] [--rounds 30]
"""

import argparse
import statistics
import time

import torch
from torch import nn

import robench
from robench.sparse.semi_structured import semi_structured
from robench_models.vit import build as build_vit


def seconds(model: nn.Module, images: torch.Tensor) -> float:
    torch.cuda.synchronize()
    begin = time.perf_counter()
    with torch.inference_mode():
        model(images)
    torch.cuda.synchronize()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    model = build_vit(10, 3, 32, width=arguments.width)
    method = robench.method("nm-rigl")
    method.start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=100, seed=0)
    size = (3, 32, 32)
    print(f"theoretical FLOPs / dense  {robench.flops(model, size, method.masks) / robench.flops(model, size):.3f}")
    masked = model.to("cuda", torch.float16).eval()
    exported = semi_structured(masked)
    images = torch.randn(arguments.batch, *size, device="cuda", dtype=torch.float16)
    times: dict[str, list[float]] = {"masked": [], "exported": []}
    for _ in range(arguments.rounds + 5):
        times["masked"].append(seconds(masked, images))
        times["exported"].append(seconds(exported, images))
    median = {name: statistics.median(values[5:]) for name, values in times.items()}
    with torch.inference_mode():
        difference = (masked(images) - exported(images)).abs().max() / masked(images).abs().max()
    print(f"measured time / dense      {median['exported'] / median['masked']:.3f}  ({torch.cuda.get_device_name()})")
    print(f"largest relative difference of the outputs  {difference:.1e}")


if __name__ == "__main__":
    main()
