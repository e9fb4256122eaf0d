"""The corruptions of ImageNet-3DCC (arXiv:2203.01441): of a sensor, and from a depth map."""
