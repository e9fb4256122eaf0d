"""Pure tensor maths of sparse training: masks, distributions, schedules, rewiring, FLOPs."""
